"""Pages of stock: every level, and the position of one SKU with its ledger and who waits."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.lists import serve_list
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.stock_list import STOCK
from builder_ui.portal.stock_views import position_of
from builder_ui.portal.wording import BUCKETS, TERMS
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.ids import SkuId
from commerce.orders.policy import READ_ORDERS
from commerce.procurement.policy import READ_PURCHASES
from kernel.access import Permission
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (NavEntry("Stock", _("Stock"), "stock", "shelves", "inventory:read", keys="g i", rank=10),)

stock_pages = portal_room("stock", "stock")
serve_list(stock_pages, STOCK, "inventory:read")


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
        page_for(view.sku.code, Crumb(_("Stock"), f"{root()}/stock")),
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
