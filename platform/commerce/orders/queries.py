"""Reads of orders for screens, the API and reports: nothing here locks or changes anything.

As in the catalog, pages and routes ask for `orders:read`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from commerce.ids import ChannelId, CustomerId, OrderId, OrderLineId
from commerce.inventory.tables import Allocation
from commerce.keyset import PageWish, Slice, keyset_slice
from commerce.orders.tables import Customer, SalesOrder, SalesOrderLine
from kernel.errors import NotFound
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class OrderFilter:
    """Which orders a list shows; None means any."""

    phase: str | None = None
    channel_id: ChannelId | None = None
    customer_id: CustomerId | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class Figures:
    """What became of everything that was ordered, in lines and in units."""

    orders: int
    lines_by_phase: dict[str, int]
    units_ordered: int
    units_short: int
    lines_ever_backordered: int

    @property
    def lines(self) -> int:
        """All lines."""
        return sum(self.lines_by_phase.values())

    @property
    def first_time_fill_per_mille(self) -> int:
        """Lines whole at once, of 1,000 that were not held; 1,000 where there are none."""
        counted = self.lines - self.lines_by_phase.get("held", 0)
        return 1000 if not counted else (counted - self.lines_ever_backordered) * 1000 // counted


def orders(uow: UnitOfWork, wish: PageWish, only: OrderFilter | None = None) -> Slice[SalesOrder]:
    """List orders by their number."""
    only = only or OrderFilter()
    statement = select(SalesOrder)
    for column, wanted in (
        (SalesOrder.phase, only.phase),
        (SalesOrder.channel_id, only.channel_id),
        (SalesOrder.customer_id, only.customer_id),
        (SalesOrder.external_id, only.external_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return keyset_slice(uow, statement, [SalesOrder.number], wish)


def one_order(uow: UnitOfWork, order_id: str) -> SalesOrder:
    """Return an order; NotFound where this tenant has none."""
    order = uow.session.get(SalesOrder, (uow.tenant_id, order_id))
    if order is None:
        raise NotFound("order", order_id)
    return order


def one_line(uow: UnitOfWork, line_id: str) -> SalesOrderLine:
    """Return a line of an order; NotFound where this tenant has none."""
    line = uow.session.get(SalesOrderLine, (uow.tenant_id, line_id))
    if line is None:
        raise NotFound("order_line", line_id)
    return line


def lines_of(uow: UnitOfWork, order_id: OrderId) -> Sequence[SalesOrderLine]:
    """Return the lines of an order, by position."""
    return uow.session.scalars(
        select(SalesOrderLine)
        .where(SalesOrderLine.order_id == order_id)
        .order_by(SalesOrderLine.position)
    ).all()


def allocations_of(uow: UnitOfWork, line_ids: Sequence[OrderLineId]) -> Sequence[Allocation]:
    """Return what lines got and gave back, in the order in which they got it."""
    return uow.session.scalars(
        select(Allocation)
        .where(Allocation.order_line_id.in_(sorted(set(line_ids))))
        .order_by(Allocation.order_line_id, Allocation.id)
    ).all()


def customer_of(uow: UnitOfWork, order: SalesOrder) -> Customer:
    """Return who ordered."""
    return uow.session.get_one(Customer, (uow.tenant_id, order.customer_id))


def customers_of(uow: UnitOfWork, found: Sequence[SalesOrder]) -> dict[CustomerId, Customer]:
    """Return who ordered, for a page of orders."""
    wanted = {order.customer_id for order in found}
    rows = uow.session.scalars(select(Customer).where(Customer.id.in_(wanted)))
    return {row.id: row for row in rows}


def figures(uow: UnitOfWork) -> Figures:
    """Return what became of everything that was ordered so far."""
    phases = uow.session.execute(
        select(SalesOrderLine.phase, func.count()).group_by(SalesOrderLine.phase)
    )
    lines_by_phase = {phase: int(lines) for phase, lines in phases}
    ordered, short, ever = uow.session.execute(
        select(
            func.coalesce(func.sum(SalesOrderLine.quantity), 0),
            func.coalesce(func.sum(SalesOrderLine.quantity_short), 0),
            func.count(SalesOrderLine.backordered_at),
        )
    ).one()
    count = uow.session.scalar(select(func.count()).select_from(SalesOrder)) or 0
    return Figures(int(count), lines_by_phase, int(ordered), int(short), int(ever))
