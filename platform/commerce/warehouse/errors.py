"""How a warehouse says no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class NotInThisStatus(Conflict):
    """This fulfilment order is not where this can be done."""

    code: ClassVar[str] = "warehouse.not_in_this_status"

    fulfilment_order_id: str
    status: str


@dataclass(eq=False)
class HeldBack(Conflict):
    """This fulfilment order is held back: release the hold first."""

    code: ClassVar[str] = "warehouse.held_back"

    fulfilment_order_id: str
    reason: str


@dataclass(eq=False)
class NotHeldBack(Conflict):
    """This fulfilment order is not held back."""

    code: ClassVar[str] = "warehouse.not_held_back"

    fulfilment_order_id: str


@dataclass(eq=False)
class NotAllPicked(Conflict):
    """Units are still to be picked: pick them, or report them short."""

    code: ClassVar[str] = "warehouse.not_all_picked"

    fulfilment_order_id: str
    missing: int


@dataclass(eq=False)
class MoreThanAsked(Conflict):
    """More units were named than this line still asks for."""

    code: ClassVar[str] = "warehouse.more_than_asked"

    position: int
    wanted: int
    asked: int


@dataclass(eq=False)
class AlreadyPacked(Conflict):
    """These units are packed already: unpack them first, or let them be shipped."""

    code: ClassVar[str] = "warehouse.already_packed"

    fulfilment_order_id: str
