"""How the simulated supplier decides: a rule over stable facts, the same in every replay.

Each decision draws a number from 0 to 9,999 out of the SHA-256 of what is decided and the facts:
supplier code, SKU code, quantity and the day. Ids, clocks and chance play no part.

- A question is answered yes in the supplier's next office hour that is 2 hours away or more: on
  Mondays, Wednesdays and Fridays at 15:00 UTC. Of 10,000 draws, 800 are a no, which comes by
  telephone, 2 to 47 hours later. A yes names the lead time from the question, and is late by 1 to
  3 days in 2,000 draws, by 4 to 14 in 1,000.
- A purchase order is acknowledged in the next office hour that is an hour away or more, for the
  day its lead time promises. In 300 draws it is turned down instead, by telephone; in 500 only
  half of each line (rounded up) is confirmed.
- It is delivered by the first lorry after that day: on Tuesdays and Fridays at 13:00 UTC. It comes
  whole, but in 1,000 draws half of it (rounded up) and the rest a week later; and in 1,500 draws
  1 to 5 days late, to which the lorry's day is added. One unit never comes in two.

What ends a customer's wait without goods (a no, an order turned down) comes at a moment of its
own, so that what it frees is given away before anybody else asks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from kernel.clock import format_instant

OUT_OF = 10_000
ANSWERED_NO = 800
LATE_A_LITTLE = 2_000
LATE_A_LOT = 1_000
DELIVERED_IN_TWO = 1_000
DELIVERED_LATE = 1_500
TURNED_DOWN = 300
CONFIRMED_SHORT = 500
OFFICE_HOUR, OFFICE_DAYS = time(15, tzinfo=UTC), (0, 2, 4)
LORRY_HOUR, LORRY_DAYS = time(13, tzinfo=UTC), (1, 4)
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


@dataclass(frozen=True)
class Confirmation:
    """When an order is answered, and how many units of each line, by position; None is a no."""

    at: datetime
    confirmed: dict[int, int] | None


def reply_to_question(facts: Facts, lead_time: timedelta) -> Reply:
    """Decide whether and for when a supplier promises."""
    if _draw("no", facts) < ANSWERED_NO:
        return Reply(_by_telephone(facts), None)
    answered_at = _next(OFFICE_HOUR, OFFICE_DAYS, facts.at + timedelta(hours=2))
    return Reply(answered_at, facts.at + lead_time + timedelta(days=_days_late(facts)))


def confirmation(facts: Facts) -> Confirmation:
    """Decide when a purchase order is acknowledged, and how much of it."""
    if _draw("turned down", facts) < TURNED_DOWN:
        return Confirmation(_by_telephone(facts), None)
    is_short = _draw("short", facts) < CONFIRMED_SHORT
    confirmed = {
        position: -(-units // 2) if is_short else units
        for position, units in enumerate(facts.quantities, start=1)
    }
    at = _next(OFFICE_HOUR, OFFICE_DAYS, facts.at + timedelta(hours=1))
    return Confirmation(at, confirmed)


def deliveries(facts: Facts, confirmed: Mapping[int, int], eta: datetime) -> list[Delivery]:
    """Decide when the confirmed goods of a purchase order come, and in how many parts."""
    days = 1 + _draw("how late", facts) % 5 if _draw("late", facts) < DELIVERED_LATE else 0
    first = _next(LORRY_HOUR, LORRY_DAYS, eta + timedelta(days=days))
    whole = dict(confirmed)
    if sum(whole.values()) == 1 or _draw("in two", facts) >= DELIVERED_IN_TWO:
        return [Delivery(first, whole)]
    half = {position: -(-units // 2) for position, units in whole.items()}
    rest = {position: whole[position] - units for position, units in half.items()}
    later = {position: units for position, units in rest.items() if units}
    return [Delivery(first, half), Delivery(first + REST_FOLLOWS_AFTER, later)]


def _next(hour: time, weekdays: Sequence[int], earliest: datetime) -> datetime:
    """Return the first such hour on such a weekday (Monday is 0) that is not before `earliest`."""
    at = datetime.combine(earliest.astimezone(UTC).date(), hour)
    while at < earliest or at.weekday() not in weekdays:
        at += timedelta(days=1)
    return at


def _by_telephone(facts: Facts) -> datetime:
    hours, seconds = 2 + _draw("hours", facts) % 46, _draw("seconds", facts) % 3600
    return facts.at + timedelta(hours=hours, seconds=seconds)


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
