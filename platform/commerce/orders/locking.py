"""How orders and their lines are locked: orders by id, then lines by id, then shelves.

Every verb that changes a line also changes what it makes of its order, so it holds both. Shelves
come last: `inventory` locks them, and holds nothing of orders.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import cast

from sqlalchemy import select

from commerce.ids import OrderId, OrderLineId
from commerce.orders.lifecycle import LinePhase, order_phase
from commerce.orders.tables import OrderHold, SalesOrder, SalesOrderLine
from kernel.errors import NotFound
from kernel.uow import UnitOfWork


def lock_lines(uow: UnitOfWork, line_ids: Collection[OrderLineId]) -> list[SalesOrderLine]:
    """Lock lines and, before them, their orders; freshly read, by id. NotFound for a stranger."""
    wanted = sorted(set(line_ids))
    order_ids = uow.session.scalars(
        select(SalesOrderLine.order_id).where(SalesOrderLine.id.in_(wanted)).distinct()
    )
    lock_orders(uow, order_ids)
    lines = uow.session.scalars(
        select(SalesOrderLine)
        .where(SalesOrderLine.id.in_(wanted))
        .order_by(SalesOrderLine.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(lines) < len(wanted):
        found = {line.id for line in lines}
        raise NotFound("order_line", next(each for each in wanted if each not in found))
    return list(lines)


def lock_orders(uow: UnitOfWork, order_ids: Iterable[OrderId]) -> Sequence[SalesOrder]:
    """Lock orders by id, freshly read."""
    return uow.session.scalars(
        select(SalesOrder)
        .where(SalesOrder.id.in_(sorted(set(order_ids))))
        .order_by(SalesOrder.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def lock_order(uow: UnitOfWork, order_id: OrderId) -> tuple[SalesOrder, list[SalesOrderLine]]:
    """Lock an order and then all its lines; freshly read, by position. NotFound."""
    found = lock_orders(uow, [order_id])
    if not found:
        raise NotFound("order", order_id)
    lines = uow.session.scalars(
        select(SalesOrderLine)
        .where(SalesOrderLine.order_id == order_id)
        .order_by(SalesOrderLine.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return found[0], sorted(lines, key=lambda line: line.position)


def enter(uow: UnitOfWork, line: SalesOrderLine, phase: LinePhase) -> None:
    """Put a locked line into a phase, since now."""
    if line.phase != phase:
        line.phase, line.phase_since = phase, uow.now


def settle_orders(uow: UnitOfWork, order_ids: Iterable[OrderId]) -> None:
    """Make orders what their lines and holds make of them, after either has changed."""
    wanted = sorted(set(order_ids))
    rows = uow.session.execute(
        select(SalesOrderLine.order_id, SalesOrderLine.phase).where(
            SalesOrderLine.order_id.in_(wanted)
        )
    )
    phases: dict[str, list[LinePhase]] = {}
    for order_id, phase in rows:
        phases.setdefault(order_id, []).append(cast(LinePhase, phase))
    held = set(
        uow.session.scalars(
            select(OrderHold.order_id).where(
                OrderHold.order_id.in_(wanted), OrderHold.ended_at.is_(None)
            )
        )
    )
    for order in uow.session.scalars(select(SalesOrder).where(SalesOrder.id.in_(wanted))):
        order.phase = order_phase(phases[order.id], is_held=order.id in held)
