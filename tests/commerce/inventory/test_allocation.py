"""Which node each unit comes from."""

import pytest

from commerce.ids import NodeId, SkuId
from commerce.inventory.allocation import (
    Demand,
    Pick,
    Shelf,
    Shortage,
    Want,
    fullest_first,
    plan_picks,
    shortages,
)

MUG, LAMP = SkuId("MUG"), SkuId("LAMP")
BERLIN, OSLO, ROME = NodeId("BERLIN"), NodeId("OSLO"), NodeId("ROME")
NEAREST_BERLIN = [BERLIN, OSLO, ROME]


def stock(**units: int) -> dict[Shelf, int]:
    """Spell shelves of MUG by node."""
    return {Shelf(MUG, NodeId(node)): quantity for node, quantity in units.items()}


@pytest.mark.parametrize(
    ("free", "wanted", "expected"),
    [
        pytest.param({"BERLIN": 5}, 5, ("BERLIN", 5, 0), id="the nearest node has enough"),
        pytest.param(
            {"BERLIN": 4, "OSLO": 5}, 5, ("OSLO", 5, 0), id="the next node has the whole line"
        ),
        pytest.param(
            {"BERLIN": 3, "OSLO": 3}, 5, ("BERLIN", 3, 2), id="no node alone: wait at the nearest"
        ),
        pytest.param({"OSLO": 4}, 5, ("BERLIN", 0, 5), id="the nearest has none: wait there"),
        pytest.param({}, 1, ("BERLIN", 0, 1), id="nobody has ever had it"),
        pytest.param(
            {"OSLO": 5, "ROME": 9}, 5, ("OSLO", 5, 0), id="the nearer wins, not the fuller"
        ),
    ],
)
def test_a_line_ships_from_one_node(
    free: dict[str, int], wanted: int, expected: tuple[str, int, int]
) -> None:
    (pick,) = plan_picks([Want("line", MUG, wanted)], stock(**free), NEAREST_BERLIN)

    assert (pick.node_id, pick.taken, pick.short) == expected


def test_the_second_line_of_a_sku_sees_what_the_first_one_left() -> None:
    """Two lines that share a SKU never pass on the same units."""
    picks = plan_picks(
        [Want("first", MUG, 4), Want("second", MUG, 4)], stock(BERLIN=5), NEAREST_BERLIN
    )

    assert picks == [Pick("first", MUG, BERLIN, 4, 0), Pick("second", MUG, BERLIN, 1, 3)]


def test_what_is_spoken_for_elsewhere_is_never_taken() -> None:
    picks = plan_picks([Want("line", MUG, 2)], {Shelf(MUG, BERLIN): -3}, [BERLIN])

    assert picks == [Pick("line", MUG, BERLIN, 0, 2)]


def test_planning_leaves_the_shelves_it_was_shown_alone() -> None:
    shelves = stock(BERLIN=5)

    plan_picks([Want("line", MUG, 4)], shelves, NEAREST_BERLIN)

    assert shelves == stock(BERLIN=5)


def test_demands_on_one_shelf_are_added_up_before_they_are_checked() -> None:
    demands = [Demand(MUG, BERLIN, 3), Demand(LAMP, BERLIN, 1), Demand(MUG, BERLIN, 3)]

    missing = shortages(demands, {Shelf(MUG, BERLIN): 5, Shelf(LAMP, BERLIN): 1})

    assert missing == [Shortage(MUG, BERLIN, wanted=6, available=5)]


def test_every_shortage_is_told_at_once_in_the_order_of_shelves() -> None:
    demands = [Demand(MUG, OSLO, 1), Demand(MUG, BERLIN, 2), Demand(LAMP, OSLO, 1)]

    missing = shortages(demands, {Shelf(MUG, BERLIN): 1})

    assert missing == [
        Shortage(LAMP, OSLO, 1, 0),
        Shortage(MUG, BERLIN, 2, 1),
        Shortage(MUG, OSLO, 1, 0),
    ]


def test_the_fuller_shelf_comes_first_and_ties_go_by_id() -> None:
    shelves = {**stock(ROME=2, OSLO=7, BERLIN=2), Shelf(LAMP, BERLIN): 99}

    assert fullest_first(MUG, shelves) == [OSLO, BERLIN, ROME]
