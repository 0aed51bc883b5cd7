"""Working time: days keep the clock, hours run only while the calendar is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from workflow_engine.calendars import BusinessCalendar

WEEK = BusinessCalendar("week")
BERLIN = BusinessCalendar("berlin", timezone="Europe/Berlin")
HOUR = timedelta(hours=1)


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "days", "clock", "expected"),
    [
        pytest.param(utc(11, 9), 2, 0 * HOUR, utc(13, 9), id="two days from Wednesday"),
        pytest.param(utc(13, 9), 2, 0 * HOUR, utc(17, 9), id="two days over a weekend"),
        pytest.param(utc(14, 11), 0, 0 * HOUR, utc(16, 9), id="Saturday counts from Monday"),
        pytest.param(utc(11, 20), 0, HOUR, utc(12, 10), id="evening counts from the morning"),
        pytest.param(utc(13, 15), 0, 4 * HOUR, utc(16, 11), id="hours go on on Monday"),
        pytest.param(utc(11, 9), 0, 8 * HOUR, utc(11, 17), id="a full day ends at closing"),
        pytest.param(utc(11, 5), 1, HOUR, utc(12, 10), id="days first, then hours"),
    ],
)
def test_working_time_after_a_start(
    start: datetime, days: int, clock: timedelta, expected: datetime
) -> None:
    assert WEEK.after(start, days, clock) == expected


def test_a_holiday_is_no_working_day() -> None:
    calendar = BusinessCalendar("week", holidays=frozenset({date(2026, 11, 12)}))

    assert calendar.after(utc(11, 10), 1, timedelta()) == utc(13, 10)


def test_a_day_later_is_the_same_wall_clock_time_though_the_clocks_change() -> None:
    # Berlin leaves summer time on Sunday, 25 October 2026.
    assert BERLIN.after(utc(23, 8, month=10), 1, timedelta()) == utc(26, 9, month=10)


def test_a_calendar_without_working_days_says_so() -> None:
    never = BusinessCalendar("never", workdays=frozenset(), opens=time(9))

    with pytest.raises(OverflowError, match="no working day"):
        never.after(utc(11, 9), 1, timedelta())
