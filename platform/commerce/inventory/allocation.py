"""Which node each unit comes from, and whether there are enough: decisions without a database."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commerce.ids import NodeId, SkuId


@dataclass(frozen=True, order=True)
class Shelf:
    """A SKU at a node: the place that is locked, counted and moved from."""

    sku_id: SkuId
    node_id: NodeId


@dataclass(frozen=True)
class Demand:
    """Units wanted from one shelf."""

    sku_id: SkuId
    node_id: NodeId
    quantity: int

    @property
    def shelf(self) -> Shelf:
        """The shelf it is wanted from."""
        return Shelf(self.sku_id, self.node_id)


@dataclass(frozen=True)
class Shortage:
    """A shelf that has fewer units free than are wanted of it, by all demands together."""

    sku_id: SkuId
    node_id: NodeId
    wanted: int
    available: int


@dataclass(frozen=True)
class Want:
    """Units wanted from any node; `line` says for what."""

    line: str
    sku_id: SkuId
    quantity: int


@dataclass(frozen=True)
class Pick:
    """What a want gets: `taken` units at a node now; `short` ones are to come to that node."""

    line: str
    sku_id: SkuId
    node_id: NodeId
    taken: int
    short: int


def shortages(demands: Iterable[Demand], free: Mapping[Shelf, int]) -> list[Shortage]:
    """Return every shelf that cannot meet all that is wanted of it, in the order of shelves.

    Demands are added up first: two lines that want the same shelf compete for the same units.
    """
    wanted: Counter[Shelf] = Counter()
    for demand in demands:
        wanted[demand.shelf] += demand.quantity
    return [
        Shortage(shelf.sku_id, shelf.node_id, units, free.get(shelf, 0))
        for shelf, units in sorted(wanted.items())
        if units > free.get(shelf, 0)
    ]


def plan_picks(
    wants: Sequence[Want], free: Mapping[Shelf, int], nodes: Sequence[NodeId]
) -> list[Pick]:
    """Give each want, in turn, a node: the first in `nodes` that can meet all of it.

    A want that no node can meet alone takes what its first node has and waits there for the
    rest: a line never ships from two nodes. `nodes` is the order of preference and not empty.
    """
    left = dict(free)
    picks = []
    for want in wants:
        pick = _pick(want, left, nodes)
        shelf = Shelf(pick.sku_id, pick.node_id)
        left[shelf] = left.get(shelf, 0) - pick.taken
        picks.append(pick)
    return picks


def fullest_first(sku_id: SkuId, free: Mapping[Shelf, int]) -> list[NodeId]:
    """Return the nodes that hold a SKU, the fuller shelf first; ties by id."""
    held = [shelf for shelf in free if shelf.sku_id == sku_id]
    return [shelf.node_id for shelf in sorted(held, key=lambda s: (-free[s], s.node_id))]


def _pick(want: Want, left: Mapping[Shelf, int], nodes: Sequence[NodeId]) -> Pick:
    for node_id in nodes:
        if left.get(Shelf(want.sku_id, node_id), 0) >= want.quantity:
            return Pick(want.line, want.sku_id, node_id, want.quantity, 0)
    first = nodes[0]
    taken = max(0, min(want.quantity, left.get(Shelf(want.sku_id, first), 0)))
    return Pick(want.line, want.sku_id, first, taken, want.quantity - taken)
