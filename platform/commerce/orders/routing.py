"""Which node each line of a new order comes from, decided under the locks of the shelves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from commerce.catalog.folding import fold
from commerce.catalog.network_tables import Node
from commerce.catalog.queries import active_nodes, by_codes, one
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, OrderId, OrderLineId, SkuId
from commerce.inventory.allocation import Demand, Pick, Shelf, Want, plan_picks
from commerce.inventory.commitments import Commitment, allocate_from
from commerce.inventory.service import free_expired
from commerce.inventory.shelves import lock_skus
from commerce.orders.contents import LineContent, OrderContent
from commerce.orders.distance import Place, Point, nearest_first
from commerce.orders.lifecycle import LinePhase
from commerce.orders.tables import SalesOrderLine
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Outcome:
    """What becomes of one line at once: a pick, or the reason why a person has to look."""

    line_id: OrderLineId
    content: LineContent
    sku: Sku | None
    pick: Pick | None
    reason: str | None

    @property
    def phase(self) -> LinePhase:
        """The phase the line begins in."""
        if self.pick is None:
            return "held"
        return "backordered" if self.pick.short else "allocated"

    @property
    def sku_code(self) -> str:
        """The SKU's own code, or the one the line came with where we know no such SKU."""
        return self.sku.code if self.sku is not None else self.content.sku_code


def route(
    uow: UnitOfWork, order_id: OrderId, content: OrderContent, priority: int
) -> list[Outcome]:
    """Give every line an outcome, and commit what is taken, under the locks of the shelves."""
    lines = [(OrderLineId(uow.new_id("orl")), line) for line in content.lines]
    nodes = nodes_for(uow, content.ship_to.point if content.ship_to else None, content.collect_at)
    return route_lines(uow, lines, nodes, priority, key=f"place/{order_id}")


def route_lines(
    uow: UnitOfWork,
    lines: Sequence[tuple[OrderLineId, LineContent]],
    nodes: Sequence[NodeId],
    priority: int,
    *,
    key: str,
) -> list[Outcome]:
    """Give lines an outcome, and commit what is taken, from these nodes, the preferred one first.

    For verbs that are themselves done once: the ledger refuses a key that has moved units before.
    """
    skus = by_codes(uow, Sku, [line.sku_code for _line_id, line in lines])
    known = {line_id: skus.get(fold(line.sku_code)) for line_id, line in lines}
    wants = [
        Want(line_id, sku.id, line.quantity)
        for line_id, line in lines
        if (sku := known[line_id]) is not None and sku.is_active and nodes
    ]
    picks = _picked(uow, wants, nodes, priority, key) if wants else {}
    return [
        Outcome(
            line_id,
            line,
            known[line_id],
            picks.get(line_id),
            _why_held(known[line_id]) if line_id not in picks else None,
        )
        for line_id, line in lines
    ]


def nodes_for(uow: UnitOfWork, ship_to: Point | None, collect_at: NodeId | None) -> list[NodeId]:
    """Return where an order may come from, the preferred node first; empty where none is open."""
    if collect_at is not None:
        node = one(uow, Node, collect_at)
        return [node.id] if node.is_active else []
    assert ship_to is not None, "an order has a destination"
    places = [
        Place(node.id, node.code_key, Point(node.latitude, node.longitude))
        for node in active_nodes(uow, "ship")
    ]
    return nearest_first(ship_to, places)


def waiting_at(uow: UnitOfWork, sku_ids: Sequence[SkuId]) -> dict[Shelf, int]:
    """Return how many units lines wait for, shelf by shelf."""
    rows = uow.session.execute(
        select(
            SalesOrderLine.sku_id, SalesOrderLine.node_id, func.sum(SalesOrderLine.quantity_short)
        )
        .where(SalesOrderLine.phase == "backordered", SalesOrderLine.sku_id.in_(sku_ids))
        .group_by(SalesOrderLine.sku_id, SalesOrderLine.node_id)
    )
    return {
        Shelf(SkuId(str(sku_id)), NodeId(str(node_id))): int(short)
        for sku_id, node_id, short in rows
    }


def _picked(
    uow: UnitOfWork,
    wants: Sequence[Want],
    nodes: Sequence[NodeId],
    priority: int,
    key: str,
) -> dict[str, Pick]:
    """Lock, plan and commit; return what each want got."""
    sku_ids = sorted({want.sku_id for want in wants})
    shelves = lock_skus(uow, sku_ids)
    free_expired(uow, shelves)
    free = shelves.free()
    # Units that lines before this one wait for are theirs, even before they are handed out.
    for shelf, short in waiting_at(uow, sku_ids).items():
        free[shelf] = free.get(shelf, 0) - short
    picks = plan_picks(wants, free, nodes)
    taken = [
        Commitment(OrderLineId(pick.line), Demand(pick.sku_id, pick.node_id, pick.taken), priority)
        for pick in picks
        if pick.taken
    ]
    if taken:
        allocate_from(uow, shelves, taken, key=key)
    return {pick.line: pick for pick in picks}


def _why_held(sku: Sku | None) -> str:
    if sku is None:
        return "unknown_sku"
    return "retired_sku" if not sku.is_active else "no_node"
