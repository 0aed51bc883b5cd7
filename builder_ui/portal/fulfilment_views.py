"""What the page of a fulfilment order shows: lines, the tasks they make, and what left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from builder_ui.portal.moving_goods import standing_of
from builder_ui.portal.names import Names
from builder_ui.portal.records import Happened, Record, Rows, links_to_runs
from builder_ui.portal.rooms import root
from builder_ui.portal.short_picks import Asked, still_asked
from builder_ui.portal.wording import WAREHOUSE_TASK_STATES, WAREHOUSE_TASKS
from builder_ui.shell import cells
from builder_ui.shell.listing import Column
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.tables import Sku
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from commerce.orders.tables import SalesOrder
from commerce.warehouse import queries
from commerce.warehouse.tables import FulfilmentLine, FulfilmentOrder, Shipment, WarehouseTask
from kernel.uow import UnitOfWork

NextStep = Literal["picking", "packing", "shipment"]

_LINES = (
    Column("sku", _("SKU")),
    Column("quantity", _("Units"), align="end"),
    Column("picked", _("Picked"), align="end"),
    Column("shipped", _("Shipped"), align="end"),
    Column("dropped", _("Not found"), align="end", on_phone=False),
)
_TASKS = (
    Column("kind", _("Task")),
    Column("state", _("State")),
    Column("assignee", _("Given to"), on_phone=False),
    Column("made_at", _("Asked"), on_phone=False),
    Column("ended_at", _("Ended")),
)


@dataclass(frozen=True)
class FulfilmentView:
    """A fulfilment order and the step that is next; None where nothing is to be done."""

    record: Record
    version: int
    next_step: NextStep | None
    asked: Sequence[Asked] = ()
    """What is still to pick, where picking is next."""


def fulfilment_record(uow: UnitOfWork, fulfilment_id: str) -> FulfilmentView:
    """Return what a page shows of a fulfilment order; NotFound where this tenant has none."""
    row = queries.one_fulfilment(uow, fulfilment_id)
    lines, tasks = queries.lines_of(uow, row.id), queries.tasks_of(uow, row.id)
    order = orders.one_order(uow, row.order_id)
    shipped = [
        each for each in queries.shipments_of(uow, row.order_id)
        if each.fulfilment_order_id == row.id
    ]  # fmt: skip
    names = Names(uow)
    record = Record(
        title=_("Fulfilment of order %(number)s", number=order.number),
        subject=("fulfilment_order", row.id),
        status=standing_of(row),
        facts=_facts(uow, row, order, shipped),
        tables=(
            Rows(_("Lines"), _LINES, _lines(uow, lines), _("No line.")),
            Rows(_("Tasks"), _TASKS, [_task(each, names) for each in tasks], _("No task.")),
        ),
        story=_story(row, tasks, shipped, names),
        links=_links(uow, row, lines),
    )
    step = _next(row, lines)
    asked = still_asked(uow, lines) if step == "picking" else ()
    return FulfilmentView(record, row.version, step, asked)


def _next(row: FulfilmentOrder, lines: Sequence[FulfilmentLine]) -> NextStep | None:
    if row.held_for is not None or row.status in ("closed", "cancelled"):
        return None
    if row.status == "packed":
        return "shipment"
    return "picking" if any(line.to_pick for line in lines) else "packing"


def _facts(
    uow: UnitOfWork, row: FulfilmentOrder, order: SalesOrder, shipped: Sequence[Shipment]
) -> list[tuple[str, cells.Cell]]:
    href = f"{root()}/orders/{order.id}" if uow.actor.may(READ_ORDERS) else None
    parcels = [" ".join(filter(None, (each.carrier, each.tracking))) for each in shipped]
    return [
        (_("For"), cells.text(_("Order %(number)s", number=order.number), href=href)),
        (_("Node"), cells.text(catalog.one(uow, Node, row.node_id).name)),
        (_("Held back because"), cells.text(row.held_for)),
        (_("Priority"), cells.number(row.priority)),
        (_("Asked"), cells.moment(row.opened_at)),
        (_("Ended"), cells.moment(row.closed_at)),
        (_("Parcel"), cells.text(", ".join(filter(None, parcels)) or None)),
        (_("Id"), cells.code(row.id)),
    ]


def _lines(uow: UnitOfWork, lines: Sequence[FulfilmentLine]) -> list[dict[str, cells.Cell]]:
    skus = catalog.by_ids(uow, Sku, [line.sku_id for line in lines])
    return [
        {
            "sku": cells.text(
                skus[line.sku_id].code,
                note=skus[line.sku_id].name,
                href=f"{root()}/stock/{line.sku_id}",
            ),
            "quantity": cells.number(line.quantity),
            "picked": cells.number(line.picked),
            "shipped": cells.number(line.shipped),
            "dropped": cells.number(line.dropped),
        }
        for line in lines
    ]


def _task(task: WarehouseTask, names: Names) -> dict[str, cells.Cell]:
    return {
        "kind": cells.text(WAREHOUSE_TASKS[task.kind]),
        "state": cells.badge(WAREHOUSE_TASK_STATES[task.state]),
        "assignee": cells.text(names.maybe(task.assignee_id)),
        "made_at": cells.moment(task.made_at),
        "ended_at": cells.moment(task.ended_at),
    }


def _story(
    row: FulfilmentOrder,
    tasks: Sequence[WarehouseTask],
    shipped: Sequence[Shipment],
    names: Names,
) -> list[Happened]:
    told = [Happened(row.opened_at, _("The node was asked"), tone="accent")]
    for task in tasks:
        if task.ended_at is not None:
            words = WAREHOUSE_TASK_STATES[task.state]
            what = f"{WAREHOUSE_TASKS[task.kind]}: {str(words[0]).lower()}"
            told.append(Happened(task.ended_at, what, names.maybe(task.ended_by), words[1]))
    told += [Happened(each.shipped_at, _("The parcel left"), tone="ok") for each in shipped]
    if row.status == "cancelled" and row.closed_at is not None:
        told.append(Happened(row.closed_at, _("Called back"), tone="warn"))
    return told


def _links(
    uow: UnitOfWork, row: FulfilmentOrder, lines: Sequence[FulfilmentLine]
) -> list[tuple[str, str]]:
    about = [("order_line", line.order_line_id) for line in lines[:20]]
    return links_to_runs(uow, ("order", row.order_id), *about)
