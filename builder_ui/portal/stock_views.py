"""What the page of a SKU's position shows: levels, promises, movements with their documents."""

from collections.abc import Sequence
from dataclasses import dataclass

from builder_ui.portal.names import Names
from builder_ui.portal.wording import spoken
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory import queries
from commerce.inventory.queries import Holder, Level, LevelFilter, Promise
from commerce.inventory.tables import StockLedgerRow
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from commerce.orders.queries import Waiting
from commerce.procurement import queries as procurement
from kernel.paging import LIMIT_MAX
from kernel.uow import UnitOfWork

MOVEMENTS_PER_PAGE = 50
WAITING_MAX = 50
_PLACES = {"purchase_order": "purchasing", "transfer": "transfers"}


@dataclass(frozen=True)
class MovementView:
    """A row of the ledger: why, by whom, and the document it is on.

    `path` leads to that document from the tenant's root, or is None where it has no page.
    """

    row: StockLedgerRow
    reason: str
    who: str
    document: str
    path: str | None


@dataclass(frozen=True)
class WaitingView:
    """A waiting line, and the node it waits at."""

    waiting: Waiting
    node: str


@dataclass(frozen=True)
class HolderView:
    """Who has units, and where that leads: `path` is None where the viewer may not see it."""

    holder: Holder
    node: str
    document: str
    path: str | None


@dataclass(frozen=True)
class PositionView:
    """A SKU everywhere: what is held, what can be promised and why, one node's ledger, who waits.

    `ledger_at` is the code of the node whose ledger it is; None where no node ever held the SKU.
    `older_than` is the sequence number to go on before, where older movements exist.
    """

    sku: Sku
    levels: Sequence[Level]
    promises: Sequence[Promise]
    ledger_at: str | None
    node_id: str | None
    movements: Sequence[MovementView]
    older_than: int | None
    waiting: Sequence[WaitingView]
    holders: Sequence[HolderView]


def position_of(
    uow: UnitOfWork, sku_id: SkuId, node_id: str | None, before_seq: int | None
) -> PositionView:
    """Return a SKU's position; NotFound where this tenant has no such SKU.

    A node that never held the SKU is as none chosen: the first one's ledger is shown.
    """
    sku = catalog.one(uow, Sku, sku_id)
    held = queries.levels(uow, LevelFilter(sku_id=sku_id), limit=LIMIT_MAX)
    chosen = next((each for each in held if each.node_id == node_id), held[0] if held else None)
    movements: Sequence[StockLedgerRow] = ()
    if chosen is not None:
        movements = queries.ledger_of(
            uow, sku_id, chosen.node_id, before_seq=before_seq, limit=MOVEMENTS_PER_PAGE
        )
    return PositionView(
        sku,
        held,
        queries.available_to_promise(uow, sku_id),
        chosen.node_code if chosen is not None else None,
        chosen.node_id if chosen is not None else None,
        _movement_views(uow, movements),
        movements[-1].seq if movements and movements[-1].seq > 1 else None,
        _waiting(uow, sku_id),
        _holders(uow, sku_id),
    )


def _movement_views(uow: UnitOfWork, rows: Sequence[StockLedgerRow]) -> list[MovementView]:
    names, documents = Names(uow), _documents(uow, rows)
    views = []
    for row in rows:
        document = f"{spoken(row.source_kind)} {row.source_id}"
        path = None
        if row.source_id in documents:
            document, path = documents[row.source_id]
        elif row.source_kind in _PLACES:
            path = f"{_PLACES[row.source_kind]}/{row.source_id}"
        views.append(MovementView(row, spoken(row.reason), names.of(row.actor_id), document, path))
    return views


def _documents(uow: UnitOfWork, rows: Sequence[StockLedgerRow]) -> dict[str, tuple[str, str]]:
    """Return by id how people call the orders and purchase orders of movements, and their pages."""
    lines = orders.some_lines(uow, _sources(rows, "order_line"))
    known = orders.some_orders(uow, [line.order_id for line in lines])
    found = {
        str(line.id): (
            _(
                "Order %(number)s, line %(position)s",
                number=known[line.order_id].number,
                position=line.position,
            ),
            f"orders/{line.order_id}",
        )
        for line in lines
    }
    for order in procurement.some_purchase_orders(uow, _sources(rows, "purchase_order")):
        found[order.id] = (
            _("Purchase order %(number)s", number=order.number),
            f"purchasing/{order.id}",
        )
    return found


def _sources(rows: Sequence[StockLedgerRow], kind: str) -> list[str]:
    return [row.source_id for row in rows if row.source_kind == kind]


def _waiting(uow: UnitOfWork, sku_id: SkuId) -> list[WaitingView]:
    if not uow.actor.may(READ_ORDERS):
        return []
    found = orders.waiting_for(uow, sku_id, limit=WAITING_MAX)
    ids = [NodeId(each.line.node_id) for each in found if each.line.node_id is not None]
    nodes = catalog.by_ids(uow, Node, ids)
    return [
        WaitingView(each, nodes[each.line.node_id].name if each.line.node_id else "–")
        for each in found
    ]


def _holders(uow: UnitOfWork, sku_id: SkuId) -> list[HolderView]:
    found = queries.holders_of(uow, sku_id, limit=WAITING_MAX)
    nodes = catalog.by_ids(uow, Node, [each.node_id for each in found])
    lines = orders.some_lines(uow, [each.owner_id for each in found])
    known = orders.some_orders(uow, [line.order_id for line in lines])
    of_line = {line.id: (known[line.order_id], line) for line in lines}
    views = []
    for each in found:
        document, path = spoken(each.owner_kind), None
        if each.owner_id in of_line and uow.actor.may(READ_ORDERS):
            order, line = of_line[OrderLineId(each.owner_id)]
            document, path = (
                _(
                    "Order %(number)s, line %(position)s",
                    number=order.number,
                    position=line.position,
                ),
                f"orders/{order.id}",
            )
        views.append(HolderView(each, nodes[each.node_id].name, document, path))
    return views
