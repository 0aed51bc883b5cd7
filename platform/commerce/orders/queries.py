"""Reads of orders for screens, the API and reports: nothing here locks or changes anything.

As in the catalog, pages and routes ask for `orders:read`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from commerce.ids import ChannelId, CustomerId, OrderId, OrderLineId, SkuId
from commerce.inventory.tables import Allocation
from commerce.keyset import PageWish, Slice, begins_with, keyset_slice, place_at
from commerce.orders.tables import Customer, OrderHold, SalesOrder, SalesOrderLine
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

NUMBER_DIGITS_MAX = 18


@dataclass(frozen=True)
class OrderFilter:
    """Which orders a list shows; None means any."""

    phase: str | None = None
    channel_id: ChannelId | None = None
    customer_id: CustomerId | None = None
    external_id: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    has_waiting_line: bool = False
    search: str = ""
    """The number, or how the channel's own number begins; nothing searched is every order."""


@dataclass(frozen=True)
class Waiting:
    """A line that waits for units of a SKU, and its order."""

    line: SalesOrderLine
    order: SalesOrder


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


OrderSort = Literal["number", "placed_at"]


def orders(
    uow: UnitOfWork, wish: PageWish, only: OrderFilter | None = None, *, by: OrderSort = "number"
) -> Slice[SalesOrder]:
    """List orders by their number, or by when customers placed them."""
    return keyset_slice(uow, orders_like(only or OrderFilter()), _sorted_by(by), wish)


def place_of_order(
    uow: UnitOfWork, only: OrderFilter, offset: int, *, by: OrderSort, descending: bool
) -> tuple[Any, ...] | None:
    """Return the sort values of an order by its place in the list, counted from one, or None."""
    return place_at(uow, orders_like(only), _sorted_by(by), offset, descending=descending)


def orders_like(only: OrderFilter) -> Select[SalesOrder]:
    """Return the query for the orders that a filter lets through, in no order."""
    statement = select(SalesOrder)
    for column, wanted in (
        (SalesOrder.phase, only.phase),
        (SalesOrder.channel_id, only.channel_id),
        (SalesOrder.customer_id, only.customer_id),
        (SalesOrder.external_id, only.external_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if only.placed_from is not None:
        statement = statement.where(SalesOrder.placed_at >= only.placed_from)
    if only.placed_before is not None:
        statement = statement.where(SalesOrder.placed_at < only.placed_before)
    if only.has_waiting_line:
        waits = exists().where(
            SalesOrderLine.tenant_id == SalesOrder.tenant_id,
            SalesOrderLine.order_id == SalesOrder.id,
            SalesOrderLine.phase == "backordered",
        )
        statement = statement.where(waits)
    if only.search:
        statement = statement.where(_is_searched(only.search))
    return statement


def how_many(uow: UnitOfWork, only: OrderFilter) -> int:
    """Count the orders that a filter lets through."""
    # Without the table's own columns, a filter that narrows nothing would count no table at all.
    counted = orders_like(only).with_only_columns(func.count(), maintain_column_froms=True)
    return int(uow.session.execute(counted).scalar_one())


def some_orders(uow: UnitOfWork, order_ids: Iterable[str]) -> dict[OrderId, SalesOrder]:
    """Return the orders with these ids, by id; missing ones are left out."""
    wanted = select(SalesOrder).where(SalesOrder.id.in_(sorted(set(order_ids))))
    return {order.id: order for order in uow.session.scalars(wanted)}


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


def holds_of(uow: UnitOfWork, order_id: OrderId) -> Sequence[OrderHold]:
    """Return why and when an order was held back, the newest first."""
    return uow.session.scalars(
        select(OrderHold).where(OrderHold.order_id == order_id).order_by(OrderHold.id.desc())
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


def waiting_for(uow: UnitOfWork, sku_id: SkuId, *, limit: int = 50) -> Sequence[Waiting]:
    """Return the lines that wait for a SKU, node by node in the order in which they are served."""
    rows = uow.session.execute(
        select(SalesOrderLine, SalesOrder)
        .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
        .where(SalesOrderLine.sku_id == sku_id, SalesOrderLine.phase == "backordered")
        .order_by(
            SalesOrderLine.node_id,
            SalesOrderLine.priority,
            SalesOrderLine.placed_at,
            SalesOrder.number,
            SalesOrderLine.position,
        )
        .limit(limit)
    )
    return [Waiting(line, order) for line, order in rows]


def some_lines(uow: UnitOfWork, line_ids: Sequence[str]) -> Sequence[SalesOrderLine]:
    """Return the lines with these ids; missing ones are left out."""
    wanted = select(SalesOrderLine).where(SalesOrderLine.id.in_(sorted(set(line_ids))))
    return uow.session.scalars(wanted.order_by(SalesOrderLine.id)).all()


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


def _sorted_by(by: OrderSort) -> list[InstrumentedAttribute[Any]]:
    if by == "placed_at":
        return [SalesOrder.placed_at, SalesOrder.number]
    return [SalesOrder.number]


def _is_searched(text: str) -> ColumnElement[bool]:
    external = begins_with(SalesOrder.external_id, text)
    # More digits than a number can have would not fit its column.
    if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX:
        return or_(SalesOrder.number == int(text), external)
    return external
