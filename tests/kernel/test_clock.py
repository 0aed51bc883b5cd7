"""Time is asked in one place, and written in one way."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import StoppedClock, SystemClock, format_instant, monotonic_seconds, parse_instant
from tests.conftest import MONDAY

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2, 9998))
INSTANTS = st.datetimes(FIRST, LAST, timezones=ZONES)


@given(INSTANTS)
def test_an_instant_is_read_back_in_utc(at: datetime) -> None:
    read = parse_instant(format_instant(at))

    assert read == at
    assert read.utcoffset() == timedelta(0)


def test_microseconds_are_written_only_where_there_are_any() -> None:
    assert format_instant(MONDAY) == "2026-03-02T09:00:00Z"
    assert format_instant(MONDAY + timedelta(microseconds=7)) == "2026-03-02T09:00:00.000007Z"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-03-02T09:00:00", id="no offset"),
        pytest.param("2026-03-02", id="a date"),
        pytest.param("yesterday", id="a word"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the first year"),
        pytest.param("9999-12-31T23:59:59-14:00", id="after the last year"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


def test_a_stopped_clock_moves_only_when_told_to() -> None:
    clock = StoppedClock(MONDAY.astimezone(timezone(timedelta(hours=5))))

    assert (clock.now(), clock.now().tzinfo) == (MONDAY, UTC)
    clock.pass_time(timedelta(days=1))
    assert clock.now() == MONDAY + timedelta(days=1)


def test_the_machine_is_asked_in_utc_and_durations_never_run_backwards() -> None:
    first, now = monotonic_seconds(), SystemClock().now()

    assert now.utcoffset() == timedelta(0)
    assert monotonic_seconds() >= first
