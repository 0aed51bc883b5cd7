"""Values are written for a person's locale and clock, and lose nothing on the way."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from builder_ui.shell.formats import Formats

NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_an_instant_is_written_on_the_persons_own_clock() -> None:
    written = [
        Formats(time_zone=zone).moment(NEW_YEAR) for zone in ("UTC", "Asia/Tokyo", "America/Lima")
    ]

    assert written == ["31 Dec 2026, 23:30", "1 Jan 2027, 08:30", "31 Dec 2026, 18:30"]


def test_an_instant_without_a_zone_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="without a zone"):
        Formats().moment(NEW_YEAR.replace(tzinfo=None))


def test_days_and_lengths_of_time_have_words() -> None:
    formats = Formats()

    assert formats.day(date(2026, 3, 2)) == "2 Mar 2026"
    assert formats.ago(NEW_YEAR - timedelta(hours=3), NEW_YEAR) == "3 hours ago"
    assert formats.duration(timedelta(minutes=90)) == "2 hours"


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "written"),
    [
        ("en", "1234.50", "EUR", "€1,234.50"),
        ("de", "1234.50", "EUR", "1.234,50\xa0€"),
        ("en", "1500", "JPY", "¥1,500"),
        ("en", "0.0005", "USD", "$0.0005"),
    ],
)
def test_money_is_written_exactly(locale: str, amount: str, currency: str, written: str) -> None:
    assert Formats(locale=locale).money(Decimal(amount), currency) == written


def test_numbers_keep_every_place() -> None:
    formats = Formats()

    written = [formats.number(value) for value in (5009, Decimal("2.50"), Decimal("1234567.125"))]

    assert written == ["5,009", "2.50", "1,234,567.125"]
    assert formats.percent(Decimal("0.974")) == "97.4%"
