"""How orders and their lines are locked: orders by id, then lines by id, then shelves.

Every verb that changes a line also changes what it makes of its order, so it holds both. Shelves
come last: `inventory` locks them, and holds nothing of orders.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar, cast

from sqlalchemy import Select, bindparam, select

from commerce.ids import OrderId, OrderLineId
from commerce.orders.lifecycle import LinePhase, order_phase
from commerce.orders.tables import OrderHold, SalesOrder, SalesOrderLine
from kernel.db import TenantOwned, among, prepared
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

Row = TypeVar("Row", bound=TenantOwned)


def _freshly_locked(statement: Select[Row]) -> Select[Row]:
    return prepared(
        statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


_ORDERS_OF = prepared(
    select(SalesOrderLine.order_id).where(among(SalesOrderLine.id, "ids")).distinct()
)
_LOCK_LINES = _freshly_locked(
    select(SalesOrderLine).where(among(SalesOrderLine.id, "ids")).order_by(SalesOrderLine.id)
)
_LOCK_LINES_OF = _freshly_locked(
    select(SalesOrderLine)
    .where(SalesOrderLine.order_id == bindparam("order_id"))
    .order_by(SalesOrderLine.id)
)
_LOCK_ORDERS = _freshly_locked(
    select(SalesOrder).where(among(SalesOrder.id, "ids")).order_by(SalesOrder.id)
)
_ORDERS = prepared(select(SalesOrder).where(among(SalesOrder.id, "ids")))
_PHASES = prepared(
    select(SalesOrderLine.order_id, SalesOrderLine.phase).where(
        among(SalesOrderLine.order_id, "ids")
    )
)
_HELD = prepared(
    select(OrderHold.order_id).where(among(OrderHold.order_id, "ids"), OrderHold.ended_at.is_(None))
)


def lock_lines(uow: UnitOfWork, line_ids: Collection[OrderLineId]) -> list[SalesOrderLine]:
    """Lock lines and, before them, their orders; freshly read, by id. NotFound for a stranger."""
    wanted = sorted(set(line_ids))
    lock_orders(uow, uow.session.scalars(_ORDERS_OF, {"ids": wanted}))
    lines = uow.session.scalars(_LOCK_LINES, {"ids": wanted}).all()
    if len(lines) < len(wanted):
        found = {line.id for line in lines}
        raise NotFound("order_line", next(each for each in wanted if each not in found))
    return list(lines)


def lock_orders(uow: UnitOfWork, order_ids: Iterable[OrderId]) -> Sequence[SalesOrder]:
    """Lock orders by id, freshly read."""
    return uow.session.scalars(_LOCK_ORDERS, {"ids": sorted(set(order_ids))}).all()


def lock_order(uow: UnitOfWork, order_id: OrderId) -> tuple[SalesOrder, list[SalesOrderLine]]:
    """Lock an order and then all its lines; freshly read, by position. NotFound."""
    found = lock_orders(uow, [order_id])
    if not found:
        raise NotFound("order", order_id)
    lines = uow.session.scalars(_LOCK_LINES_OF, {"order_id": order_id}).all()
    return found[0], sorted(lines, key=lambda line: line.position)


def enter(uow: UnitOfWork, line: SalesOrderLine, phase: LinePhase) -> None:
    """Put a locked line into a phase, since now."""
    if line.phase != phase:
        line.phase, line.phase_since = phase, uow.now


def settle_orders(uow: UnitOfWork, order_ids: Iterable[OrderId]) -> None:
    """Make orders what their lines and holds make of them, after either has changed."""
    wanted = sorted(set(order_ids))
    phases: dict[str, list[LinePhase]] = {}
    for order_id, phase in uow.session.execute(_PHASES, {"ids": wanted}):
        phases.setdefault(order_id, []).append(cast(LinePhase, phase))
    held = set(uow.session.scalars(_HELD, {"ids": wanted}))
    for order in uow.session.scalars(_ORDERS, {"ids": wanted}):
        order.phase = order_phase(phases[order.id], is_held=order.id in held)
