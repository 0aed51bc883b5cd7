"""The whole application as it is served, both faces, with an administrator in each tenant."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

import wareflow
from builder_ui.portal.signing_in import HASHER
from commerce.ids import OrderId
from commerce.orders.bulk import Chosen, start_bulk
from commerce.orders.queries import OrderFilter
from kernel.audit import AuditEntry, Subject
from kernel.exceptions import raise_exception
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants import access
from tenants.identity.clients import create_client
from tenants.identity.tables import MemberSession
from tenants.notifications.tables import Notification
from tenants.organisation import tree
from tenants.views import SavedView
from tests.api.conftest import ApiClient
from tests.api.conftest import runtime as runtime
from tests.api.conftest import sign_in as sign_in
from tests.api.factories import MARK, World
from tests.builder_ui.portal.conftest import BRIEF, OURS, Walker, close_streams
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House
from tests.tenants.conftest import house as house
from tests.workflow_engine.charts.charting import a_document
from workflow_engine.runtime.calendars import put_calendar
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish

# The part of a page's address that stands before `<identity>`, and what the API calls that.
_IDENTITIES: Mapping[str, str] = {
    "products": "product_id",
    "skus": "sku_id",
    "suppliers": "supplier_id",
    "supplier-items": "supplier_item_id",
    "nodes": "node_id",
    "channels": "channel_id",
    "listings": "listing_id",
    "imports": "import_id",
}

_CALLED: Mapping[str, str] = {
    "po_id": "purchase_order_id",
    "fulfilment_id": "fulfilment_order_id",
    "correction_id": "adjustment_id",
}


@dataclass
class Tenant:
    """A tenant with an administrator at a browser and a machine at the API."""

    slug: str
    house: House
    walker: Walker
    world: World

    def id(self, rule: str, part: str) -> str:
        """Return the id of the one thing that a part of an address names, made when needed."""
        key = _key(rule, part)
        if key in _OF_PAGES and key not in self.world.ids:
            self.world.ids[key] = _OF_PAGES[key](self)
        return self.world.id(key)

    @property
    def tenant_id(self) -> TenantId:
        """Whose it all is."""
        return self.world.tenant_id


def is_named(part: str) -> bool:
    """Tell whether a part of an address names something that a tenant owns."""
    return part not in ("slug", "key", "token", "path", "name", "status", "number")


def _key(rule: str, part: str) -> str:
    if part != "identity":
        return _CALLED.get(part, part)
    before = rule.split(f"/<{part}>")[0].rsplit("/", 1)[1]
    assert before in _IDENTITIES, f"tests/security/conftest.py knows no <identity> of {before}"
    return _IDENTITIES[before]


def _import(tenant: Tenant) -> str:
    rows = f"code,name\n{MARK},{MARK}\n".encode()
    answer = tenant.walker.client.post(
        tenant.walker.address("catalog/imports/new"),
        data={"file": (BytesIO(rows), "mugs.csv")},
        headers=OURS,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def _role(tenant: Tenant) -> str:
    with tenant.house.open(tenant.tenant_id) as uow:
        return access.create_role(uow, "marked", MARK, MARK, ["catalog:read"]).id


def _unit(tenant: Tenant) -> str:
    with tenant.house.open(tenant.tenant_id) as uow:
        return tree.add_unit(uow, "company", "marked", MARK).id


def _session(tenant: Tenant) -> str:
    tenant.walker.open("me")
    with tenant.house.open(tenant.tenant_id) as uow:
        return str(uow.session.scalars(select(MemberSession.id)).first())


def _entry(tenant: Tenant) -> str:
    with tenant.house.open(tenant.tenant_id) as uow:
        return str(uow.session.scalars(select(AuditEntry.id)).first())


def _workflow(tenant: Tenant) -> str:
    body = a_document({"id": "packing", "type": "final", "outcome": "success"})
    with tenant.house.open(tenant.tenant_id) as uow:
        return publish(uow, engine_of(uow), body | {"key": MARK, "name": MARK}).key


def _view(tenant: Tenant) -> str:
    assert tenant.walker.send("orders/views?phase=held", name=MARK).status_code == 303
    with tenant.house.open(tenant.tenant_id) as uow:
        return str(uow.session.scalars(select(SavedView.id)).first())


def _bulk(tenant: Tenant) -> str:
    chosen = Chosen(OrderFilter(), (OrderId(tenant.world.id("order_id")),))
    with tenant.house.open(tenant.tenant_id) as uow:
        return start_bulk(uow, "hold", chosen, MARK).id


def _problem(tenant: Tenant) -> str:
    subject = Subject("order", tenant.world.id("order_id"))
    with tenant.house.open(tenant.tenant_id) as uow:
        return raise_exception(uow, kind="job.parked", subject=subject, cause=MARK)


def _message(tenant: Tenant) -> str:
    facts = {"slug": "x", "tenant": "x", "name": MARK, "inviter": "x", "token": "x"}
    with tenant.house.open(tenant.tenant_id) as uow:
        sent = tenant.house.post.send(uow, to="a@b.example", template="invitation", facts=facts)
        uow.record("tests.send", Subject("message", sent))
        return sent


def _notification(tenant: Tenant) -> str:
    _problem(tenant)
    with tenant.house.open(tenant.tenant_id) as uow:
        member = uow.session.scalars(select(MemberSession.member_id)).first()
        row = Notification(
            tenant_id=uow.tenant_id, id=uow.new_id("ntf"), member_id=str(member),
            event_id=uow.new_id("evt"), kind="problem", subject_kind="exception",
            subject_id=MARK, facts={"kind": "job.parked", "cause": MARK},
            happened_at=uow.now, made_at=uow.now,
        )  # fmt: skip
        uow.session.add(row)
        uow.record("tests.tell", Subject("notification", row.id))
        return row.id


def _client(tenant: Tenant) -> str:
    with tenant.house.open(tenant.tenant_id) as uow:
        return create_client(uow, MARK, ["catalog:read"]).client_id


def _calendar(tenant: Tenant) -> str:
    with tenant.house.open(tenant.tenant_id) as uow:
        return put_calendar(uow, MARK, {}).id


_OF_PAGES: Mapping[str, Callable[[Tenant], str]] = {
    "import_id": _import,
    "role_id": _role,
    "unit_id": _unit,
    "session_id": _session,
    "entry_id": _entry,
    "workflow": _workflow,
    "view_id": _view,
    "bulk_id": _bulk,
    "exception_id": _problem,
    "message_id": _message,
    "client_id": _client,
    "notification_id": _notification,
    "calendar": _calendar,
}


@pytest.fixture
def app(runtime: Runtime) -> Iterator[Flask]:
    """The application that gunicorn serves; its browser code must have been built."""
    composed = wareflow.create_app(runtime, streams=BRIEF)
    yield composed
    close_streams(composed)


@pytest.fixture
def tenants(app: Flask, house: House, sign_in: Callable[..., ApiClient]) -> tuple[Tenant, Tenant]:
    """ACME, whose things are looked for, and GLOBEX, who looks for them."""
    app.extensions[HASHER] = house.hasher  # A quick one: people sign in often here.

    def one(slug: str, tenant_id: TenantId, email: str) -> Tenant:
        house.member(email, "administrator", tenant_id=tenant_id)
        walker = Walker(app.test_client(), slug)
        assert walker.sign_in(email).status_code == 303
        return Tenant(slug, house, walker, World(house.runtime, tenant_id, sign_in(slug)))

    return (
        one("acme", ACME, "ana@acme.example"),
        one("globex", GLOBEX, "gus@globex.example"),
    )
