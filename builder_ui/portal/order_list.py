"""The list of orders: what it shows of each, and by what it is narrowed and sorted."""

from collections.abc import Sequence
from typing import Any

from builder_ui.portal.catalog_choices import channel_choices
from builder_ui.portal.days import beginning_of, end_of
from builder_ui.portal.lists import Choice, Day, ListKind, ShownRow
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import ORDER_PHASES, choices
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Channel
from commerce.ids import ChannelId
from commerce.keyset import PageWish, Slice
from commerce.orders import queries
from commerce.orders.queries import OrderFilter
from commerce.orders.tables import SalesOrder
from kernel.clock import parse_instant
from kernel.uow import UnitOfWork


def filter_of(listing: Listing) -> OrderFilter:
    """Return which orders an address asks for; a day that is none narrows nothing."""
    chosen = listing.filters
    channel = chosen.get("channel")
    return OrderFilter(
        phase=chosen.get("phase"),
        channel_id=ChannelId(channel) if channel else None,
        placed_from=beginning_of(chosen.get("from")),
        placed_before=end_of(chosen.get("until")),
        has_waiting_line=chosen.get("lines") == "waiting",
        search=listing.q,
    )


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[SalesOrder]:
    if listing.sort != "placed_at":
        return queries.orders(uow, wish, filter_of(listing))
    if wish.after is not None:
        placed_at, number = wish.after
        when = parse_instant(placed_at) if isinstance(placed_at, str) else placed_at
        wish = PageWish((when, number), wish.limit, wish.descending)
    return queries.orders(uow, wish, filter_of(listing), by="placed_at")


def _place(order: SalesOrder, sort: str) -> Sequence[Any]:
    return [order.placed_at.isoformat(), order.number] if sort == "placed_at" else [order.number]


def _leap(uow: UnitOfWork, listing: Listing, offset: int) -> Sequence[Any] | None:
    by: queries.OrderSort = "placed_at" if listing.sort == "placed_at" else "number"
    only = filter_of(listing)
    return queries.place_of_order(uow, only, offset, by=by, descending=listing.descending)


def _shown(uow: UnitOfWork, found: Sequence[SalesOrder]) -> list[ShownRow]:
    customers = queries.customers_of(uow, found)
    channels = catalog.by_ids(uow, Channel, [order.channel_id for order in found])
    return [
        ShownRow(
            order.id,
            _("Order %(number)s", number=order.number),
            f"{root()}/orders/{order.id}",
            {
                "number": cells.text(str(order.number), note=order.external_id),
                "external": cells.text(order.external_id),
                "placed_at": cells.moment(order.placed_at),
                "channel": cells.text(channels[order.channel_id].name),
                "customer": cells.text(customers[order.customer_id].name),
                "tier": cells.text(customers[order.customer_id].tier.capitalize()),
                "country": cells.text(order.ship_to_country),
                "received_at": cells.moment(order.received_at),
                "phase": cells.badge(ORDER_PHASES[order.phase]),
                "total": cells.price(order.total),
            },
        )
        for order in found
    ]


ORDERS = ListKind(
    path="orders",
    news=("order.placed",),
    title=_("Orders"),
    one=_("order"),
    many=_("orders"),
    columns=(
        Column("number", _("Number"), sortable=True),
        Column("external", _("Channel's number"), at_first=False),
        Column("placed_at", _("Placed"), sortable=True, on_phone=False),
        Column("channel", _("Channel"), on_phone=False),
        Column("customer", _("Customer"), on_phone=False),
        Column("tier", _("Tier"), on_phone=False, at_first=False),
        Column("country", _("Country"), on_phone=False, at_first=False),
        Column("received_at", _("Came in"), on_phone=False, at_first=False),
        Column("phase", _("Phase")),
        Column("total", _("Total"), align="end"),
    ),
    sorts=("-number", "number", "-placed_at", "placed_at"),
    fetch=_fetch,
    place_of=_place,
    shown=_shown,
    empty=(
        _("No orders yet"),
        _("Orders come in from your channels through the API, or are entered by customer service."),
        "cart",
    ),
    search=_("Search by number or the channel's own number"),
    choices=(
        Choice("phase", _("Phase"), lambda _uow: choices(ORDER_PHASES)),
        Choice("channel", _("Channel"), channel_choices),
        Choice("lines", _("Lines"), lambda _uow: [("waiting", _("Some wait for units"))]),
    ),
    days=(Day("from", _("Placed from")), Day("until", _("Placed until"))),
    leap=_leap,
)
