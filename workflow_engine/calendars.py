"""Business calendars: when working time that starts now is used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

DAYS_AHEAD_MAX = 36_525


@dataclass(frozen=True)
class BusinessCalendar:
    """Working days (1 is Monday) and hours in a time zone, without the holidays."""

    id: str
    workdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    opens: time = time(9)
    closes: time = time(17)
    timezone: str = "UTC"
    holidays: frozenset[date] = field(default_factory=frozenset)
    version: str = "1"

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_workday(self, day: date) -> bool:
        return day.isoweekday() in self.workdays and day not in self.holidays

    def after(self, start: datetime, days: int, clock: timedelta) -> datetime:
        """The UTC instant after so many working days and so much working time.

        A start outside working hours counts from the next opening. A day later is the same wall
        clock time on the next working day; hours run only while the calendar is open.
        """
        current = self._opened(start.astimezone(self.zone))
        for _ in range(days):
            following = self._next_workday(current.date() + timedelta(days=1))
            current = self._local(following, current.time())
        return self._spend(current, clock).astimezone(UTC)

    def _opened(self, local: datetime) -> datetime:
        day = local.date()
        if self.is_workday(day) and local.time() < self.closes:
            return max(local, self._local(day, self.opens))
        return self._local(self._next_workday(day + timedelta(days=1)), self.opens)

    def _spend(self, current: datetime, left: timedelta) -> datetime:
        while left > timedelta(0):
            closing = self._local(current.date(), self.closes)
            # In UTC, because the difference of two local times ignores a change of the clock.
            open_for = closing.astimezone(UTC) - current.astimezone(UTC)
            if left <= open_for:
                return (current.astimezone(UTC) + left).astimezone(self.zone)
            left -= open_for
            following = self._next_workday(current.date() + timedelta(days=1))
            current = self._local(following, self.opens)
        return current

    def _next_workday(self, day: date) -> date:
        for _ in range(DAYS_AHEAD_MAX):
            if self.is_workday(day):
                return day
            day += timedelta(days=1)
        raise OverflowError(f"calendar '{self.id}' has no working day")

    def _local(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at.replace(tzinfo=None), self.zone)


class CalendarBook:
    """The calendars of one tenant, by id."""

    def __init__(self, calendars: Iterable[BusinessCalendar]) -> None:
        self._calendars = {calendar.id: calendar for calendar in calendars}

    def due(self, calendar: str, start: datetime, days: int, clock_seconds: int) -> datetime:
        """Working days, then working time, after `start`; KeyError for an unknown calendar."""
        return self._calendars[calendar].after(start, days, timedelta(seconds=clock_seconds))

    def version(self, calendar: str) -> str:
        return self._calendars[calendar].version


def read_calendar(document: Mapping[str, Any]) -> BusinessCalendar:
    """A calendar from its JSON; only `id` must be there."""
    return BusinessCalendar(
        id=document["id"],
        workdays=frozenset(document.get("workdays", (1, 2, 3, 4, 5))),
        opens=time.fromisoformat(document.get("from", "09:00")),
        closes=time.fromisoformat(document.get("to", "17:00")),
        timezone=document.get("timezone", "UTC"),
        holidays=frozenset(date.fromisoformat(day) for day in document.get("holidays", ())),
        version=str(document.get("version", "1")),
    )
