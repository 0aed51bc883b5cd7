"""How purchase orders are locked and read: the order, then its lines, and shelves last."""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import bindparam, select

from commerce.ids import OrderLineId, PurchaseOrderId
from commerce.inventory.allocation import Demand
from commerce.inventory.goods import Source
from commerce.procurement.contents import OrderedLine, PurchaseContent
from commerce.procurement.errors import WrongPhase
from commerce.procurement.lifecycle import Phase
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from commerce.rows import locked
from kernel.audit import Subject
from kernel.db import prepared
from kernel.uow import UnitOfWork


def lock_order(
    uow: UnitOfWork, po_id: PurchaseOrderId, allowed: Collection[Phase] | None = None
) -> tuple[PurchaseOrder, Sequence[PurchaseOrderLine]]:
    """Lock an order, whose lock guards its lines, and read both afresh.

    NotFound; WrongPhase where the order is in none of the allowed phases.
    """
    order = locked(uow, PurchaseOrder, "purchase_order", po_id)
    if allowed is not None and order.phase not in allowed:
        raise WrongPhase(order.id, order.phase)
    return order, uow.session.scalars(_LINES_OF, {"order_id": order.id}).all()


_LINES_OF = prepared(
    select(PurchaseOrderLine)
    .where(PurchaseOrderLine.order_id == bindparam("order_id"))
    .order_by(PurchaseOrderLine.position)
    .execution_options(populate_existing=True)
)


def content_of(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> PurchaseContent:
    """Return what an order says as it stands."""
    said = [OrderedLine(line.sku_id, line.quantity, line.cost) for line in lines]
    return PurchaseContent(order.supplier_id, order.node_id, said)


def bought_for(lines: Sequence[PurchaseOrderLine]) -> OrderLineId | None:
    """Return the customer's line that an order is for, where there is one."""
    return next((line.order_line_id for line in lines if line.order_line_id), None)


def owed(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[Demand]:
    """Return the units that are incoming on an order: promised, and not received."""
    return [
        Demand(line.sku_id, order.node_id, line.promised - line.quantity_received)
        for line in lines
        if line.promised > line.quantity_received
    ]


def source_of(order: PurchaseOrder) -> Source:
    """Name the order as the document behind goods."""
    return Source("purchase_order", order.id)


def subject_of(order: PurchaseOrder) -> Subject:
    """Name the order as what an audit entry is about."""
    return Subject("purchase_order", order.id, order.version)


def phase_of(order: PurchaseOrder) -> Phase:
    """Return the phase as its type; the table admits no other words."""
    return cast(Phase, order.phase)
