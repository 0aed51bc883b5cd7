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


@dataclass(eq=False)
class OnHandChanged(Conflict):
    """What is on hand is not what the count was compared with: look again."""

    code: ClassVar[str] = "inventory.on_hand_changed"

    expected: int
    on_hand: int


@dataclass(eq=False)
class ApprovalNeeded(Conflict):
    """A correction of so many units needs somebody else's approval: propose it."""

    code: ClassVar[str] = "inventory.approval_needed"

    units: int
    limit: int


@dataclass(eq=False)
class AdjustmentDecided(Conflict):
    """This correction was decided already."""

    code: ClassVar[str] = "inventory.adjustment_decided"

    adjustment_id: str
    state: str


@dataclass(eq=False)
class OwnAdjustment(Conflict):
    """Nobody decides a correction they asked for: leave it to somebody else."""

    code: ClassVar[str] = "inventory.own_adjustment"

    adjustment_id: str


@dataclass(eq=False)
class NotAsApproved(Conflict):
    """What was approved is not what this correction says."""

    code: ClassVar[str] = "inventory.not_as_approved"

    adjustment_id: str


@dataclass(eq=False)
class TransferOver(Conflict):
    """Nothing of this transfer is on the road any more."""

    code: ClassVar[str] = "inventory.transfer_over"

    transfer_id: str
    state: str


@dataclass(eq=False)
class MoreThanShipped(Conflict):
    """More units were named than are on the road: receive the rest as goods of their own."""

    code: ClassVar[str] = "inventory.more_than_shipped"

    sku_id: str
    wanted: int
    on_the_road: int
