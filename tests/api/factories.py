"""One of everything: how a tenant comes to have a thing, and a good body for every operation.

Tests that run over every route of the URL map ask here. A new route fails them until each part
of its address has a maker in MAKERS and each operation with a body has one in BODIES. What makers
write down, they mark with MARK, so that it can be looked for where it does not belong.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.ids import TenantId
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient

MARK = "hush-of-acme"


@dataclass
class World:
    """A tenant with a client, and the ids of what was made in it so far."""

    runtime: Runtime
    tenant_id: TenantId
    client: ApiClient
    ids: dict[str, str] = field(default_factory=dict)

    def id(self, part: str) -> str:
        """Return the id of the one thing that this part of an address names, made when needed."""
        assert part in MAKERS, f"tests/api/factories.py has no maker for <{part}>"
        if part not in self.ids:
            self.ids[part] = MAKERS[part](self)
        return self.ids[part]

    def post(self, address: str, body: Any) -> str:
        """Create something through the API and return its id."""
        answer = self.client.send("POST", address, body)
        assert answer.status_code == 201, answer.text
        return str(json.loads(answer.text)["id"])


IdOf = Callable[[str], str]

MAKERS: Mapping[str, Callable[[World], str]] = {
    "drawer_id": lambda world: world.post("/api/drawers", {"name": MARK, "spoons": 12}),
}

BODIES: Mapping[tuple[str, str], Callable[[IdOf], Any]] = {
    ("POST", "/api/drawers"): lambda _id: {"name": "Forks", "spoons": 1},
    ("PATCH", "/api/drawers/<drawer_id>"): lambda _id: {"spoons": 13},
}
