"""Pages of goods on the road and of corrections: who moved or corrected what, and who approved."""

from collections.abc import Sequence

from flask.typing import ResponseReturnValue

from builder_ui.portal.lists import Choice, ListKind, ShownRow, serve_list
from builder_ui.portal.moving_goods import ways_of
from builder_ui.portal.names import Names
from builder_ui.portal.records import Happened, Record, Rows, links_to_runs, record_page
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import ADJUSTMENT_STATES, TRANSFER_STATES, choices
from builder_ui.shell import cells
from builder_ui.shell.listing import Column
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.tables import Sku
from commerce.inventory import queries
from commerce.inventory.adjustment_tables import StockAdjustment
from commerce.inventory.adjustments import one_adjustment
from commerce.inventory.transfer_tables import Transfer, TransferLine
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_unit_of_work
from workflow_engine.runtime import queries as runs

NAV = (
    NavEntry("Stock", _("Transfers"), "transfers", "swap", "inventory:read", rank=30),
    NavEntry("Stock", _("Corrections"), "corrections", "history", "inventory:read", rank=40),
)
_CARRIED = (
    Column("sku", _("SKU")),
    Column("shipped", _("Shipped"), align="end"),
    Column("received", _("Received"), align="end"),
    Column("lost", _("Lost"), align="end", on_phone=False),
    Column("returned", _("Turned round"), align="end", on_phone=False),
    Column("road", _("On the road"), align="end"),
)

transfer_pages = portal_room("transfers", "transfers")
correction_pages = portal_room("corrections", "corrections")


def _transfers(uow: UnitOfWork, found: Sequence[Transfer]) -> list[ShownRow]:
    ways = ways_of(uow, found)
    return [
        ShownRow(
            each.id,
            ways[each.id],
            f"{root()}/transfers/{each.id}",
            {
                "between": cells.text(ways[each.id]),
                "shipped_at": cells.moment(each.shipped_at),
                "ended_at": cells.moment(each.ended_at),
                "state": cells.badge(TRANSFER_STATES[each.state]),
            },
        )
        for each in found
    ]


def _corrections(uow: UnitOfWork, found: Sequence[StockAdjustment]) -> list[ShownRow]:
    names = Names(uow)
    skus = catalog.by_ids(uow, Sku, [each.sku_id for each in found])
    nodes = catalog.by_ids(uow, Node, [each.node_id for each in found])
    return [
        ShownRow(
            each.id,
            _("Correction of %(code)s", code=skus[each.sku_id].code),
            f"{root()}/corrections/{each.id}",
            {
                "sku": cells.text(skus[each.sku_id].code, note=each.reason),
                "node": cells.text(nodes[each.node_id].name),
                "difference": cells.text(f"{each.difference:+,}"),
                "requester": cells.text(names.of(each.requester_id)),
                "proposed_at": cells.moment(each.proposed_at),
                "decided_by": cells.text(names.maybe(each.decided_by)),
                "state": cells.badge(ADJUSTMENT_STATES[each.state]),
            },
        )
        for each in found
    ]


TRANSFERS = ListKind(
    path="transfers",
    news=("transfer.shipped",),
    title=_("Transfers"),
    one=_("transfer"),
    many=_("transfers"),
    columns=(
        Column("between", _("Between")),
        Column("shipped_at", _("Left"), sortable=True),
        Column("ended_at", _("Ended"), on_phone=False),
        Column("state", _("State")),
    ),
    sorts=("-shipped_at", "shipped_at"),
    fetch=lambda uow, wish, listing: queries.transfers(
        uow, wish, state=listing.filters.get("state")
    ),
    place_of=lambda each, _sort: [each.id],
    shown=_transfers,
    empty=(_("No transfers yet"), _("Goods that leave one node for another appear here."), "swap"),
    choices=(Choice("state", _("State"), lambda _uow: choices(TRANSFER_STATES)),),
)
CORRECTIONS = ListKind(
    path="corrections",
    news=("stock.adjustment_proposed",),
    title=_("Corrections"),
    one=_("correction"),
    many=_("corrections"),
    columns=(
        Column("sku", _("SKU")),
        Column("node", _("Node"), on_phone=False),
        Column("difference", _("Difference"), align="end"),
        Column("requester", _("Proposed by"), on_phone=False),
        Column("proposed_at", _("Proposed"), sortable=True, on_phone=False),
        Column("decided_by", _("Decided by"), on_phone=False, at_first=False),
        Column("state", _("State")),
    ),
    sorts=("-proposed_at", "proposed_at"),
    fetch=lambda uow, wish, listing: queries.adjustments(
        uow, wish, state=listing.filters.get("state")
    ),
    place_of=lambda each, _sort: [each.id],
    shown=_corrections,
    empty=(
        _("No corrections that needed an approval"),
        _(
            "Corrections of more units than your settings allow one person are proposed here;"
            " smaller ones stand in the ledger of their shelf."
        ),
        "history",
    ),
    choices=(Choice("state", _("State"), lambda _uow: choices(ADJUSTMENT_STATES)),),
)
serve_list(transfer_pages, TRANSFERS, "inventory:read")
serve_list(correction_pages, CORRECTIONS, "inventory:read")


@transfer_pages.get("/<transfer_id>")
@requires("inventory:read")
def show_transfer(transfer_id: str) -> ResponseReturnValue:
    """Show one transfer, with what it carries and where that is."""
    with current_unit_of_work() as uow:
        row, lines = queries.transfer_with_lines(uow, transfer_id)
        record = _transfer_record(uow, row, lines)
    return record_page(record, Crumb(_("Transfers"), f"{root()}/transfers"))


@correction_pages.get("/<correction_id>")
@requires("inventory:read")
def show_correction(correction_id: str) -> ResponseReturnValue:
    """Show one correction: what was asked for, why, and who decided."""
    with current_unit_of_work() as uow:
        record = _correction_record(uow, one_adjustment(uow, correction_id))
    return record_page(record, Crumb(_("Corrections"), f"{root()}/corrections"))


def _transfer_record(uow: UnitOfWork, row: Transfer, lines: Sequence[TransferLine]) -> Record:
    source, target = (catalog.one(uow, Node, each) for each in (row.source_id, row.target_id))
    skus = catalog.by_ids(uow, Sku, [line.sku_id for line in lines])
    carried = [
        {
            "sku": cells.text(
                skus[line.sku_id].code,
                note=skus[line.sku_id].name,
                href=f"{root()}/stock/{line.sku_id}?node={row.source_id}",
            ),
            "shipped": cells.number(line.shipped),
            "received": cells.number(line.received),
            "lost": cells.number(line.lost),
            "returned": cells.number(line.returned),
            "road": cells.number(line.on_the_road),
        }
        for line in lines
    ]
    story = [Happened(row.shipped_at, _("Left %(name)s", name=source.name), tone="accent")]
    if row.ended_at is not None:
        story.append(Happened(row.ended_at, *TRANSFER_STATES[row.state][:1], tone="ok"))
    return Record(
        title=_("Transfer from %(name)s to %(name_2)s", name=source.name, name_2=target.name),
        subject=("transfer", row.id),
        status=TRANSFER_STATES[row.state],
        facts=[
            (_("From"), cells.text(source.name)),
            (_("To"), cells.text(target.name)),
            (_("Left"), cells.moment(row.shipped_at)),
            (_("Ended"), cells.moment(row.ended_at)),
            (_("Id"), cells.code(row.id)),
        ],
        tables=(Rows(_("What it carries"), _CARRIED, carried, "Nothing."),),
        story=story,
        links=links_to_runs(uow, ("transfer", row.id)),
    )


def _correction_record(uow: UnitOfWork, row: StockAdjustment) -> Record:
    names, sku = Names(uow), catalog.one(uow, Sku, row.sku_id)
    story = [Happened(row.proposed_at, _("Proposed"), names.of(row.requester_id), "accent")]
    if row.decided_at is not None:
        told, tone = ADJUSTMENT_STATES[row.state]
        story.append(Happened(row.decided_at, told, names.maybe(row.decided_by), tone))
    tasks = runs.tasks_about(uow, "stock_adjustment", row.id)
    asked = [(_("Task"), f"{root()}/tasks/{task.id}") for task in tasks if task.state == "open"]
    return Record(
        title=_("Correction of %(code)s", code=sku.code),
        subject=("stock_adjustment", row.id),
        status=ADJUSTMENT_STATES[row.state],
        facts=[
            (
                _("SKU"),
                cells.text(sku.code, sku.name, f"{root()}/stock/{sku.id}?node={row.node_id}"),
            ),
            (_("Node"), cells.text(catalog.one(uow, Node, row.node_id).name)),
            (_("Difference"), cells.text(f"{row.difference:+,}")),
            (_("Available when it was proposed"), cells.number(row.expected_available)),
            (_("Reason"), cells.text(row.reason)),
            (_("Proposed by"), cells.text(names.of(row.requester_id))),
            (_("Decided by"), cells.text(names.maybe(row.decided_by))),
            (_("Id"), cells.code(row.id)),
        ],
        tables=(),
        story=story,
        links=[*asked, *links_to_runs(uow, ("stock_adjustment", row.id))],
    )
