"""The list of stock: what each node holds of each SKU."""

from collections.abc import Sequence
from typing import Any

from builder_ui.portal.catalog_choices import node_choices
from builder_ui.portal.lists import Choice, ListKind, ShownRow
from builder_ui.portal.rooms import root
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.ids import NodeId
from commerce.inventory.queries import Level, LevelFilter, levels_on
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[Level]:
    node = listing.filters.get("node")
    only = LevelFilter(node_id=NodeId(node) if node else None, sku_begins=listing.q)
    return levels_on(uow, wish, only)


def _shown(_uow: UnitOfWork, found: Sequence[Level]) -> list[ShownRow]:
    return [
        ShownRow(
            f"{level.sku_id}/{level.node_id}",
            _("%(sku_code)s at %(node_code)s", sku_code=level.sku_code, node_code=level.node_code),
            f"{root()}/stock/{level.sku_id}?node={level.node_id}",
            {
                "sku": cells.text(level.sku_code),
                "node": cells.text(level.node_code),
                "available": cells.number(level.buckets["available"]),
                "committed": cells.number(level.buckets["committed"]),
                "reserved": cells.number(level.buckets["reserved"]),
                "quality_control": cells.number(level.buckets["quality_control"]),
                "damaged": cells.number(level.buckets["damaged"]),
                "on_hand": cells.number(level.on_hand),
                "incoming": cells.number(level.buckets["incoming"]),
                "in_transit": cells.number(level.buckets["in_transit"]),
            },
        )
        for level in found
    ]


STOCK: ListKind[Any] = ListKind(
    path="stock",
    title=_("Stock"),
    one=_("level"),
    many=_("levels"),
    columns=(
        Column("sku", _("SKU")),
        Column("node", _("Node")),
        Column("available", _("Available"), align="end"),
        Column("committed", _("Committed"), align="end"),
        Column("reserved", _("Reserved"), align="end", on_phone=False),
        Column("quality_control", _("In quality control"), align="end", on_phone=False),
        Column("damaged", _("Damaged"), align="end", on_phone=False),
        Column("on_hand", _("On hand"), align="end"),
        Column("incoming", _("Incoming"), align="end", on_phone=False),
        Column("in_transit", _("In transit"), align="end", on_phone=False, at_first=False),
    ),
    sorts=("sku",),
    fetch=_fetch,
    place_of=lambda level, _sort: [level.sku_id, level.node_id],
    shown=_shown,
    empty=(_("No stock yet"), _("Levels appear once goods are received at a node."), "shelves"),
    search=_("Search by SKU code"),
    choices=(Choice("node", _("Node"), node_choices),),
)
