"""The reference example, broken on purpose: each fault is found, and found where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow_engine.definition.the_example import at, faults_of, the_example
from workflow_engine.definition import Fault

ACTIVE = "/states/0"
RESOLVING = f"{ACTIVE}/states/0"
SUPPLY = f"{RESOLVING}/states/0"
CHECKING = f"{SUPPLY}/states/0"
ESCALATING = f"{SUPPLY}/states/4"
APPROVING = f"{ESCALATING}/states/1"
HISTORY = f"{RESOLVING}/states/2"
Break = Callable[[dict[str, Any]], None]


def put(pointer: str, value: Any) -> Break:
    """Replace or add what stands at a place."""

    def broken(document: dict[str, Any]) -> None:
        above, _, name = pointer.rpartition("/")
        place = at(document, above)
        place[int(name) if isinstance(place, list) else name] = value

    return broken


def drop(pointer: str) -> Break:
    """Remove what stands at a place."""

    def broken(document: dict[str, Any]) -> None:
        above, _, name = pointer.rpartition("/")
        place = at(document, above)
        del place[int(name) if isinstance(place, list) else name]

    return broken


VARIANTS = [
    pytest.param(
        put(f"{ACTIVE}/transitions/1/target", "canceling"),
        Fault(
            f"{ACTIVE}/transitions/1/target",
            "reference.state",
            "There is no state 'canceling'.",
            "Did you mean 'cancelling'?",
        ),
        id="a target is misspelt",
    ),
    pytest.param(
        put("/states/3/id", "cancelling"),
        ("/states/3/id", "id.duplicate"),
        id="two states have one id",
    ),
    pytest.param(
        put(f"{ACTIVE}/transitions/1/guard", "context.cancel_request && !In('committing')"),
        (f"{ACTIVE}/transitions/1/guard", "expression.unknown_field"),
        id="a guard reads a field that is not there",
    ),
    pytest.param(
        put(f"{ACTIVE}/transitions/1/guard", "context.cancel_requested &&"),
        (f"{ACTIVE}/transitions/1/guard", "expression.syntax"),
        id="a guard is cut off",
    ),
    pytest.param(
        put(f"{ACTIVE}/transitions/1/guard", "context.days_late"),
        (f"{ACTIVE}/transitions/1/guard", "expression.type"),
        id="a guard is a number",
    ),
    pytest.param(
        put(f"{ACTIVE}/transitions/1/guard", "!In('comitting')"),
        (f"{ACTIVE}/transitions/1/guard", "expression.unknown_value"),
        id="In asks for a state that is not there",
    ),
    pytest.param(
        put("/transitions/0/actions/0/set/0/to", "context.alocated"),
        ("/transitions/0/actions/0/set/0/to", "assign.unknown"),
        id="an assignment goes nowhere",
    ),
    pytest.param(
        put("/transitions/0/actions/0/set/0/value", "'many'"),
        ("/transitions/0/actions/0/set/0/value", "expression.type"),
        id="a text is assigned to a number",
    ),
    pytest.param(
        put(f"{RESOLVING}/after/0/delay", "14 days"),
        (f"{RESOLVING}/after/0/delay", "duration.form"),
        id="a delay is not ISO 8601",
    ),
    pytest.param(
        drop(f"{RESOLVING}/after/0/delay"),
        (f"{RESOLVING}/after/0", "timer.due"),
        id="a timer never says when",
    ),
    pytest.param(
        drop(f"{HISTORY}/transitions"),
        (HISTORY, "history.no_default"),
        id="a history has no default",
    ),
    pytest.param(
        drop("/states/6/outcome"), ("/states/6", "final.no_outcome"), id="an end has no outcome"
    ),
    pytest.param(
        put("/states/1/transitions/1/event", "error.state.rolling_back"),
        ("/states/1", "compensate.unhandled"),
        id="a failed cancellation is not handled",
    ),
    pytest.param(
        put(f"{CHECKING}/invoke/kind", "setp"),
        (f"{CHECKING}/invoke/kind", "shape.choice"),
        id="an invoke's kind is misspelt",
    ),
    pytest.param(
        put(f"{CHECKING}/invoke/retries", 3),
        (f"{CHECKING}/invoke/retries", "shape.unknown"),
        id="a field is not known",
    ),
    pytest.param(
        put(f"{CHECKING}/transitions/0/event", "done.invoke.etaa"),
        (f"{CHECKING}/transitions/0/event", "reference.invoke"),
        id="an answer is awaited of nobody",
    ),
    pytest.param(
        put(f"{APPROVING}/invoke/stages/1/id", "controlling"),
        (f"{APPROVING}/invoke/stages_from", "approval.unknown_stage"),
        id="the table chooses a stage that is not there",
    ),
    pytest.param(
        drop(f"{APPROVING}/invoke/stages/0/quorum"),
        (f"{APPROVING}/invoke/stages/0", "shape.missing"),
        id="a stage has no quorum",
    ),
    pytest.param(
        put("/context/1/default", "none"),
        ("/context/1/default", "field.default"),
        id="a default is of another type",
    ),
    pytest.param(
        drop("/start/0/input/1"),
        ("/start/0/input", "input.missing"),
        id="the trigger forgets an input",
    ),
    pytest.param(
        put("/tables/0/rules/0/when", ["[0..3", "-", "-"]),
        ("/tables/0/rules/0/when/0", "table.cell"),
        id="a cell of a table cannot be read",
    ),
    pytest.param(
        put(f"{RESOLVING}/initial", "supply"),
        (f"{RESOLVING}/initial", "initial.misplaced"),
        id="a parallel state has an initial one",
    ),
    pytest.param(
        put(f"{HISTORY}/transitions/0/target", ["checking_eta", "deciding"]),
        (f"{HISTORY}/transitions/0/target", "target.together"),
        id="two states of one region are entered together",
    ),
    pytest.param(
        put("/subject/statuses/0/state", "resolvin"),
        ("/subject/statuses/0/state", "reference.state"),
        id="a status is of no state",
    ),
    pytest.param(
        put("/tests/0/steps/0/expect/states/equals/0", "aproving"),
        ("/tests/0/steps/0/expect/states/equals/0", "reference.state"),
        id="a test expects a state that is not there",
    ),
]


def faults_after(broken: Break) -> tuple[Fault, ...]:
    """What is said of the example when it has been broken so."""
    document = the_example()
    broken(document)
    return faults_of(document)


def is_told(expected: Fault | tuple[str, str], faults: tuple[Fault, ...]) -> bool:
    """Whether the fault, or one of that pointer and code, is among them."""
    if isinstance(expected, Fault):
        return expected in faults
    return expected in [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize(("broken", "expected"), VARIANTS)
def test_a_broken_variant_is_caught_with_its_code_and_place(
    broken: Break, expected: Fault | tuple[str, str]
) -> None:
    faults = faults_after(broken)

    assert is_told(expected, faults), faults
    assert all(fault.message.endswith((".", ")", "?")) for fault in faults)


def test_the_example_itself_has_no_fault() -> None:
    assert faults_of(the_example()) == ()
