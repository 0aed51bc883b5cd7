"""A whole merchant for tests of pages: everything composed, and mugs that must be bought."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from commerce.ids import OrderId
from commerce.inventory.adjustments import propose_adjustment
from commerce.inventory.transfers import Carried, ship_transfer
from commerce.orders.bulk import Chosen, start_bulk
from commerce.orders.queries import OrderFilter
from commerce.orders.service import place_order
from commerce.procurement.tables import PurchaseOrder
from kernel.access import Actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.exceptions import raise_exception
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants.identity.clients import create_client
from tenants.notifications.tables import Notification
from tenants.tables import Member
from tenants.views import save_view
from tenants.webhooks.endpoints import Keeping, Wanted, add_endpoint
from tenants.webhooks.tables import WebhookAttempt, WebhookDelivery
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.purchase_builders import Desk, a_desk
from tests.commerce.stock_builders import SHOP_SYSTEM, a_merchant
from tests.commerce.warehouse_builders import Dock
from tests.conftest import ACME, GLOBEX, found_tenant
from wareflow import compose
from workflow_engine.runtime.calendars import put_calendar
from workflow_engine.runtime.delegation_tables import DelegationRow
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.task_tables import Task

FLOW = Path(__file__).parent / "buy_what_is_missing.flow.json"


@dataclass(frozen=True)
class Trade:
    """A merchant whose shelves are empty: every mug that is ordered must be bought first.

    The pottery sells mugs by the half dozen at 4.20; from 20.00 on, a lead buyer approves.
    """

    shop: Shop
    desk: Desk

    @property
    def runtime(self) -> Runtime:
        """What all of it runs on."""
        return self.shop.merchant.runtime

    def order(
        self, number: str = "A-1", *, quantity: int = 2, actor: Actor = SHOP_SYSTEM
    ) -> OrderId:
        """Place an order of Carla's over mugs, and let everything follow that follows by itself."""
        with self.shop.merchant.work(actor) as uow:
            placed = place_order(uow, self.shop.order(mugs(quantity), number=number))
        self.runtime.drain_all()
        return placed.order_id

    def tasks(self, state: str = "open") -> list[Task]:
        """Return the tasks in a state, oldest first."""
        with self.shop.merchant.work() as uow:
            return list(
                uow.session.scalars(select(Task).where(Task.state == state).order_by(Task.id))
            )

    def purchases(self) -> list[PurchaseOrder]:
        """Return every purchase order, oldest first."""
        with self.shop.merchant.work() as uow:
            return list(uow.session.scalars(select(PurchaseOrder).order_by(PurchaseOrder.number)))


def whole_runtime(
    config: Config, clock: StoppedClock, *, starts_at: datetime | None = None
) -> Runtime:
    """Compose everything as the front door does, with ACME and GLOBEX founded.

    With `starts_at` they are sandboxes: their time stands still, and so do runs' timers, which
    the database judges by its own clock for others.
    """
    composed = compose(config, clock=clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed, tenant_id, name, starts_at=starts_at)
    return composed


def a_trade(runtime: Runtime, tenant_id: TenantId = ACME) -> Trade:
    """Open a merchant's shop and purchasing desk, and publish what buys what is missing."""
    merchant = a_merchant(runtime, tenant_id)
    with merchant.work() as uow:
        publish(uow, engine_of(uow), json.loads(FLOW.read_text()))
    return Trade(a_shop(merchant), a_desk(merchant))


def some_things(trade: Trade) -> dict[str, str]:
    """Make one of each thing that has a page of its own, and return their ids by route."""
    merchant = trade.shop.merchant
    merchant.stock(merchant.lamp, merchant.oslo, 40, key="things")
    order_id = trade.shop.place(mugs(3, sku="LAMP-RED"), number="L-1")
    trade.runtime.drain_all()
    (fulfilment_id,) = Dock(trade.shop).release(order_id)
    carried = [Carried(merchant.lamp, 4)]
    with merchant.work() as uow:
        transfer_id = ship_transfer(
            uow, carried, source=merchant.oslo, target=merchant.berlin, key="things/transfer"
        )
    shelf = merchant.shelf(merchant.lamp, merchant.oslo)
    with merchant.work() as uow:
        correction_id = propose_adjustment(
            uow, shelf, -5, reason="Broken in the aisle.", key="things/correction"
        )
    with merchant.work() as uow:
        cause = "SMTPConnectError after 8 attempts"
        exception_id = raise_exception(
            uow, kind="job.parked", subject=Subject("order", order_id), cause=cause
        )
        post = uow.ports.messages
        assert post is not None, "the front door fills the messages port"
        facts = {
            "slug": "acme", "tenant": "Acme Mugs", "name": "Nora", "inviter": "Ana",
            "token": "secret-token",
        }  # fmt: skip
        message_id = post.send(uow, to="nora@acme.example", template="invitation", facts=facts)
        uow.record("tests.send", Subject("message", message_id))
    with merchant.work() as uow:
        view_id = save_view(uow, "orders", "Held", "phase=held", shared=True).id
        bulk_id = start_bulk(uow, "hold", Chosen(OrderFilter(), (order_id,)), "Stocktaking.").id
    with merchant.work() as uow:
        client_id = create_client(uow, "Acme secret shop", ["catalog:read"]).client_id
        put_calendar(uow, "acme.hours", {"timezone": "Europe/Oslo", "holidays": ["2026-12-25"]})
    return {
        "client_id": client_id,
        **_a_webhook(trade),
        "calendar": "acme.hours",
        "view_id": view_id,
        "bulk_id": bulk_id,
        "fulfilment_id": fulfilment_id,
        "transfer_id": transfer_id,
        "correction_id": correction_id,
        "exception_id": exception_id,
        "message_id": message_id,
        "notification_id": _a_notification(trade, exception_id),
        "delegation_id": _a_delegation(trade),
    }


def _a_webhook(trade: Trade) -> dict[str, str]:
    """Add a proven endpoint and a message that it did not take; nobody sends to it."""
    keeping = Keeping(trade.runtime.secrets)
    wanted = Wanted("https://acme-secret-shop.invalid/", ("order.placed",), "Acme secret shop")
    with trade.shop.merchant.work() as uow:
        endpoint = add_endpoint(uow, keeping, wanted)
        endpoint.state, endpoint.proven_at, endpoint.has_work = "enabled", uow.real_now, False
        row = WebhookDelivery(
            tenant_id=uow.tenant_id, id=uow.new_id("whm"), endpoint_id=endpoint.id,
            event_id=uow.new_id("evt"), event_type="order.placed", state="given_up",
            made_at=uow.real_now, attempts=10, settled_at=uow.real_now,
        )  # fmt: skip
        uow.session.add(row)
        uow.session.flush()
        attempt = WebhookAttempt(
            tenant_id=uow.tenant_id, id=uow.new_id("wha"), endpoint_id=endpoint.id,
            delivery_id=row.id, at=uow.real_now, took_ms=31, status=500, verdict="failed",
            told="", answer="Acme secret shop is out of order",
        )  # fmt: skip
        uow.session.add(attempt)
        uow.record("tests.leave", Subject("webhook", endpoint.id))
        return {"webhook_id": endpoint.id, "delivery_id": row.id}


def _a_delegation(trade: Trade) -> str:
    """Let the second member answer for the first, next year: nothing counts by it now."""
    with trade.shop.merchant.work() as uow:
        ids = uow.session.scalars(select(Member.id).order_by(Member.id).limit(2)).all()
        delegation_id = uow.new_id("dlg")
        if ids:
            row = DelegationRow(
                tenant_id=uow.tenant_id, id=delegation_id, of_id=ids[0],
                to_id=ids[1] if len(ids) > 1 else "mem_gone", absence=True,
                starts_at=uow.now + timedelta(days=300),
                ends_at=uow.now + timedelta(days=307), made_at=uow.now, made_by=ids[0],
            )  # fmt: skip
            uow.session.add(row)
            uow.record("tests.lend", Subject("delegation", delegation_id))
    return delegation_id


def _a_notification(trade: Trade, exception_id: str) -> str:
    """Tell the first member of the problem, where there is anybody to tell."""
    with trade.shop.merchant.work() as uow:
        member_id = uow.session.scalars(select(Member.id).order_by(Member.id).limit(1)).first()
        notification_id = uow.new_id("ntf")
        if member_id is not None:
            row = Notification(
                tenant_id=uow.tenant_id, id=notification_id, member_id=member_id,
                event_id=uow.new_id("evt"), kind="problem", subject_kind="exception",
                subject_id=exception_id, facts={"kind": "job.parked", "cause": "It broke."},
                happened_at=uow.now, made_at=uow.now,
            )  # fmt: skip
            uow.session.add(row)
            uow.record("tests.tell", Subject("notification", notification_id))
    return notification_id
