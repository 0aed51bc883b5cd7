"""Pages of orders: the list, and one order with what became of each line and why."""

from flask import request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import page_for
from builder_ui.portal.order_views import RUNS_TOLD, heads_of, view_of
from builder_ui.portal.page_turns import Turner
from builder_ui.portal.rooms import portal_room, root
from builder_ui.portal.wording import LINE_PHASES, ORDER_PHASES, RUN_STATES, choices
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry
from builder_ui.shell.page import Crumb
from builder_ui.shell.rendering import render_page
from commerce.catalog import queries as catalog
from commerce.ids import ChannelId
from commerce.inventory.policy import READ_STOCK
from commerce.keyset import PageWish
from commerce.orders import queries
from commerce.orders.queries import OrderFilter
from commerce.procurement.policy import READ_PURCHASES
from kernel.access import Permission
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork
from web.access import requires
from web.request import current_actor, current_runtime, current_unit_of_work

NAV = (NavEntry("Sell", "Orders", "orders", "cart", "orders:read", keys="g o", rank=10),)

COLUMNS = (
    Column("number", "Number", sortable=True),
    Column("placed_at", "Placed"),
    Column("channel", "Channel", on_phone=False),
    Column("customer", "Customer", on_phone=False),
    Column("phase", "Phase"),
    Column("total", "Total", align="end"),
)

order_pages = portal_room("orders", "orders")


@order_pages.get("")
@requires("orders:read")
def list_orders() -> ResponseReturnValue:
    """Show orders, the newest first, narrowed by the address."""
    listing = Listing.read(
        request.path, request.args, sorts=("-number", "number"), filters=("phase", "channel")
    )
    only = OrderFilter(
        phase=listing.filters.get("phase"),
        channel_id=ChannelId(listing.filters["channel"]) if "channel" in listing.filters else None,
        search=listing.q,
    )
    with current_unit_of_work() as uow:
        turned = Turner(current_runtime().cursors, uow.tenant_id).turn(
            listing, lambda wish: queries.orders(uow, wish, only), lambda order: [order.number]
        )
        rows = heads_of(uow, turned.rows)
        channels = _channel_choices(uow)
    return render_page(
        "portal/orders.html",
        page_for("Orders"),
        listing=listing,
        columns=COLUMNS,
        rows=rows,
        phases=ORDER_PHASES,
        phase_choices=choices(ORDER_PHASES),
        channels=channels,
        turned=turned,
        root=root(),
    )


@order_pages.get("/<order_id>")
@requires("orders:read")
def show_order(order_id: str) -> ResponseReturnValue:
    """Show one order; `?run=` chooses whose story is told where there are many."""
    with current_unit_of_work() as uow:
        view = view_of(uow, order_id, request.args.get("run"))
    actor = current_actor()
    return render_page(
        "portal/order.html",
        page_for(f"Order {view.order.number}", Crumb("Orders", f"{root()}/orders")),
        view=view,
        phases=ORDER_PHASES,
        line_phases=LINE_PHASES,
        run_states=RUN_STATES,
        runs_told=RUNS_TOLD,
        may_audit=actor.may(Permission("audit:read")),
        may_see_runs=actor.may(Permission("workflows:read")),
        may_see_stock=actor.may(READ_STOCK),
        may_see_purchases=actor.may(READ_PURCHASES),
        root=root(),
    )


def _channel_choices(uow: UnitOfWork) -> list[tuple[str, str]]:
    every = catalog.Filter(state="any")
    found = catalog.channels(uow, PageWish(limit=LIMIT_MAX), every, order="name")
    return [(channel.id, channel.name) for channel in found.rows]
