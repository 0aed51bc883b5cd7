"""What happens in the channels, day by day: a rule over the history, the same in every run.

The file knows on which day an order was placed, and nothing else of how it came in. So:

- The channels hand over each day's orders at `HANDED_OVER_AT`, in the order they were placed.
- Of 1,000 numbers, 30 come a day late, and 20 come again a day later, as if for the first time.
- 10 come with a quantity of none first, are refused, and come as they should be right after.
- 10 come with an article number that nobody knows; a newer version two days later puts them right.
- 40 are held back by the customer's service a day after they came, and go on four days after that.
- 40 are cancelled by the customer two days after they came, as far as they have not left.

What changes an order comes before the orders of its day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from tenants.demo.merchant import draw
from tenants.demo.superstore import HistoricOrder

Happening = Literal["resumed", "cancelled", "held", "put right", "malformed", "unknown", "placed"]

HANDED_OVER_AT = time(18, tzinfo=UTC)
OUT_OF = 1000
LATE, TWICE, MALFORMED, UNKNOWN, HELD, CANCELLED = 30, 20, 10, 10, 40, 40
PUT_RIGHT_AFTER, HELD_AFTER, HELD_FOR, CANCELLED_AFTER = 2, 1, 4, 2
# Changes first, each kind together; then the orders.
_SEQUENCE: tuple[Happening, ...] = (
    "resumed",
    "cancelled",
    "held",
    "put right",
    "malformed",
    "unknown",
    "placed",
)
CHANGES: frozenset[Happening] = frozenset(("resumed", "cancelled", "held", "put right"))


@dataclass(frozen=True)
class Entry:
    """One thing that happens to one order; `position` is the order's place in the history."""

    happening: Happening
    position: int
    time: int = 1
    """Which time the order comes: 2 where it comes again."""


def agenda(orders: Sequence[HistoricOrder]) -> list[tuple[datetime, list[Entry]]]:
    """Return what happens at each moment at which something does, in the order of time."""
    days: dict[date, list[Entry]] = defaultdict(list)
    for position, order in enumerate(orders):
        for days_later, entry in _of_one(order, position):
            days[order.placed_on + timedelta(days=days_later)].append(entry)
    return [
        (datetime.combine(day, HANDED_OVER_AT), sorted(days[day], key=_place))
        for day in sorted(days)
    ]


def _of_one(order: HistoricOrder, position: int) -> list[tuple[int, Entry]]:
    drawn = {
        what: draw(f"{what}/{order.number}", OUT_OF) < share for what, share in _SHARES.items()
    }
    came = 1 if drawn["late"] else 0
    happens: list[tuple[int, Entry]] = []
    if drawn["malformed"]:
        happens.append((came, Entry("malformed", position)))
    happens.append((came, Entry("unknown" if drawn["unknown"] else "placed", position)))
    if drawn["unknown"]:
        happens.append((came + PUT_RIGHT_AFTER, Entry("put right", position)))
    elif drawn["twice"]:
        happens.append((came + 1, Entry("placed", position, time=2)))
    if drawn["held"]:
        happens.append((came + HELD_AFTER, Entry("held", position)))
        happens.append((came + HELD_AFTER + HELD_FOR, Entry("resumed", position)))
    if drawn["cancelled"]:
        happens.append((came + CANCELLED_AFTER, Entry("cancelled", position)))
    return happens


_SHARES: Mapping[str, int] = {
    "late": LATE,
    "twice": TWICE,
    "malformed": MALFORMED,
    "unknown": UNKNOWN,
    "held": HELD,
    "cancelled": CANCELLED,
}


def _place(entry: Entry) -> tuple[int, int, int]:
    kind = _SEQUENCE.index(entry.happening)
    if entry.happening in CHANGES:
        return (0, kind, entry.position)
    # A refused attempt stands right before the order that it should have been.
    return (1, entry.position, kind)
