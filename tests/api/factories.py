"""One of everything: how a tenant comes to have a thing, and a good body for every operation.

Tests that run over every route of the URL map ask here. A new route fails them until each part
of its address has a maker in MAKERS and each operation with a body has one in BODIES. What makers
write down, they mark with MARK, so that it can be looked for where it does not belong.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants import members
from tenants.webhooks.tables import WebhookDelivery, WebhookEndpoint
from tests.api.conftest import ApiClient
from tests.api.product_approval import APPROVE_PRODUCTS
from tests.api.trade_factories import TRADE_BODIES, TRADE_MAKERS
from tests.conftest import MONDAY
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task

OPERATOR = operator_actor("tests")
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
        if part not in self.ids:
            assert part in MAKERS, f"tests/api/factories.py has no maker for <{part}>"
            self.ids[part] = MAKERS[part](self)
        return self.ids[part]

    def post(self, address: str, body: Any) -> str:
        """Create something through the API and return its id."""
        answer = self.client.send("POST", address, body)
        assert answer.status_code == 201, answer.text
        return str(json.loads(answer.text)["id"])


IdOf = Callable[[str], str]

_EUROS = {"amount": "4.20", "currency": "EUR"}
_numbers = itertools.count(1)


def _code(prefix: str) -> str:
    """Return a code that nothing else in the tests has."""
    return f"{prefix}-{next(_numbers)}"


def _product(_id: IdOf) -> Any:
    return {"code": _code("MUG"), "name": MARK}


def _sku(id_of: IdOf) -> Any:
    return {"product_id": id_of("product_id"), "code": _code("BLUE"), "name": MARK}


def _supplier(_id: IdOf) -> Any:
    return {"code": _code("POTS"), "name": MARK, "country": "NL", "currency": "EUR"}


def _supplier_item(id_of: IdOf) -> Any:
    terms = {"cost": _EUROS, "lead_time_days": 7, "supplier_code": _code("P")}
    return {"supplier_id": id_of("supplier_id"), "sku_id": id_of("sku_id"), **terms}


def _node(_id: IdOf) -> Any:
    place = {"country": "NO", "latitude": "59.913868", "longitude": "10.752245"}
    return {"code": _code("OSLO"), "name": MARK, "kind": "store", **place}


def _channel(id_of: IdOf) -> Any:
    store = {"kind": "store", "currency": "EUR", "node_id": id_of("node_id")}
    return {"code": _code("SHOP"), "name": MARK, **store}


def _listing(id_of: IdOf) -> Any:
    offer = {"external_id": _code("X"), "price": _EUROS}
    return {"channel_id": id_of("channel_id"), "sku_id": id_of("sku_id"), **offer}


def _drawer(_id: IdOf) -> Any:
    return {"name": MARK, "spoons": 12}


def _made_with(resource: str, body: Callable[[IdOf], Any]) -> Callable[[World], str]:
    return lambda world: world.post(f"/api/{resource}", body(world.id))


def _rows(_id: IdOf) -> Any:
    return {"columns": ["code", "name"], "rows": [[_code("MUG"), MARK]]}


def _operation(world: World) -> str:
    answer = world.client.send(
        "POST", "/api/catalog-imports", _rows(world.id), Idempotency_Key=_code("import")
    )
    assert answer.status_code == 202, answer.text
    return str(json.loads(answer.text)["id"])


def _member(world: World) -> str:
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        return members.invite(uow, f"{MARK}@acme.example", MARK, ["buyer_lead"]).id


def _run(world: World) -> str:
    """Let a product be created under a definition that has it approved by a lead buyer."""
    world.id("member_id")
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        publish(uow, engine_of(uow), APPROVE_PRODUCTS)
    product_id = world.post("/api/products", _product(world.id))
    world.runtime.drain_all()
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        return uow.session.scalars(select(Run).where(Run.subject_id == product_id)).one().id


def _task(world: World) -> str:
    run_id = world.id("run_id")
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        return uow.session.scalars(select(Task).where(Task.run_id == run_id)).one().id


def _webhook(_id: IdOf) -> Any:
    return {"url": "https://hush.invalid/", "event_types": ["order.placed"], "description": MARK}


def _endpoint(world: World) -> str:
    """Add an endpoint as if it had answered its challenge; nothing waits for it."""
    identity = world.post("/api/webhooks", _webhook(world.id))
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        endpoint = uow.session.get_one(WebhookEndpoint, (world.tenant_id, identity))
        endpoint.state, endpoint.proven_at, endpoint.has_work = "enabled", uow.real_now, False
        uow.record("tests.prove", Subject("webhook", identity))
    return identity


def _delivery(world: World) -> str:
    """Leave a message that nobody sends: its endpoint has no work."""
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        row = WebhookDelivery(
            tenant_id=world.tenant_id, id=uow.new_id("whm"), endpoint_id=world.id("webhook_id"),
            event_id=uow.new_id("evt"), event_type="order.placed", state="taken",
            made_at=uow.real_now, attempts=1, settled_at=uow.real_now,
        )  # fmt: skip
        uow.session.add(row)
        uow.record("tests.leave", Subject("webhook", row.endpoint_id))
        return row.id


def _lent(id_of: IdOf) -> Any:
    """On a day of its own: the same two have one at a time."""
    begins = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=next(_numbers))
    persons = {"of_id": id_of("principal_id"), "to_id": id_of("stand_in_id")}
    dates = {"starts_at": begins, "ends_at": begins + timedelta(days=1)}
    return {**persons, **{name: at.isoformat() for name, at in dates.items()}, "reason": MARK}


def _delegation(world: World) -> str:
    key = {"Idempotency_Key": _code("delegation")}
    answer = world.client.send("POST", "/api/delegations", _lent(world.id), **key)
    assert answer.status_code == 201, answer.text
    return str(json.loads(answer.text)["id"])


def _active_member(world: World) -> str:
    with world.runtime.unit_of_work(world.tenant_id, OPERATOR) as uow:
        email = f"{_code('lead').lower()}@acme.example"
        member = members.invite(uow, email, MARK, ["buyer_lead"])
        member.status = "active"
        uow.record("tests.let_in", Subject("member", member.id))
        return member.id


MAKERS: Mapping[str, Callable[[World], str]] = {
    "member_id": _member,
    "principal_id": _active_member,
    "stand_in_id": _active_member,
    "delegation_id": _delegation,
    "operation_id": _operation,
    "run_id": _run,
    "task_id": _task,
    "webhook_id": _endpoint,
    "delivery_id": _delivery,
    "drawer_id": _made_with("drawers", _drawer),
    "product_id": _made_with("products", _product),
    "sku_id": _made_with("skus", _sku),
    "supplier_id": _made_with("suppliers", _supplier),
    "supplier_item_id": _made_with("supplier-items", _supplier_item),
    "node_id": _made_with("nodes", _node),
    "channel_id": _made_with("channels", _channel),
    "listing_id": _made_with("listings", _listing),
    **TRADE_MAKERS,
}

BODIES: Mapping[tuple[str, str], Callable[[IdOf], Any]] = {
    ("POST", "/api/drawers"): _drawer,
    ("PATCH", "/api/drawers/<drawer_id>"): lambda _id: {"spoons": 13},
    ("POST", "/api/webhooks"): _webhook,
    ("PATCH", "/api/webhooks/<webhook_id>"): lambda _id: {"description": "Orders"},
    ("POST", "/api/webhooks/<webhook_id>/replays"): lambda _id: {
        "since": MONDAY.isoformat(),
        "until": (MONDAY + timedelta(days=1)).isoformat(),
    },
    ("POST", "/api/tasks/<task_id>/votes"): lambda _id: {"decision": "approve"},
    ("POST", "/api/tasks/<task_id>/comments"): lambda _id: {"words": "Which supplier is it?"},
    ("POST", "/api/delegations"): _lent,
    ("POST", "/api/products"): _product,
    ("PATCH", "/api/products/<product_id>"): lambda _id: {"name": "Cup"},
    ("POST", "/api/skus"): _sku,
    ("PATCH", "/api/skus/<sku_id>"): lambda _id: {"name": "Cup, blue"},
    ("POST", "/api/catalog-imports"): _rows,
    ("POST", "/api/suppliers"): _supplier,
    ("PATCH", "/api/suppliers/<supplier_id>"): lambda _id: {"country": "DE"},
    ("POST", "/api/supplier-items"): _supplier_item,
    ("PATCH", "/api/supplier-items/<supplier_item_id>"): lambda _id: {"lead_time_days": 9},
    ("POST", "/api/nodes"): _node,
    ("PATCH", "/api/nodes/<node_id>"): lambda _id: {"city": "Oslo"},
    ("POST", "/api/channels"): _channel,
    ("PATCH", "/api/channels/<channel_id>"): lambda _id: {"name": "Shop"},
    ("POST", "/api/listings"): _listing,
    ("PATCH", "/api/listings/<listing_id>"): lambda _id: {"price": _EUROS},
    **TRADE_BODIES,
}
