"""How the simulated supplier decides: a rule over stable facts, the same in every replay.

Each decision draws a number from 0 to 9,999 out of the SHA-256 of what is decided and the facts:
supplier code, SKU code, quantity and the day. Ids, clocks and chance play no part.

- A question is answered after 2 to 47 hours. Of 10,000 draws, 800 are a no. Otherwise the date is
  the lead time from the question, and late by 1 to 3 days in 2,000 draws, by 4 to 14 in 1,000.
- A purchase order is acknowledged whole after 1 to 24 hours, for the day its lead time promises.
- It is delivered on that day: whole, but in 1,000 draws half of it (rounded up) and the rest a
  week later; and 1 to 5 days late in 1,500 draws. An order of one unit never comes in two.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.clock import format_instant

OUT_OF = 10_000
ANSWERED_NO = 800
LATE_A_LITTLE = 2_000
LATE_A_LOT = 1_000
DELIVERED_IN_TWO = 1_000
DELIVERED_LATE = 1_500
REST_FOLLOWS_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    """What a decision may depend on; `sku_codes` and `quantities` go together."""

    supplier_code: str
    sku_codes: Sequence[str]
    quantities: Sequence[int]
    at: datetime


@dataclass(frozen=True)
class Reply:
    """When a question is answered, and with which date; None is a no."""

    at: datetime
    eta: datetime | None


@dataclass(frozen=True)
class Delivery:
    """When goods come, and how many of each line, by position from 1."""

    at: datetime
    quantities: dict[int, int]


def reply_to_question(facts: Facts, lead_time: timedelta) -> Reply:
    """Decide whether and for when a supplier promises."""
    answered_at = facts.at + timedelta(hours=2 + _draw("hours", facts) % 46)
    if _draw("no", facts) < ANSWERED_NO:
        return Reply(answered_at, None)
    return Reply(answered_at, facts.at + lead_time + timedelta(days=_days_late(facts)))


def acknowledged_at(facts: Facts) -> datetime:
    """Decide when a purchase order is acknowledged."""
    return facts.at + timedelta(hours=1 + _draw("acknowledged", facts) % 24)


def deliveries(facts: Facts, eta: datetime) -> list[Delivery]:
    """Decide when the goods of a purchase order come, and in how many parts."""
    days = 1 + _draw("how late", facts) % 5 if _draw("late", facts) < DELIVERED_LATE else 0
    first = eta + timedelta(days=days)
    whole = dict(enumerate(facts.quantities, start=1))
    if sum(facts.quantities) == 1 or _draw("in two", facts) >= DELIVERED_IN_TWO:
        return [Delivery(first, whole)]
    half = {position: -(-units // 2) for position, units in whole.items()}
    rest = {position: whole[position] - units for position, units in half.items()}
    later = {position: units for position, units in rest.items() if units}
    return [Delivery(first, half), Delivery(first + REST_FOLLOWS_AFTER, later)]


def _days_late(facts: Facts) -> int:
    drawn = _draw("date", facts)
    if drawn < LATE_A_LOT:
        return 4 + _draw("how late", facts) % 11
    if drawn < LATE_A_LOT + LATE_A_LITTLE:
        return 1 + _draw("how late", facts) % 3
    return 0


def _draw(decided: str, facts: Facts) -> int:
    lines = ",".join(
        f"{code}:{units}" for code, units in zip(facts.sku_codes, facts.quantities, strict=True)
    )
    said = f"{decided}|{facts.supplier_code}|{lines}|{format_instant(facts.at)[:10]}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) % OUT_OF
