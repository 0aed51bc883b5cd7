"""Who gets stock that arrives: lines wait at a node in a stated order, and the first is served."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from commerce.ids import OrderLineId
from commerce.inventory.allocation import Shelf


@dataclass(frozen=True)
class Waiting:
    """A line that waits for `short` units of a shelf; a smaller priority number goes first.

    `turn` is the order's number and the line's position in it: who came in first.
    """

    line_id: OrderLineId
    turn: tuple[int, int]
    shelf: Shelf
    short: int
    priority: int
    placed_at: datetime


@dataclass(frozen=True)
class Share:
    """What a waiting line gets."""

    line_id: OrderLineId
    shelf: Shelf
    quantity: int


def hand_out(waiting: Iterable[Waiting], free: Mapping[Shelf, int]) -> list[Share]:
    """Give free units to waiting lines by priority, the time of the order, and who came in first.

    A line takes all it lacks before the next one gets any, so nobody behind it overtakes it; the
    line at which the units run out takes what is left and waits on for the rest.
    """
    left, shares = dict(free), []
    for line in sorted(waiting, key=lambda each: (each.priority, each.placed_at, each.turn)):
        units = min(line.short, max(0, left.get(line.shelf, 0)))
        if units:
            left[line.shelf] -= units
            shares.append(Share(line.line_id, line.shelf, units))
    return shares
