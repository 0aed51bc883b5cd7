"""A layout from a browser is believed only where it fits its chart, part by part."""

from collections.abc import Callable
from typing import Any

import pytest

from kernel.errors import Invalid
from tests.workflow_engine.charts.charting import a_layout, the_example
from workflow_engine.charts.layout import checked_layout


def test_a_layout_that_fits_is_taken_as_it_is() -> None:
    chart = the_example()

    assert checked_layout(chart, a_layout(chart)) == a_layout(chart)


Break = Callable[[dict[str, Any]], object]

BROKEN: list[Any] = [
    pytest.param(lambda it: it.pop("nodes"), "/nodes", "layout.shape", id="no nodes"),
    pytest.param(lambda it: it["nodes"].pop(), "/nodes", "layout.part_missing", id="one missing"),
    pytest.param(
        lambda it: it["nodes"].append(it["nodes"][0]),
        "/nodes/37",
        "layout.part_unknown",
        id="one twice",
    ),
    pytest.param(
        lambda it: it["nodes"][3].update(id="GLOBEX"),
        "/nodes/3",
        "layout.part_unknown",
        id="a stranger",
    ),
    pytest.param(
        lambda it: it["nodes"][2].update(x=1.5), "/nodes/2/x", "layout.pixels", id="half a pixel"
    ),
    pytest.param(
        lambda it: it["nodes"][2].update(x=-1), "/nodes/2/x", "layout.pixels", id="off the page"
    ),
    pytest.param(
        lambda it: it.update(width=True), "/width", "layout.pixels", id="a truth for a number"
    ),
    pytest.param(
        lambda it: it["edges"][1].update(points=[[0, 0]]),
        "/edges/1/points",
        "layout.points",
        id="a way without length",
    ),
    pytest.param(
        lambda it: it["edges"][1].update(label="here"),
        "/edges/1/label",
        "layout.label",
        id="words for a box",
    ),
    pytest.param(
        lambda it: it.update(colour="red"), "/colour", "layout.unknown", id="an unknown part"
    ),
]


@pytest.mark.parametrize(("change", "pointer", "code"), BROKEN)
def test_a_layout_that_does_not_fit_says_where(change: Break, pointer: str, code: str) -> None:
    chart = the_example()
    given = a_layout(chart)
    change(given)

    with pytest.raises(Invalid) as refused:
        checked_layout(chart, given)

    assert (pointer, code) in [(each.pointer, each.code) for each in refused.value.errors]


@pytest.mark.parametrize("given", [None, [], "x", 7])
def test_what_is_no_object_is_no_layout(given: object) -> None:
    with pytest.raises(Invalid):
        checked_layout(the_example(), given)
