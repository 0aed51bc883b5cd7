"""How close a thing is to what somebody looks for, and the few closest of a kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

Row = TypeVar("Row")
NUMBER_DIGITS_MAX = 18


class Closeness(IntEnum):
    """The very thing, something that begins so, or something that holds the words."""

    EXACT = 0
    BEGINS = 1
    WORDS = 2


@dataclass(frozen=True)
class Match(Generic[Row]):
    """Something that was found, and how close it is to what was looked for."""

    row: Row
    closeness: Closeness


Read = tuple[Closeness, Callable[[int], Iterable[Row]]]


def closest(limit: int, reads: Sequence[Read[Any]]) -> list[Match[Any]]:
    """Return up to so many rows, each once at its closest.

    The reads are given from close to far, and a farther one is not made once there are enough.
    """
    found: dict[str, Match[Any]] = {}
    for closeness, read in reads:
        if len(found) >= limit:
            break
        for row in read(limit):
            found.setdefault(row.id, Match(row, closeness))
    return list(found.values())[:limit]


def number_in(text: str) -> int | None:
    """Return the number that somebody typed, `1001` or `#1001`; None where it is none."""
    digits = text.removeprefix("#")
    # More digits than a number can have would not fit its column.
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= NUMBER_DIGITS_MAX
    return int(digits) if is_number else None


def begins_with_number(column: InstrumentedAttribute[int], number: int) -> ColumnElement[bool]:
    """Return a test for numbers that begin with these digits: a range for each further length."""
    longer = NUMBER_DIGITS_MAX - len(str(number))
    return or_(
        *(
            and_(column >= number * 10**more, column < (number + 1) * 10**more)
            for more in range(longer + 1)
        )
    )
