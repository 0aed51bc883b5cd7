"""Purchases for tests: each builder says only what the test is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from commerce.catalog.tables import Sku
from commerce.ids import OrderLineId, PurchaseOrderId, SupplierId
from commerce.inventory.invariants import STOCK_INVARIANTS, violations
from commerce.orders.invariants import ORDER_INVARIANTS
from commerce.procurement import service
from commerce.procurement.invariants import PURCHASE_INVARIANTS
from commerce.procurement.service import Need
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from kernel.access import Actor, Permission, system_actor
from kernel.ids import ActorId
from kernel.outbox import OutboxEvent
from tests.commerce.builders import a_supplier, terms
from tests.commerce.stock_builders import Merchant

WORKFLOW = system_actor("workflow").acting_for(ActorId("mem_bea"))
BUYER = frozenset({Permission("procurement:write"), Permission("procurement:approve")})
BEA = Actor(ActorId("mem_bea"), "member", "Bea", BUYER)
LEA = Actor(ActorId("mem_lea"), "member", "Lea", BUYER)


@dataclass(frozen=True)
class Desk:
    """A merchant's purchasing desk: mugs come from the pottery in 7 days, by the dozen or six."""

    merchant: Merchant
    supplier_id: SupplierId

    def need(self, quantity: int = 6, line: str | None = "line_1") -> Need:
        """Spell a need of mugs in Berlin."""
        for_line = OrderLineId(line) if line else None
        return Need(self.merchant.mug, quantity, self.merchant.berlin, for_line)

    def draft(
        self, quantity: int = 6, *, key: str = "d1", actor: Actor = WORKFLOW
    ) -> PurchaseOrder:
        """Draft a purchase order over mugs."""
        with self.merchant.work(actor) as uow:
            return service.draft_order(uow, self.need(quantity), key=key)

    def send(self, order: PurchaseOrder, *, key: str = "s1", digest: str | None = None) -> None:
        """Send an order as a workflow does."""
        with self.merchant.work(WORKFLOW) as uow:
            approved = digest or order.digest
            service.send_order(uow, order.id, approved_digest=approved, key=key)

    def deliver(self, order: PurchaseOrder, units: int, *, key: str = "del1") -> None:
        """Put units of the first line at the dock."""
        with self.merchant.work(WORKFLOW) as uow:
            service.record_delivery(uow, order.id, {1: units}, key=key)

    def receive(self, order: PurchaseOrder, *, key: str = "r1") -> service.Received:
        """Take what stands at the dock into stock."""
        with self.merchant.work(WORKFLOW) as uow:
            return service.receive_order(uow, order.id, key=key)

    def order(self, po_id: PurchaseOrderId) -> PurchaseOrder:
        """Read an order afresh."""
        with self.merchant.work() as uow:
            return uow.session.get_one(PurchaseOrder, (self.merchant.tenant_id, po_id))

    def lines(self, po_id: PurchaseOrderId) -> Sequence[PurchaseOrderLine]:
        """Read an order's lines."""
        with self.merchant.work() as uow:
            return uow.session.scalars(
                select(PurchaseOrderLine).where(PurchaseOrderLine.order_id == po_id)
            ).all()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what the events of a name say."""
        with self.merchant.work() as uow:
            rows = uow.session.scalars(
                select(OutboxEvent)
                .where(OutboxEvent.name == name)
                .order_by(OutboxEvent.written_in, OutboxEvent.id)
            )
            return [row.data for row in rows]

    def proves_sound(self) -> bool:
        """Assert every invariant of stock, orders and purchases."""
        with self.merchant.work() as uow:
            every = (*STOCK_INVARIANTS, *ORDER_INVARIANTS, *PURCHASE_INVARIANTS)
            assert violations(uow, every) == {}
        return True


def a_desk(merchant: Merchant) -> Desk:
    """Let the pottery sell mugs: 4.20 apiece, at least 6, in sixes."""
    with merchant.work() as uow:
        supplier = a_supplier(uow)
        mug = uow.session.get_one(Sku, (merchant.tenant_id, merchant.mug))
        terms(uow, supplier, mug, minimum_quantity=6, multiple_quantity=6)
        return Desk(merchant, supplier.id)
