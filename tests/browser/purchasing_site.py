"""A merchant who buys what its customers wait for, with the house's own workflows, and a rival."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep

from sqlalchemy import select

from commerce.catalog.contents import SkuContent, SupplierContent
from commerce.catalog.tables import Sku
from commerce.orders.contents import CustomerContent
from commerce.orders.service import place_order
from commerce.procurement.schedule_table import ScheduledAnswer
from commerce.procurement.simulated_supplier import next_answer_due
from commerce.procurement.tables import PurchaseOrder
from kernel.access import Actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.tenancy import move_clock
from tenants.verticals.adopting import adopt_definitions
from tests.browser.merchant_site import merchant_site
from tests.commerce.builders import POTTERY, a_sku, a_supplier, terms
from tests.commerce.order_builders import a_shop, mugs
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import ACME, GLOBEX, MONDAY
from tests.tenants.conftest import House
from workflow_engine.runtime.task_tables import Task

BERGEN_LIGHT = SupplierContent("LIGHT", "Lighthouse of Bergen", "NO", "EUR")
TEAPOT = SkuContent("TEAPOT", "Teapot, white")
CARLA = CustomerContent("C-1", "Carla", "gold", email="carla@example.com")
GREG = CustomerContent("C-2", "Greg", "silver", email="greg@example.com")
NILS = CustomerContent("C-3", "Nils", "basic", email="nils@example.com")
FRIDAY = MONDAY + timedelta(days=4, hours=6, minutes=30)
ARRIVED = MONDAY + timedelta(days=16)
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Purchasing:
    """The served portal of ACME, where three purchases wait for a lead buyer."""

    address: str
    merchant: Merchant

    def goods_come(self) -> None:
        """Let suppliers deliver what was sent to them, and workers take it in."""

        def both_suppliers_know() -> bool:
            with self.merchant.work() as uow:
                answers = select(ScheduledAnswer.subject_id).where(
                    ScheduledAnswer.state == "waiting"
                )
                return len(set(uow.session.scalars(answers))) == 2

        def nothing_is_on_its_way() -> bool:
            with self.merchant.work() as uow:
                rows = uow.session.scalars(select(PurchaseOrder.phase))
                return sorted(rows) == ["received", "received", "voided"]

        eventually(both_suppliers_know)
        time_passes(self.merchant, ARRIVED)
        eventually(nothing_is_on_its_way)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, as the workers beside the portal get to it."""
    for _ in range(PATIENCE_SECONDS * 10):
        if holds():
            return
        sleep(0.1)
    raise AssertionError("waited in vain")


@contextmanager
def purchasing_site(house: House, config: Config, clock: StoppedClock) -> Iterator[Purchasing]:
    """Serve ACME on a Friday afternoon; GLOBEX has the same trade, and orders of its own."""
    sellers = {}
    for tenant_id, domain in ((ACME, "acme.example"), (GLOBEX, "globex.example")):
        for name, role in (("lea", "buyer_lead"), ("olga", "operations_lead")):
            house.member(f"{name}@{domain}", role, tenant_id=tenant_id)
        sellers[tenant_id] = house.member(f"sam@{domain}", "customer_service", tenant_id=tenant_id)
    # Before there are workers: which day a supplier is asked must not hang on who is quicker.
    merchants = [_trade(house.runtime, clock, *each) for each in sellers.items()]
    with merchant_site(config, clock) as served:
        yield Purchasing(served.address, merchants[0])


def _trade(runtime: Runtime, clock: StoppedClock, tenant_id: TenantId, seller: Actor) -> Merchant:
    """Open a shop that lacks mugs, lamps and teapots, and take an order of each within a week."""
    merchant = a_merchant(runtime, tenant_id)
    _suppliers(merchant)
    adopt_definitions(runtime, tenant_id.removeprefix("ten_"))
    merchant.stock(merchant.mug, merchant.berlin, 10)
    merchant.stock(merchant.lamp, merchant.berlin, 4)
    shop = a_shop(merchant)
    for passed, number, customer, line in (
        (timedelta(0), "SHOP-1001", CARLA, mugs(180, price="2160.00")),
        (timedelta(days=1), "SHOP-1002", GREG, mugs(24, sku="LAMP-RED", price="1896.00")),
        (timedelta(days=2, hours=7), "SHOP-1003", NILS, mugs(60, sku="TEAPOT", price="1140.00")),
    ):
        time_passes(merchant, MONDAY + passed, clock)
        with merchant.work(seller) as uow:
            content = shop.order(line, number=number, customer=customer, placed_at=MONDAY + passed)
            place_order(uow, content)
        runtime.drain_all()
    time_passes(merchant, FRIDAY, clock)
    assert _waiting(merchant) == 3
    return merchant


def time_passes(merchant: Merchant, until: datetime, clock: StoppedClock | None = None) -> None:
    """Let suppliers say and deliver what is due by then; workers do what follows.

    With a clock the real time goes along, as it does for who is not signed in meanwhile.
    """
    while True:
        with merchant.work() as uow:
            due = next_answer_due(uow)
            then = until if due is None or due > until else due
            move_clock(uow, max(then, uow.now))
        if clock is not None:
            clock.pass_time(max(timedelta(0), then - clock.now()))
        if then is until:
            break
        merchant.runtime.drain_all()
        sleep(0.2)  # The served worker may still be about what it took meanwhile.
    merchant.runtime.drain_all()


def _suppliers(merchant: Merchant) -> None:
    with merchant.work() as uow:
        pottery, light = a_supplier(uow, POTTERY), a_supplier(uow, BERGEN_LIGHT)
        mug = uow.session.get_one(Sku, (merchant.tenant_id, merchant.mug))
        lamp = uow.session.get_one(Sku, (merchant.tenant_id, merchant.lamp))
        teapot = a_sku(uow, TEAPOT)
        terms(uow, pottery, mug, "4.20", minimum_quantity=12, multiple_quantity=12)
        terms(uow, light, lamp, "38.00", multiple_quantity=4)
        terms(uow, pottery, teapot, "18.50", multiple_quantity=6)


def _waiting(merchant: Merchant) -> int:
    with merchant.work() as uow:
        waits = select(Task).where(Task.state == "open", Task.kind == "approval")
        return len(uow.session.scalars(waits).all())
