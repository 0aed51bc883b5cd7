"""Reads of purchases for screens, the API and reports: nothing here locks or changes anything.

As in the catalog, pages and routes ask for `procurement:read`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from commerce.ids import OrderLineId, PurchaseOrderId, SupplierId
from commerce.keyset import PageWish, Slice, keyset_slice
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine, SupplierRequest
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

NUMBER_DIGITS_MAX = 18


@dataclass(frozen=True)
class PurchaseFilter:
    """Which purchase orders a list shows; None means any."""

    phase: str | None = None
    supplier_id: SupplierId | None = None
    number: str | None = None
    """As somebody typed it: what is no number is the number of none."""


def purchase_orders(
    uow: UnitOfWork, wish: PageWish, only: PurchaseFilter | None = None
) -> Slice[PurchaseOrder]:
    """List purchase orders by their number."""
    only = only or PurchaseFilter()
    statement = select(PurchaseOrder)
    if only.phase is not None:
        statement = statement.where(PurchaseOrder.phase == only.phase)
    if only.supplier_id is not None:
        statement = statement.where(PurchaseOrder.supplier_id == only.supplier_id)
    if only.number is not None:
        statement = statement.where(PurchaseOrder.number == _read_number(only.number))
    return keyset_slice(uow, statement, [PurchaseOrder.number], wish)


def one_purchase_order(uow: UnitOfWork, po_id: str) -> PurchaseOrder:
    """Return a purchase order; NotFound where this tenant has none."""
    order = uow.session.get(PurchaseOrder, (uow.tenant_id, po_id))
    if order is None:
        raise NotFound("purchase_order", po_id)
    return order


def some_purchase_orders(uow: UnitOfWork, po_ids: Sequence[str]) -> Sequence[PurchaseOrder]:
    """Return the purchase orders with these ids, by number; missing ones are left out."""
    wanted = select(PurchaseOrder).where(PurchaseOrder.id.in_(sorted(set(po_ids))))
    return uow.session.scalars(wanted.order_by(PurchaseOrder.number)).all()


def lines_of(uow: UnitOfWork, po_id: PurchaseOrderId) -> Sequence[PurchaseOrderLine]:
    """Return the lines of a purchase order, by position."""
    return uow.session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.order_id == po_id)
        .order_by(PurchaseOrderLine.position)
    ).all()


def lines_of_some(uow: UnitOfWork, po_ids: Sequence[str]) -> Sequence[PurchaseOrderLine]:
    """Return the lines of some purchase orders, by order and position."""
    return uow.session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.order_id.in_(sorted(set(po_ids))))
        .order_by(PurchaseOrderLine.order_id, PurchaseOrderLine.position)
    ).all()


def bought_for(
    uow: UnitOfWork, line_ids: Sequence[OrderLineId]
) -> Sequence[tuple[PurchaseOrderLine, PurchaseOrder]]:
    """Return what was bought for customers' lines, with its purchase order, oldest first."""
    rows = uow.session.execute(
        select(PurchaseOrderLine, PurchaseOrder)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(PurchaseOrderLine.order_line_id.in_(sorted(set(line_ids))))
        .order_by(PurchaseOrder.number)
    )
    return [(line, order) for line, order in rows]


def asked_for(uow: UnitOfWork, line_ids: Sequence[OrderLineId]) -> Sequence[SupplierRequest]:
    """Return what suppliers were asked for customers' lines, oldest first."""
    return uow.session.scalars(
        select(SupplierRequest)
        .where(SupplierRequest.order_line_id.in_(sorted(set(line_ids))))
        .order_by(SupplierRequest.asked_at, SupplierRequest.id)
    ).all()


def purchases_by_phase(uow: UnitOfWork) -> dict[str, int]:
    """Return how many purchase orders are in each phase."""
    rows = uow.session.execute(
        select(PurchaseOrder.phase, func.count()).group_by(PurchaseOrder.phase)
    )
    return {phase: int(count) for phase, count in rows}


def _read_number(text: str) -> int:
    # More digits than a number can have would not fit its column; numbers begin with 1.
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else 0
