"""How places and messages are spelled on the wire."""

from datetime import UTC, datetime

import pytest

from builder_ui.portal.stream.words import (
    BEGINNING,
    Told,
    heartbeat,
    is_behind,
    notice,
    opening,
    read_place,
    spell,
)
from kernel.feed import Place

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLY, LATE = Place(9, "evt_b"), Place(10, "evt_a")


def test_a_later_place_sorts_behind_an_earlier_one_as_text() -> None:
    """P9: a tab compares places to hear nothing twice."""
    assert spell(EARLY) < spell(LATE)
    assert is_behind(LATE, EARLY)
    assert not is_behind(EARLY, EARLY)
    assert spell(BEGINNING) < spell(EARLY)


@pytest.mark.parametrize("place", [BEGINNING, EARLY, LATE, Place(2**63 - 1, "evt_z")])
def test_a_place_is_read_back(place: Place) -> None:
    assert read_place(spell(place)) == place


@pytest.mark.parametrize(
    "word", ["", "x", "9.evt_b", "000000000000000g.evt_b", "f" * 16 + ".evt_b", "0" * 16 + ".É"]
)
def test_what_spells_no_place_is_none(word: str) -> None:
    assert read_place(word) is None


def test_a_message_names_its_place_and_what_happened() -> None:
    told = Told(LATE, "order.placed", MONDAY, {"order_id": "ord_1"})

    assert told.frame().decode().splitlines() == [
        "id: 000000000000000a.evt_a",
        'data: {"type":"order.placed","at":"2026-03-02T09:00:00+00:00","ids":{"order_id":"ord_1"}}',
        "",
    ]


def test_a_heartbeat_moves_the_place_and_is_no_message() -> None:
    assert heartbeat(LATE) == b"id: 000000000000000a.evt_a\n: beat\n\n"
    assert opening(2000, None) == b"retry: 2000\n: open\n\n"
    assert notice("bye", why="rights") == b'event: bye\ndata: {"why": "rights"}\n\n'
