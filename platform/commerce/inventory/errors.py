"""How inventory says no."""

from dataclasses import dataclass
from typing import ClassVar

from commerce.inventory.allocation import Shortage
from kernel.errors import Conflict


@dataclass(eq=False)
class OutOfStock(Conflict):
    """Fewer units can be promised than were asked for."""

    code: ClassVar[str] = "inventory.out_of_stock"

    shortages: tuple[Shortage, ...]


@dataclass(eq=False)
class ReservationEnded(Conflict):
    """This reservation holds nothing any more: it was converted or released, or its time is up."""

    code: ClassVar[str] = "inventory.reservation_ended"

    reservation_id: str
    state: str


@dataclass(eq=False)
class CountedMeanwhile(Conflict):
    """The stock has changed since it was counted: count again."""

    code: ClassVar[str] = "inventory.counted_meanwhile"

    expected: int
    available: int


@dataclass(eq=False)
class NodeClosed(Conflict):
    """This node is closed: it neither promises nor receives stock."""

    code: ClassVar[str] = "inventory.node_closed"

    node_id: str
