"""An application with one face that knows its callers by a header, on the test database."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.test import TestResponse

from kernel.access import Actor, Permission
from kernel.errors import NotFound
from kernel.ids import ActorId, TenantId
from kernel.runtime import Runtime
from tests.conftest import ACME, GLOBEX
from web.application import new_application, problem_response
from web.faces import Caller, Face

ANA = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({Permission("catalog:read")}))
SLUGS = {"acme": ACME, "globex": GLOBEX}


def told(answer: TestResponse) -> dict[str, Any]:
    """Return the problem that an answer tells."""
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.text)
    return problem


class SlugsOnly:
    """A directory of two tenants, for addresses that name one."""

    def tenant_of(self, slug: str) -> TenantId:
        """Return the tenant with this slug."""
        if slug not in SLUGS:
            raise NotFound("tenant", slug)
        return SLUGS[slug]


def caller_by_header() -> Caller | None:
    """Believe the header `Caller: acme`, as no real face ever would."""
    slug = request.headers.get("Caller")
    return Caller(SLUGS[slug], ANA) if slug else None


@pytest.fixture
def make_app(runtime: Runtime) -> Callable[..., Flask]:
    """Make an application whose face owns `/t/`; cookies are trusted unless told otherwise."""

    def make(*, trusts_cookies: bool = False, **config: object) -> Flask:
        runtime.ports.directory = SlugsOnly()  # type: ignore[assignment] # What is asked of it.
        runtime.config = replace(runtime.config, **config)  # type: ignore[arg-type]
        face = Face(
            "portal",
            lambda path: path.startswith("/t/"),
            caller_by_header,
            problem_response,
            trusts_cookies,
        )
        return new_application(runtime, [face])

    return make
