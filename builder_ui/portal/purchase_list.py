"""The list of purchase orders: what it shows of each, and by what it is narrowed."""

from collections.abc import Sequence

from builder_ui.portal.lists import Choice, ListKind, ShownRow
from builder_ui.portal.names import Names
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import PURCHASE_PHASES, choices
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.supply_tables import Supplier
from commerce.keyset import PageWish, Slice
from commerce.procurement import queries
from commerce.procurement.queries import PurchaseFilter
from commerce.procurement.tables import PurchaseOrder
from kernel.uow import UnitOfWork


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[PurchaseOrder]:
    only = PurchaseFilter(phase=listing.filters.get("phase"), number=listing.q or None)
    return queries.purchase_orders(uow, wish, only)


def _shown(uow: UnitOfWork, found: Sequence[PurchaseOrder]) -> list[ShownRow]:
    names = Names(uow)
    suppliers = catalog.by_ids(uow, Supplier, [order.supplier_id for order in found])
    nodes = catalog.by_ids(uow, Node, [order.node_id for order in found])
    return [
        ShownRow(
            order.id,
            _("Purchase order %(number)s", number=order.number),
            f"{root()}/purchasing/{order.id}",
            {
                "number": cells.text(str(order.number)),
                "supplier": cells.text(suppliers[order.supplier_id].name),
                "drafted_at": cells.moment(order.drafted_at),
                "requester": cells.text(names.of(order.requester_id)),
                "node": cells.text(nodes[order.node_id].name),
                "eta_at": cells.moment(order.eta_at),
                "phase": cells.badge(PURCHASE_PHASES[order.phase]),
                "total": cells.price(order.total),
            },
        )
        for order in found
    ]


PURCHASES = ListKind(
    path="purchasing",
    news=("purchase_order.drafted",),
    title=_("Purchase orders"),
    one=_("purchase order"),
    many=_("purchase orders"),
    columns=(
        Column("number", _("Number"), sortable=True),
        Column("supplier", _("Supplier")),
        Column("drafted_at", _("Drafted"), on_phone=False),
        Column("requester", _("Requested by"), on_phone=False),
        Column("node", _("Delivered to"), on_phone=False, at_first=False),
        Column("eta_at", _("Expected"), on_phone=False, at_first=False),
        Column("phase", _("Phase")),
        Column("total", _("Total"), align="end"),
    ),
    sorts=("-number", "number"),
    fetch=_fetch,
    place_of=lambda order, _sort: [order.number],
    shown=_shown,
    empty=(
        _("No purchase orders yet"),
        _("Workflows draft them when a customer's line lacks units, and buyers through the API."),
        "truck",
    ),
    search=_("Search by number"),
    choices=(Choice("phase", _("Phase"), lambda _uow: choices(PURCHASE_PHASES)),),
)
