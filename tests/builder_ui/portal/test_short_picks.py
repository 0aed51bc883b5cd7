"""A picker says on the page of a fulfilment order how many were found, and why not all."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from commerce.warehouse import queries
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade, some_things
from tests.tenants.conftest import House

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    return a_trade(house.runtime)


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


@pytest.fixture
def three_lamps(trade: Trade) -> str:
    """A fulfilment order of three lamps, none of which is picked."""
    return some_things(trade)["fulfilment_id"]


def say(who: Walker, fulfilment_id: str, **said: str) -> TestResponse:
    """Send the form as it stands on the page, with what somebody filled in."""
    page = who.open(f"fulfilments/{fulfilment_id}").text
    hidden = dict(re.findall(r'name="(asked-\d+)" value="(\d+)"', page))
    return who.send(f"fulfilments/{fulfilment_id}/shortfall", **hidden, line="1", **said)


def line(trade: Trade, fulfilment_id: str) -> tuple[int, int, int]:
    """Return what the line asks for, what was picked, and what was dropped."""
    with trade.shop.merchant.work() as uow:
        row = queries.one_fulfilment(uow, fulfilment_id)
        (found,) = queries.lines_of(uow, row.id)
        return found.quantity, found.picked, found.dropped


def test_what_was_found_goes_on_and_the_rest_waits(
    trade: Trade, ana: Walker, three_lamps: str
) -> None:
    short = say(ana, three_lamps, found="1", why="mismatch")
    page = ana.open(short.location)
    picked = ana.send(f"fulfilments/{three_lamps}/picking", version="9")

    assert "It is noted what was not found" in words(page)
    assert "LAMP-RED, Desk lamp, red: 1 asked for" in words(page)
    assert "The parcel is packed" in words(ana.open(picked.location))
    assert line(trade, three_lamps) == (3, 1, 2)


def test_a_form_that_is_sent_twice_counts_once_and_a_second_report_counts_again(
    trade: Trade, ana: Walker, three_lamps: str
) -> None:
    first = {"line": "1", "asked-1": "3", "found": "2", "why": "damaged"}

    for _again in range(2):
        ana.send(f"fulfilments/{three_lamps}/shortfall", **first)
    once = line(trade, three_lamps)
    say(ana, three_lamps, found="1", why="damaged")

    assert once == (3, 0, 1)
    assert line(trade, three_lamps) == (3, 0, 2)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param({"found": "", "why": "damaged"}, "Write how many were found", id="nothing"),
        pytest.param({"found": "-1", "why": "damaged"}, "Write how many were found", id="below 0"),
        pytest.param({"found": "1.5", "why": "damaged"}, "Write how many", id="half a lamp"),
        pytest.param({"found": "3", "why": "damaged"}, "write fewer than that", id="all found"),
        pytest.param({"found": "1"}, "Choose why they are missing.", id="no reason"),
        pytest.param({"found": "1", "why": "stolen"}, "Choose why", id="an unknown reason"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_words_stay(
    trade: Trade, ana: Walker, three_lamps: str, said: dict[str, str], told: str
) -> None:
    refused = say(ana, three_lamps, **said)

    assert refused.status_code == 422
    assert told in words(refused)
    assert '<details class="short-pick" open>' in refused.text
    assert f'value="{said["found"]}"' in refused.text
    assert line(trade, three_lamps) == (3, 0, 0)


def test_who_comes_too_late_is_told_what_is_still_asked(
    trade: Trade, ana: Walker, three_lamps: str
) -> None:
    say(ana, three_lamps, found="1", why="mismatch")
    form = {"line": "1", "asked-1": "3", "found": "0", "why": "not_in_stock"}

    late = ana.send(f"fulfilments/{three_lamps}/shortfall", **form)

    assert late.status_code == 409
    assert "More units were named than this line still asks for." in words(late)
    assert line(trade, three_lamps) == (3, 0, 2)


def test_nothing_is_asked_of_who_may_only_look(
    house: House, walker: Come, three_lamps: str
) -> None:
    house.member("vic@acme.example", "auditor")

    page = walker("vic@acme.example").open(f"fulfilments/{three_lamps}")

    assert page.status_code == 200
    assert "Not all of it was found" not in words(page)
