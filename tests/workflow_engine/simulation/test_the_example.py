"""The reference example's own tests, run by our runner."""

from __future__ import annotations

import pytest

from tests.workflow_engine.definition.the_example import compiled_example, the_example
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import compile_definition
from workflow_engine.simulation import run_example, run_examples

TESTS = [pytest.param(n, id=test["id"]) for n, test in enumerate(the_example()["tests"])]


@pytest.mark.parametrize("position", TESTS)
def test_an_embedded_test_passes(position: int) -> None:
    compiled = compiled_example()

    report = run_example(compiled, compiled.definition.tests[position], f"/tests/{position}")

    assert report.failures == ()


def test_together_they_take_every_transition_but_the_default_of_a_history() -> None:
    compiled = compiled_example()

    taken = frozenset[str]().union(*(report.taken for report in run_examples(compiled)))

    assert {each.id for each in compiled.transitions} - taken == {"t_history_default"}


def test_a_wrong_expectation_fails_with_its_place_and_what_is_so_instead() -> None:
    document = the_example()
    document["tests"][1]["steps"][0]["expect"]["status"] = "on_order"
    compiled = compile_definition(parse_definition(document))

    report = run_example(compiled, compiled.definition.tests[1], "/tests/1")

    assert [(each.step, each.pointer, each.message) for each in report.failures] == [
        (
            "s1",
            "/tests/1/steps/0/expect/status",
            "It is 'backordered', and 'on_order' was expected.",
        )
    ]


def test_a_call_that_nobody_answers_fails_the_test() -> None:
    document = the_example()
    del document["tests"][1]["mocks"][1]
    compiled = compile_definition(parse_definition(document))

    report = run_example(compiled, compiled.definition.tests[1], "/tests/1")

    assert report.failures[0].message == "'inventory.reserve' was called, and no answer is given."
