"""How fulfilment orders are locked: an order and its lines first, by the department that keeps
them; then fulfilment orders by id, whose lock guards their lines and tasks; then shelves.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from commerce.ids import FulfilmentOrderId
from commerce.rows import locked
from commerce.warehouse.errors import HeldBack, NotInThisStatus
from commerce.warehouse.lifecycle import FulfilmentStatus
from commerce.warehouse.tables import FulfilmentLine, FulfilmentOrder
from kernel.uow import UnitOfWork


def lock_fulfilment(uow: UnitOfWork, fulfilment_order_id: str) -> FulfilmentOrder:
    """Lock a fulfilment order, freshly read; NotFound."""
    return locked(uow, FulfilmentOrder, "fulfilment_order", fulfilment_order_id)


def lock_for_work(
    uow: UnitOfWork, fulfilment_order_id: str, statuses: Collection[FulfilmentStatus]
) -> FulfilmentOrder:
    """Lock one in one of these statuses and not held back, or NotInThisStatus, HeldBack."""
    fulfilment = lock_fulfilment(uow, fulfilment_order_id)
    if fulfilment.status not in statuses:
        raise NotInThisStatus(fulfilment.id, fulfilment.status)
    if fulfilment.held_for is not None:
        raise HeldBack(fulfilment.id, fulfilment.held_for)
    return fulfilment


def lines_of(
    uow: UnitOfWork, fulfilment_order_ids: Collection[FulfilmentOrderId]
) -> Sequence[FulfilmentLine]:
    """Return the lines of fulfilment orders, freshly read; their order's lock guards them."""
    return uow.session.scalars(
        select(FulfilmentLine)
        .where(FulfilmentLine.fulfilment_order_id.in_(sorted(set(fulfilment_order_ids))))
        .order_by(FulfilmentLine.fulfilment_order_id, FulfilmentLine.position)
        .execution_options(populate_existing=True)
    ).all()
