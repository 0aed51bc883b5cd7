"""Every row that trade writes is proved by the audit log, and an edit behind its back is found."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from commerce.inventory import goods, service
from commerce.inventory.adjustments import propose_adjustment
from commerce.inventory.allocation import Demand
from commerce.inventory.service import Owner
from commerce.inventory.transfers import Carried, ship_transfer
from commerce.orders.service import (
    cancel_line,
    fulfil_order,
    hold_order,
    release_order,
    report_short,
    resume_order,
)
from commerce.orders.waiting import SERVE_WAITING
from commerce.procurement.asking import ask_supplier
from commerce.procurement.simulated_supplier import (
    SUPPLIER_LISTENS,
    next_answer_due,
    supplier_speaks,
)
from commerce.warehouse.leaving import ShortPick
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from kernel.verification import verify
from tests.commerce.order_builders import a_shop, mugs
from tests.commerce.purchase_builders import WORKFLOW, a_desk
from tests.commerce.stock_builders import Merchant
from tests.conftest import ACME, MONDAY, Cluster, found_tenant

TABLES = (
    "allocation", "command_record", "customer", "fulfilment_line", "fulfilment_order",
    "order_hold", "order_inbox", "purchase_order",
    "purchase_order_line", "reservation", "sales_order", "sales_order_line", "scheduled_answer",
    "shipment", "shipment_line", "short_pick",
    "stock_adjustment", "stock_balance", "stock_correction", "stock_receipt", "stock_receipt_line",
    "supplier_request", "transfer", "transfer_line", "warehouse_task",
)  # fmt: skip


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Acme as a sandbox with everything wired."""
    composed = Runtime(
        config,
        ports=Ports(),
        consumers=[SERVE_WAITING, SUPPLIER_LISTENS],
        sources=lambda open_unit: [supplier_speaks(open_unit)],
        clock=clock,
    )
    found_tenant(composed, ACME, "Acme Mugs", starts_at=MONDAY)
    yield composed
    composed.close()


def live_through_everything(shop: Merchant) -> None:
    """Let every table of trade have rows that were added and rows that were changed."""
    desk, counter = a_desk(shop), a_shop(shop)
    shop.stock(shop.mug, shop.berlin, 4)
    counter.place(mugs(6))
    counter.place(mugs(1, sku="TEAPOT"), number="A-2")
    with shop.work(WORKFLOW) as uow:
        ask_supplier(uow, desk.supplier_id, shop.mug, 6, key="ask")
    order = desk.draft(2)
    desk.send(order)
    shop.runtime.drain_all()
    while True:
        with shop.work() as uow:
            due = next_answer_due(uow)
            if due is None:
                break
            move_clock(uow, max(due, uow.now))
        shop.runtime.drain_all()
    desk.receive(order)
    shop.runtime.drain_all()
    with shop.work() as uow:
        shelf, owner = shop.shelf(shop.mug, shop.berlin), Owner("cart", "c")
        demand = Demand(shop.mug, shop.berlin, 1)
        goods.adjust(uow, shelf, 1, reason="found", key="adjust")
        ends = uow.now + timedelta(hours=1)
        held = service.reserve(uow, [demand], owner=owner, key="hold", expires_at=ends)
        service.release(uow, held, key="release")
    (line,) = counter.lines(counter.place(mugs(1), number="A-3"))
    with shop.work() as uow:
        cancel_line(uow, line.id, reason="regret", key="cancel")
    order_id = counter.place(mugs(1), number="A-4")
    counter.place(mugs(2), number="A-4", external_version=2)
    with shop.work() as uow:
        hold_order(uow, order_id, reason="fraud check", key="hold order")
        resume_order(uow, order_id, key="resume order")
        left = release_order(uow, order_id, key="release order")
        for identity in left:
            report_short(uow, identity, ShortPick(1, 1, "damaged"), key=f"short {identity}")
        fulfil_order(uow, order_id, key="fulfil order")
        carried = [Carried(shop.mug, 1)]
        ship_transfer(uow, carried, source=shop.berlin, target=shop.oslo, key="on the road")
        propose_adjustment(uow, shop.shelf(shop.mug, shop.berlin), 9, reason="found", key="nine")
    assert desk.proves_sound()


def test_every_row_of_trade_is_what_its_last_audit_entry_says(acme: Merchant) -> None:
    """AUD-02: recomputed from the rows as they are read back."""
    live_through_everything(acme)

    with acme.work() as uow:
        found = verify(uow, acme.runtime.seal)

    assert found.faults == []


def test_an_edited_row_of_every_table_of_trade_is_found(acme: Merchant, database: Cluster) -> None:
    """AUD-02: and the rows must be there, or there would be nothing to edit."""
    live_through_everything(acme)
    with psycopg.connect(database.superuser_url) as connection:
        for table in TABLES:
            edited = connection.execute(
                f"UPDATE {table} SET version = version + 5 WHERE ctid ="
                f" (SELECT ctid FROM {table} WHERE tenant_id = '{ACME}' LIMIT 1)"
            )
            assert edited.rowcount == 1, table

    with acme.work() as uow:
        found = verify(uow, acme.runtime.seal)

    assert {fault.table for fault in found.faults} == set(TABLES)
