"""Working calendars in the portal: written by people, previewed before they are saved."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from builder_ui.portal.calendars import Preview, preview_of
from tests.builder_ui.portal.conftest import Walker, words
from tests.tenants.conftest import House
from workflow_engine.calendars import read_calendar
from workflow_engine.runtime.calendar_queries import one_calendar

OSLO: dict[str, str | list[str]] = {
    "from": "08:00", "to": "16:00", "timezone": "Europe/Oslo",
    "workdays": ["1", "2", "3", "4", "5"], "holidays": "2026-03-03\n\n2026-12-25",
}  # fmt: skip


@pytest.fixture
def ada(house: House, walker: Callable[..., Walker]) -> Walker:
    """An administrator of ACME, on Monday morning."""
    house.member("ada@acme.example", "administrator")
    return walker("ada@acme.example")


def test_there_are_no_calendars_at_first(ada: Walker) -> None:
    assert "No calendars yet" in words(ada.open("calendars"))


def test_a_calendar_is_written_and_says_when_it_opens_next(ada: Walker, house: House) -> None:
    answer = ada.send("calendars", name="tenant.business", **OSLO)

    assert answer.status_code == 303
    page = words(ada.open("calendars/tenant.business?told=written"))
    assert "Due times that are fixed already stay as they are." in page
    assert "It is open now." in page
    listed = words(ada.open("calendars"))
    assert "Mon–Fri, 08:00–16:00 Europe/Oslo 2 Open" in listed
    with house.open() as uow:
        read = one_calendar(uow, "tenant.business")
    assert (read.timezone, read.holidays) == (
        "Europe/Oslo",
        frozenset({date(2026, 3, 3), date(2026, 12, 25)}),
    )


def test_what_was_typed_is_previewed_and_not_saved(ada: Walker, house: House) -> None:
    typed = OSLO | {"from": "13:00", "workdays": ["1", "3"]}

    page = ada.send("calendars", name="late", preview="yes", **typed)

    assert page.status_code == 200
    assert "Nothing is saved yet." in words(page)
    assert "Next opening:" in words(page)
    assert 'value="13:00"' in page.text
    assert "No calendars yet" in words(ada.open("calendars"))


def test_every_field_that_is_wrong_is_told_at_once(ada: Walker) -> None:
    wrong = {"from": "nine", "to": "", "timezone": "Mars/Olympus", "holidays": "Christmas"}

    answer = ada.send("calendars", name="odd", **wrong)

    told = words(answer)
    assert answer.status_code == 422
    for sentence in (
        "Enter the time at which it opens, such as 09:00.",
        "Enter the time at which it closes, such as 09:00.",
        "Choose at least one working day.",
        "Choose a time zone of the list.",
        "Line 1, 'Christmas', is no day: write it as 2026-12-25.",
    ):
        assert sentence in told


@pytest.mark.parametrize("name", ["", "With blanks", "../roles", "x" * 81])
def test_a_name_is_one_that_workflows_can_say(ada: Walker, name: str) -> None:
    assert ada.send("calendars", name=name, **OSLO).status_code == 422


def test_a_calendar_that_closes_before_it_opens_is_refused(ada: Walker) -> None:
    answer = ada.send("calendars", name="night", **(OSLO | {"from": "22:00", "to": "06:00"}))

    assert "It closes after it opens, on the same day." in words(answer)


def test_somebody_s_change_is_not_lost(ada: Walker, house: House) -> None:
    """The second of two who opened the page is told, and so is who gives a name that is taken."""
    ada.send("calendars", name="tenant.business", **OSLO)

    first = ada.send("calendars/tenant.business", version="1", **(OSLO | {"to": "17:00"}))
    second = ada.send("calendars/tenant.business", version="1", **(OSLO | {"to": "18:00"}))
    again = ada.send("calendars", name="tenant.business", **OSLO)

    assert (first.status_code, second.status_code, again.status_code) == (303, 412, 412)
    with house.open() as uow:
        assert one_calendar(uow, "tenant.business").closes.hour == 17


def test_a_preview_counts_in_the_zone_and_past_holidays() -> None:
    """On Friday evening in Oslo, Monday's holiday is left out as well as the weekend."""
    calendar = read_calendar(
        {"id": "x", "timezone": "Europe/Oslo", "from": "08:00", "to": "16:00",
         "holidays": ["2026-03-09"]}
    )  # fmt: skip

    told = preview_of(calendar, datetime(2026, 3, 6, 15, 30, tzinfo=UTC))

    assert told == Preview(
        False,
        datetime(2026, 3, 10, 7, 0, tzinfo=UTC),
        tuple(date(2026, 3, day) for day in (10, 11, 12, 13, 16)),
    )


def test_a_preview_crosses_summer_time() -> None:
    """Eight on the wall is an hour earlier in UTC from the last Sunday in March on."""
    calendar = read_calendar({"id": "x", "timezone": "Europe/Oslo", "from": "08:00"})

    told = preview_of(calendar, datetime(2026, 3, 27, 20, 0, tzinfo=UTC))

    assert told.opens_at == datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
