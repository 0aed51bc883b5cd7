"""Pages of stock: every level, and the position of one SKU with its ledger and who waits."""

from collections.abc import Sequence
from dataclasses import asdict

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.stock_views import position_of
from builder_ui.portal.wording import BUCKETS, TERMS
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from commerce.catalog import queries as catalog
from commerce.ids import NodeId, SkuId
from commerce.inventory.queries import LevelFilter, levels
from commerce.keyset import PageWish
from commerce.orders.policy import READ_ORDERS
from commerce.procurement.policy import READ_PURCHASES
from kernel.access import Permission
from kernel.errors import Malformed
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work

NAV = (NavEntry("Stock", "Stock", "stock", "shelves", "inventory:read", keys="g i", rank=10),)

COLUMNS = (
    Column("sku", "SKU"),
    Column("node", "Node"),
    Column("available", "Available", align="end"),
    Column("committed", "Committed", align="end"),
    Column("reserved", "Reserved", align="end", on_phone=False),
    Column("held_back", "Held back", align="end", on_phone=False),
    Column("on_hand", "On hand", align="end"),
    Column("incoming", "Incoming", align="end", on_phone=False),
)
ROWS_PER_PAGE = 50

stock_pages = portal_room("stock", "stock")


@stock_pages.get("")
@requires("inventory:read")
def list_levels() -> ResponseReturnValue:
    """Show what each node holds of each SKU."""
    listing = Listing.read(request.path, request.args, sorts=("sku",), filters=("node",))
    node_id = listing.filters.get("node")
    chosen = LevelFilter(node_id=NodeId(node_id) if node_id else None, sku_begins=listing.q)
    cursors, asked = current_runtime().cursors, {"list": "stock", **asdict(chosen)}
    with current_unit_of_work() as uow:
        after = cursors.read(uow.tenant_id, asked, listing.cursor) if listing.cursor else None
        found = levels(uow, chosen, after=_place(after), limit=ROWS_PER_PAGE + 1)
        rows, cursor = found[:ROWS_PER_PAGE], None
        if len(found) > ROWS_PER_PAGE:
            cursor = cursors.write(uow.tenant_id, asked, [rows[-1].sku_id, rows[-1].node_id])
        nodes = _node_choices(uow)
    return render_page(
        "portal/stock.html",
        page_for("Stock"),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        nodes=nodes,
        shown=f"{len(rows)} level{'' if len(rows) == 1 else 's'}"
        + (", more follow" if cursor else ""),
        next_href=listing.page_href(cursor),
        root=root(),
    )


@stock_pages.get("/<sku_id>")
@requires("inventory:read")
def show_position(sku_id: str) -> ResponseReturnValue:
    """Show where a SKU stands; `?node=` chooses whose ledger is shown, `?before=` goes on."""
    before = request.args.get("before", "")
    before_seq = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with current_unit_of_work() as uow:
        view = position_of(uow, SkuId(sku_id), request.args.get("node"), before_seq)
    actor = current_actor()
    path = f"{root()}/stock/{sku_id}"
    return render_page(
        "portal/stock_position.html",
        page_for(view.sku.code, Crumb("Stock", f"{root()}/stock")),
        view=view,
        buckets=BUCKETS,
        terms=TERMS,
        tabs=[(each.node_code, f"{path}?node={each.node_id}#ledger", None) for each in view.levels],
        path=path,
        may_audit=actor.may(Permission("audit:read")),
        may_see_orders=actor.may(READ_ORDERS),
        may_see_purchases=actor.may(READ_PURCHASES),
        root=root(),
    )


def _place(after: Sequence[object] | None) -> tuple[str, str] | None:
    if after is None:
        return None
    if len(after) != 2:
        raise Malformed
    return str(after[0]), str(after[1])


def _node_choices(uow: UnitOfWork) -> list[tuple[str, str]]:
    every = catalog.Filter(state="any")
    found = catalog.nodes(uow, PageWish(limit=LIMIT_MAX), every, order="name")
    return [(node.id, node.name) for node in found.rows]
