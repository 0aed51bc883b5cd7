"""Calendar days that somebody picked, as instants on the clock of who picked them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from builder_ui.portal.framing import current_visit


def beginning_of(day: str | None) -> datetime | None:
    """Return when a day such as `2026-03-02` begins; None for what is no day."""
    try:
        return at_midnight(date.fromisoformat(day or ""))
    except (ValueError, OverflowError):
        return None


def end_of(day: str | None) -> datetime | None:
    """Return when the day after begins; None for what is no day."""
    try:
        return at_midnight(date.fromisoformat(day or "") + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


def at_midnight(on: date) -> datetime:
    """Return the beginning of a day where the person lives."""
    return datetime.combine(on, time(), ZoneInfo(current_visit().formats.time_zone))


def today(now: datetime) -> date:
    """Return which day it is where the person lives."""
    return now.astimezone(ZoneInfo(current_visit().formats.time_zone)).date()
