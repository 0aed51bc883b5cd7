"""Pages of orders: the list, and one order with what became of each line and why."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.lists import serve_list
from builder_ui.portal.order_bulk import order_list_page
from builder_ui.portal.order_list import ORDERS
from builder_ui.portal.order_views import RUNS_TOLD, view_of
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import (
    FULFILMENT_STATUSES,
    LINE_PHASES,
    MESSAGE_STATES,
    ORDER_PHASES,
    PURCHASE_PHASES,
    RUN_STATES,
)
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _
from commerce.inventory.policy import READ_STOCK
from commerce.procurement.policy import READ_PURCHASES
from kernel.access import Permission
from web.access import requires
from web.request import current_actor, current_unit_of_work

NAV = (NavEntry("Sell", _("Orders"), "orders", "cart", "orders:read", keys="g o", rank=10),)

order_pages = portal_room("orders", "orders")
serve_list(order_pages, ORDERS, "orders:read", show=order_list_page)


@order_pages.get("/<order_id>")
@requires("orders:read")
def show_order(order_id: str) -> ResponseReturnValue:
    """Show one order; `?run=` chooses whose story is told where there are many."""
    with current_unit_of_work() as uow:
        view = view_of(uow, order_id, request.args.get("run"))
    actor = current_actor()
    return render_page(
        "portal/order.html",
        page_for(
            _("Order %(number)s", number=view.order.number), Crumb(_("Orders"), f"{root()}/orders")
        ),
        view=view,
        phases=ORDER_PHASES,
        line_phases=LINE_PHASES,
        parcel_words=FULFILMENT_STATUSES,
        run_states=RUN_STATES,
        message_states=MESSAGE_STATES,
        purchase_phases=PURCHASE_PHASES,
        runs_told=RUNS_TOLD,
        may_audit=actor.may(Permission("audit:read")),
        may_see_runs=actor.may(Permission("workflows:read")),
        may_see_stock=actor.may(READ_STOCK),
        may_see_purchases=actor.may(READ_PURCHASES),
        root=root(),
    )
