"""What the page of an order shows: its lines, their supply, and the runs about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from builder_ui.portal.names import Names
from builder_ui.portal.run_story import Moment, Storyteller, stories
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Channel, Node
from commerce.inventory.policy import READ_STOCK
from commerce.inventory.tables import Allocation
from commerce.keyset import PageWish
from commerce.orders import queries
from commerce.orders.tables import Customer, OrderHold, SalesOrder, SalesOrderLine
from commerce.procurement import queries as procurement
from commerce.procurement.policy import READ_PURCHASES
from commerce.procurement.tables import PurchaseOrder
from commerce.warehouse import queries as warehouse
from commerce.warehouse.queries import FulfilmentFilter
from commerce.warehouse.tables import FulfilmentOrder
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork
from tenants.messages.queries import messages_about
from tenants.messages.tables import Message
from workflow_engine.runtime import queries as runs
from workflow_engine.runtime.tables import Run

RUNS_TOLD = 3
"""How many stories an order page tells at once; of an order with more, one at a time."""


@dataclass(frozen=True)
class LineView:
    """A line, where it ships from, what it was given, and what was bought for it.

    `eta` is the latest date by which what it waits for should come, where somebody named one.
    """

    line: SalesOrderLine
    node: str | None
    allocations: Sequence[tuple[Allocation, str]]
    purchases: Sequence[PurchaseOrder]
    eta: datetime | None


@dataclass(frozen=True)
class RunView:
    """A run about a line; `story` is None where it is not told on this page."""

    run: Run
    line: SalesOrderLine
    name: str
    states: tuple[str, ...]
    story: Sequence[Moment] | None


@dataclass(frozen=True)
class ParcelView:
    """What a node is or was asked to ship of the order."""

    fulfilment: FulfilmentOrder
    node: str


@dataclass(frozen=True)
class HoldView:
    """Why the order was held back, and by whom."""

    hold: OrderHold
    who: str


@dataclass(frozen=True)
class OrderView:
    """An order with the names behind its ids."""

    order: SalesOrder
    channel: Channel
    customer: Customer
    collected_at: str | None
    lines: Sequence[LineView]
    runs: Sequence[RunView]
    parcels: Sequence[ParcelView]
    holds: Sequence[HoldView]
    messages: Sequence[Message]


def view_of(uow: UnitOfWork, order_id: str, run_id: str | None) -> OrderView:
    """Return an order as the actor may see it; NotFound where this tenant has none."""
    order = queries.one_order(uow, order_id)
    lines = queries.lines_of(uow, order.id)
    collected_at = catalog.one(uow, Node, order.collect_at).name if order.collect_at else None
    return OrderView(
        order,
        catalog.one(uow, Channel, order.channel_id),
        queries.customer_of(uow, order),
        collected_at,
        _line_views(uow, lines),
        _run_views(uow, lines, run_id),
        _parcels(uow, order),
        _holds(uow, order),
        messages_about(uow, order.id),
    )


def _parcels(uow: UnitOfWork, order: SalesOrder) -> list[ParcelView]:
    if not uow.actor.may(READ_STOCK):
        return []
    only = FulfilmentFilter(order_id=order.id)
    found = warehouse.fulfilments(uow, PageWish(limit=LIMIT_MAX), only).rows
    nodes = catalog.by_ids(uow, Node, [each.node_id for each in found])
    return [ParcelView(each, nodes[each.node_id].name) for each in found]


def _holds(uow: UnitOfWork, order: SalesOrder) -> list[HoldView]:
    names = Names(uow)
    return [HoldView(hold, names.of(hold.held_by)) for hold in queries.holds_of(uow, order.id)]


def _line_views(uow: UnitOfWork, lines: Sequence[SalesOrderLine]) -> list[LineView]:
    ids = [line.id for line in lines]
    given = queries.allocations_of(uow, ids)
    places = [line.node_id for line in lines if line.node_id is not None]
    nodes = catalog.by_ids(uow, Node, [*places, *(each.node_id for each in given)])
    may_see_purchases = uow.actor.may(READ_PURCHASES)
    bought = procurement.bought_for(uow, ids) if may_see_purchases else []
    asked = procurement.asked_for(uow, ids) if may_see_purchases else []
    views = []
    for line in lines:
        purchases = [order for row, order in bought if row.order_line_id == line.id]
        dates = [order.eta_at for order in purchases if order.eta_at is not None]
        dates = dates or [
            each.eta_at
            for each in asked
            if each.order_line_id == line.id and each.eta_at is not None
        ]
        views.append(
            LineView(
                line,
                nodes[line.node_id].name if line.node_id is not None else None,
                [
                    (each, nodes[each.node_id].name)
                    for each in given
                    if each.order_line_id == line.id
                ],
                purchases,
                max(dates, default=None) if line.phase == "backordered" else None,
            )
        )
    return views


def _run_views(
    uow: UnitOfWork, lines: Sequence[SalesOrderLine], run_id: str | None
) -> list[RunView]:
    by_id = {str(line.id): line for line in lines}
    found = sorted(
        runs.runs_of(uow, "order_line", list(by_id)),
        key=lambda run: (by_id[run.subject_id].position, run.started_at, run.id),
    )
    chosen = [run for run in found if run.id == run_id]
    told = chosen or (found if len(found) <= RUNS_TOLD else [])
    names = Names(uow)
    tales = {run.id: story for run, story in stories(uow, told, names)}
    tellers: dict[str, Storyteller] = {}
    views = []
    for run in found:
        if run.definition_id not in tellers:
            tellers[run.definition_id] = Storyteller(uow, run.definition_id, names)
        teller = tellers[run.definition_id]
        views.append(
            RunView(
                run,
                by_id[run.subject_id],
                teller.compiled.definition.name,
                tuple(map(teller.label, teller.stands_at(run))),
                tales.get(run.id),
            )
        )
    return views
