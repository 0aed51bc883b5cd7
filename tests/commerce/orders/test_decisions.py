"""Distances, queues and phases: what orders decide without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory.allocation import Shelf
from commerce.orders.distance import Place, Point, metres_between, nearest_first
from commerce.orders.lifecycle import LINE_PHASES, LinePhase, OrderPhase, order_phase
from commerce.orders.queueing import Share, Waiting, hand_out

BERLIN = Point(Decimal("52.520008"), Decimal("13.404954"))
OSLO = Point(Decimal("59.913868"), Decimal("10.752245"))
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MUGS = Shelf(SkuId("MUG"), NodeId("BERLIN"))

points = st.builds(
    Point,
    st.decimals(-90, 90, places=6),
    st.decimals(-180, 180, places=6),
)


def test_berlin_to_oslo_is_what_a_great_circle_says() -> None:
    assert metres_between(BERLIN, OSLO) == 838_188


@given(points, points)
def test_distances_are_whole_symmetric_and_within_half_the_world(here: Point, there: Point) -> None:
    metres = metres_between(here, there)

    assert metres == metres_between(there, here)
    assert 0 <= metres <= 20_015_115
    assert metres_between(here, here) == 0


def test_the_nearest_comes_first_and_ties_go_by_rank_then_id() -> None:
    places = [
        Place(NodeId("oslo"), "a", OSLO),
        Place(NodeId("z"), "b", BERLIN),
        Place(NodeId("y"), "b", BERLIN),
        Place(NodeId("x"), "c", BERLIN),
    ]

    assert nearest_first(BERLIN, places) == ["y", "z", "x", "oslo"]


def waits(
    line: str,
    short: int,
    *,
    priority: int = 3,
    minutes: int = 0,
    turn: tuple[int, int] = (1, 1),
    shelf: Shelf = MUGS,
) -> Waiting:
    """Spell a waiting line."""
    placed_at = MONDAY + timedelta(minutes=minutes)
    return Waiting(OrderLineId(line), turn, shelf, short, priority, placed_at)


def test_the_smaller_priority_number_goes_first_whoever_came_earlier() -> None:
    shares = hand_out([waits("basic", 2), waits("gold", 2, priority=1, minutes=9)], {MUGS: 2})

    assert shares == [Share(OrderLineId("gold"), MUGS, 2)]


def test_among_equals_the_earlier_order_goes_first_then_who_came_in_first() -> None:
    """Numbers, not ids: the same orders in the same order are served alike in every replay."""
    line = [
        waits("fourth", 1, minutes=5, turn=(8, 2)),
        waits("third", 1, minutes=5, turn=(8, 1)),
        waits("first", 1, turn=(9, 1)),
        waits("second", 1, minutes=5, turn=(7, 3)),
    ]

    shares = hand_out(line, {MUGS: 3})

    assert [share.line_id for share in shares] == ["first", "second", "third"]


def test_the_first_in_line_takes_what_there_is_and_nobody_overtakes_it() -> None:
    """A small order behind a large one waits: it does not slip past."""
    shares = hand_out([waits("large", 5), waits("small", 1, minutes=1)], {MUGS: 3})

    assert shares == [Share(OrderLineId("large"), MUGS, 3)]


def test_each_shelf_has_its_own_queue() -> None:
    lamps = Shelf(SkuId("LAMP"), NodeId("BERLIN"))

    shares = hand_out(
        [waits("mug", 2), waits("lamp", 1, turn=(2, 1), shelf=lamps)], {MUGS: 1, lamps: 4}
    )

    assert shares == [Share(OrderLineId("mug"), MUGS, 1), Share(OrderLineId("lamp"), lamps, 1)]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(0, 9)), max_size=12),
    st.integers(0, 40),
)
def test_no_more_is_handed_out_than_there_is_and_nothing_is_kept_while_somebody_waits(
    wanting: list[tuple[int, int, int]], free: int
) -> None:
    queue = [
        waits(f"line_{number}", short, priority=priority, minutes=minutes, turn=(number, 1))
        for number, (short, priority, minutes) in enumerate(wanting)
    ]

    handed_out = sum(share.quantity for share in hand_out(queue, {MUGS: free}))

    assert handed_out == min(free, sum(each.short for each in queue))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["allocated", "allocated"], "allocated", id="all secured"),
        pytest.param(["allocated", "backordered"], "partially_allocated", id="some secured"),
        pytest.param(["backordered", "backordered"], "placed", id="none secured"),
        pytest.param(["allocated", "cancelled"], "allocated", id="cancelled lines do not count"),
        pytest.param(["cancelled", "cancelled"], "cancelled", id="nothing is left"),
        pytest.param(["held", "allocated"], "held", id="one held line holds the order"),
        pytest.param(["fulfilled", "cancelled"], "fulfilled", id="all that lives is fulfilled"),
        pytest.param(["fulfilled", "allocated"], "allocated", id="on its way"),
    ],
)
def test_an_order_is_what_its_lines_make_of_it(
    lines: list[LinePhase], expected: OrderPhase
) -> None:
    assert order_phase(lines) == expected


@given(st.lists(st.sampled_from(LINE_PHASES), min_size=1))
def test_the_order_of_lines_does_not_matter(lines: list[LinePhase]) -> None:
    assert order_phase(lines) == order_phase(lines[::-1])
