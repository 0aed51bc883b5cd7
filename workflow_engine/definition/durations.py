"""ISO 8601 durations of fixed length: weeks, days, hours, minutes, seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:[.,]\d{1,6})?)S)?)?"
)

DURATION_MAX = timedelta(days=36_525)
"""A hundred years; longer is a slip, and stays far from the end of the calendar."""


class DurationError(ValueError):
    """The text is not a duration such as P1D or PT30M."""


@dataclass(frozen=True, slots=True)
class Span:
    """A duration that remembers what was written as days.

    On a business calendar P2D means two working days and PT48H forty-eight working hours.
    """

    days: int
    clock: timedelta

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.days) + self.clock


def parse_duration(text: str) -> timedelta:
    """Read `P2DT3H` exactly; months and years are refused because their length varies."""
    return parse_span(text).length


def parse_span(text: str) -> Span:
    """Read a duration, days and hours apart."""
    found = _DURATION.fullmatch(text) if len(text) <= 64 else None
    if found is None or not any(found.groups()):
        raise DurationError(text)
    parts = found.groupdict(default="0")
    seconds, _, fraction = parts["seconds"].replace(",", ".").partition(".")
    clock = timedelta(
        hours=int(parts["hours"]),
        minutes=int(parts["minutes"]),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, "0")) if fraction else 0,
    )
    span = Span(7 * int(parts["weeks"]) + int(parts["days"]), clock)
    if span.length > DURATION_MAX:
        raise DurationError(text)
    return span


def write_duration(length: timedelta) -> str:
    """The shortest ISO 8601 text: days, hours, minutes, seconds; zero is PT0S."""
    sign, length = ("-", -length) if length < timedelta(0) else ("", length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = f"{hours}H" if hours else ""
    clock += f"{minutes}M" if minutes else ""
    if length.microseconds:
        clock += f"{seconds}.{length.microseconds:06d}".rstrip("0") + "S"
    elif seconds:
        clock += f"{seconds}S"
    days = f"{length.days}D" if length.days else ""
    return f"{sign}P{days}" + (f"T{clock}" if clock else "" if days else "T0S")
