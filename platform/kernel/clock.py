"""The only place that asks the time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, in UTC."""

    def now(self) -> datetime:
        """Return an aware UTC datetime."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)


class StoppedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        """Stop at `at`, which must be aware."""
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock was stopped or moved to."""
        return self._at

    def pass_time(self, by: timedelta) -> None:
        """Move forward (or, with a negative span, back)."""
        self._at += by


def monotonic_seconds() -> float:
    """Return seconds from an arbitrary start: for measuring durations, never for business time."""
    return time.monotonic()


def format_instant(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, with microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read RFC 3339; raises ValueError where the offset is missing or the text is no instant."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset, such as Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant lies in the years 1 to 9999 in UTC") from error
