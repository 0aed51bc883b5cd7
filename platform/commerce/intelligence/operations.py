"""How trade runs: orders, what waits, how much was whole at once, and how long parcels took.

Each figure is about the orders that customers placed in a span of time, of one channel or all.
Everything is added up by the database, in a few statements whatever the number of orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, select

from commerce.ids import ChannelId
from commerce.orders.policy import READ_ORDERS
from commerce.orders.tables import SalesOrder, SalesOrderLine
from commerce.warehouse.tables import Shipment
from kernel.money import Money
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Span:
    """Orders placed from an instant until before another, by days of a time zone."""

    begins_at: datetime
    ends_at: datetime
    time_zone: str
    channel_id: ChannelId | None = None


@dataclass(frozen=True)
class Day:
    """One day's orders, their lines, and how many of the lines were ever backordered."""

    on: date
    orders: int
    lines: int
    backordered: int


@dataclass(frozen=True)
class Wait:
    """A line that waits for units, and since when."""

    order_id: str
    number: int
    position: int
    sku_code: str
    quantity_short: int
    since: datetime


@dataclass(frozen=True)
class Operations:
    """The figures of a span. `values` are exact sums, one per currency.

    `lines` leaves held ones out: nobody knows yet whether they can be met. `cycle` is the median
    time from the order to its parcels, None where none left.
    """

    orders: int
    values: Sequence[Money]
    orders_by_phase: dict[str, int]
    lines: int
    lines_backordered_ever: int
    lines_waiting: int
    units_short: int
    cycle: timedelta | None
    shipments: int
    days: Sequence[Day]
    cycles: Sequence[tuple[date, timedelta]]

    @property
    def fill_rate(self) -> Decimal | None:
        """Return the share of lines that were whole at once; None where there are none."""
        whole = self.lines - self.lines_backordered_ever
        return Decimal(whole) / self.lines if self.lines else None


def operations(uow: UnitOfWork, span: Span) -> Operations:
    """Return the figures of a span."""
    uow.actor.must(READ_ORDERS)
    phases, values = _orders(uow, span)
    lines, ever, waiting, short = _lines(uow, span)
    cycle, shipments = _cycle(uow, span)
    return Operations(
        orders=sum(phases.values()),
        values=values,
        orders_by_phase=phases,
        lines=lines,
        lines_backordered_ever=ever,
        lines_waiting=waiting,
        units_short=short,
        cycle=cycle,
        shipments=shipments,
        days=_days(uow, span),
        cycles=_cycles(uow, span),
    )


def oldest_waiting(uow: UnitOfWork, span: Span, *, limit: int) -> Sequence[Wait]:
    """Return the lines of a span that have waited longest, the longest first."""
    uow.actor.must(READ_ORDERS)
    line = SalesOrderLine
    columns = (
        line.order_id,
        SalesOrder.number,
        line.position,
        line.sku_code,
        line.quantity_short,
        line.phase_since,
    )
    waiting = _of_lines(span, *columns).where(line.phase == "backordered")
    if span.channel_id is None:
        waiting = waiting.join(SalesOrder, _is_line_of())
    ordered = waiting.order_by(line.phase_since, SalesOrder.number, line.position).limit(limit)
    return [Wait(*row) for row in uow.session.execute(ordered)]


def _orders(uow: UnitOfWork, span: Span) -> tuple[dict[str, int], list[Money]]:
    rows = uow.session.execute(
        _of_orders(
            span,
            SalesOrder.phase,
            SalesOrder.total_currency,
            func.count(),
            func.sum(SalesOrder.total_minor),
        ).group_by(SalesOrder.phase, SalesOrder.total_currency)
    ).all()
    phases: dict[str, int] = {}
    sums: dict[str, int] = {}
    for phase, currency, count, minor in rows:
        phases[phase] = phases.get(phase, 0) + int(count)
        sums[currency] = sums.get(currency, 0) + int(minor)
    return phases, [Money(minor, currency) for currency, minor in sorted(sums.items())]


def _lines(uow: UnitOfWork, span: Span) -> tuple[int, int, int, int]:
    line = SalesOrderLine
    counted, ever, waiting, short = uow.session.execute(
        _of_lines(
            span,
            func.count().filter(line.phase != "held"),
            func.count(line.backordered_at).filter(line.phase != "held"),
            func.count().filter(line.phase == "backordered"),
            func.coalesce(func.sum(line.quantity_short), 0),
        )
    ).one()
    return int(counted), int(ever), int(waiting), int(short)


def _days(uow: UnitOfWork, span: Span) -> list[Day]:
    placed = _day(SalesOrder.placed_at, span)
    orders = uow.session.execute(_of_orders(span, placed, func.count()).group_by(placed)).all()
    line, lined = SalesOrderLine, _day(SalesOrderLine.placed_at, span)
    counts = _of_lines(
        span,
        lined,
        func.count().filter(line.phase != "held"),
        func.count(line.backordered_at).filter(line.phase != "held"),
    ).group_by(lined)
    lines = {on: (int(count), int(ever)) for on, count, ever in uow.session.execute(counts)}
    return [Day(on, int(count), *lines.get(on, (0, 0))) for on, count in sorted(orders)]


def _cycle(uow: UnitOfWork, span: Span) -> tuple[timedelta | None, int]:
    took = Shipment.shipped_at - SalesOrder.placed_at
    median = func.percentile_disc(0.5).within_group(took)
    found, count = uow.session.execute(_of_shipments(span, median, func.count())).one()
    return found, int(count)


def _cycles(uow: UnitOfWork, span: Span) -> list[tuple[date, timedelta]]:
    left, took = _day(Shipment.shipped_at, span), Shipment.shipped_at - SalesOrder.placed_at
    median = func.percentile_disc(0.5).within_group(took)
    rows = uow.session.execute(_of_shipments(span, left, median).group_by(left))
    return sorted((on, median) for on, median in rows)


def _of_orders(span: Span, *columns: Any) -> Select[Any]:
    placed = SalesOrder.placed_at
    statement = select(*columns).select_from(SalesOrder)
    statement = statement.where(placed >= span.begins_at, placed < span.ends_at)
    if span.channel_id is not None:
        statement = statement.where(SalesOrder.channel_id == span.channel_id)
    return statement


def _of_lines(span: Span, *columns: Any) -> Select[Any]:
    # A line knows when its order was placed; only a channel has to be asked of the order.
    placed = SalesOrderLine.placed_at
    statement = select(*columns).select_from(SalesOrderLine)
    statement = statement.where(placed >= span.begins_at, placed < span.ends_at)
    if span.channel_id is not None:
        statement = statement.join(SalesOrder, _is_line_of())
        statement = statement.where(SalesOrder.channel_id == span.channel_id)
    return statement


def _of_shipments(span: Span, *columns: Any) -> Select[Any]:
    of_order = (SalesOrder.tenant_id == Shipment.tenant_id) & (SalesOrder.id == Shipment.order_id)
    return _of_orders(span, *columns).join(Shipment, of_order)


def _is_line_of() -> ColumnElement[bool]:
    return (SalesOrder.tenant_id == SalesOrderLine.tenant_id) & (
        SalesOrder.id == SalesOrderLine.order_id
    )


def _day(instant: Any, span: Span) -> ColumnElement[date]:
    return cast(func.timezone(span.time_zone, instant), Date)
