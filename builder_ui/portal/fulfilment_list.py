"""The list of fulfilment orders: what nodes are asked to ship, for whom, and how far it is."""

from collections.abc import Sequence

from builder_ui.portal.catalog_choices import node_choices
from builder_ui.portal.lists import Choice, ListKind, ShownRow
from builder_ui.portal.moving_goods import standing_of
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import FULFILMENT_STATUSES, choices
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.ids import NodeId
from commerce.keyset import PageWish, Slice
from commerce.orders.queries import some_orders
from commerce.warehouse import queries
from commerce.warehouse.queries import FulfilmentFilter
from commerce.warehouse.tables import FulfilmentOrder
from kernel.uow import UnitOfWork


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[FulfilmentOrder]:
    node = listing.filters.get("node")
    only = FulfilmentFilter(
        node_id=NodeId(node) if node else None, status=listing.filters.get("status")
    )
    return queries.fulfilments(uow, wish, only)


def _shown(uow: UnitOfWork, found: Sequence[FulfilmentOrder]) -> list[ShownRow]:
    orders = some_orders(uow, [each.order_id for each in found])
    nodes = catalog.by_ids(uow, Node, [each.node_id for each in found])
    return [
        ShownRow(
            each.id,
            _("Fulfilment of order %(number)s", number=orders[each.order_id].number),
            f"{root()}/fulfilments/{each.id}",
            {
                "order": cells.text(
                    _("Order %(number)s", number=orders[each.order_id].number), note=each.held_for
                ),
                "node": cells.text(nodes[each.node_id].name),
                "opened_at": cells.moment(each.opened_at),
                "priority": cells.number(each.priority),
                "closed_at": cells.moment(each.closed_at),
                "status": cells.badge(standing_of(each)),
            },
        )
        for each in found
    ]


FULFILMENTS = ListKind(
    path="fulfilments",
    news=("fulfilment.opened",),
    title=_("Fulfilment orders"),
    one=_("fulfilment order"),
    many=_("fulfilment orders"),
    columns=(
        Column("order", _("For")),
        Column("node", _("Node")),
        Column("opened_at", _("Asked"), sortable=True, on_phone=False),
        Column("priority", _("Priority"), align="end", on_phone=False, at_first=False),
        Column("closed_at", _("Ended"), on_phone=False, at_first=False),
        Column("status", _("Status")),
    ),
    sorts=("-opened_at", "opened_at"),
    fetch=_fetch,
    place_of=lambda each, _sort: [each.id],
    shown=_shown,
    empty=(
        _("No fulfilment orders yet"),
        _("Nodes are asked to ship once an order has all its units and is released."),
        "truck",
    ),
    choices=(
        Choice("status", _("Status"), lambda _uow: choices(FULFILMENT_STATUSES)),
        Choice("node", _("Node"), node_choices),
    ),
)
