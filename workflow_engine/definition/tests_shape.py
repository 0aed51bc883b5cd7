"""The shape of embedded tests, and that they speak of things which exist."""

from __future__ import annotations

from workflow_engine.definition.faults import Fault
from workflow_engine.definition.model import Definition
from workflow_engine.definition.reading import Reader, nearest, step_into
from workflow_engine.definition.walking import states_of

DOES = ("event", "vote", "task", "advance", "fault")
EXPECTS = [
    "states",
    "status",
    "phase",
    "context",
    "calls",
    "rules",
    "emitted",
    "outcome",
    "incidents",
]


def check_tests(definition: Definition, faults: list[Fault]) -> None:
    """Report tests of the wrong shape, or about states, tables and invokes that are not there."""
    reader = Reader({"tests": definition.document.get("tests", [])}, "", faults)
    seen: set[str] = set()
    states = {state.id for state, _ in states_of(definition.root) if state.id}
    invokes = {invoke.id for state, _ in states_of(definition.root) for invoke in state.invokes}
    for test in reader.children("tests"):
        test_id = test.id()
        if test_id in seen:
            test.fault("id", "id.duplicate", f"Two tests have the id '{test_id}'.")
        seen.add(test_id)
        _check_test(test, states, invokes)


def _check_test(test: Reader, states: set[str], invokes: set[str]) -> None:
    test.text("name", required=True)
    test.text("now", required=True)
    for name in ("calendars", "people", "start", "input", "flows"):
        test.raw(name)
    for mock in test.children("mocks"):
        if mock.sound and ("action" in mock.fields) == ("flow" in mock.fields):
            mock.fault(None, "test.mock", "A mock answers for one action or one flow.")
        for name in ("action", "flow"):
            mock.optional_text(name)
        for answer in mock.children("answers"):
            answer.raw("result")
            answer.raw("error")
            answer.duration("after")
            answer.boolean("repeat")
            answer.close()
        mock.close()
    for step in test.children("steps"):
        _check_step(step, states, invokes)
    test.close()


def _check_step(step: Reader, states: set[str], invokes: set[str]) -> None:
    step.id()
    done = [name for name in DOES if step.has(name)]
    if len(done) > 1:
        step.fault(None, "test.step", f"One step does one thing, not {' and '.join(done)}.")
    step.duration("advance")
    for name in ("task", "fault"):
        child = step.child(name)
        if child is not None:
            _expect(child, "invoke", child.text("invoke", required=True), invokes)
    for name in ("event", "vote", "refused"):
        step.raw(name)
    expect = step.child("expect")
    if expect is not None:
        _check_expect(expect, states)
    step.close()


def _check_expect(expect: Reader, states: set[str]) -> None:
    for name in EXPECTS:
        expect.raw(name)
    child = expect.child("states")
    if child is not None:
        for name in ("includes", "equals"):
            for position, state in enumerate(child.elements(name)):
                if isinstance(state, str) and state not in states:
                    at = step_into(step_into(child.at, name), position)
                    message = f"There is no state '{state[:120]}'."
                    expect.faults.append(
                        Fault(at, "reference.state", message, nearest(state, states))
                    )
        child.close()
    expect.close()


def _expect(reader: Reader, name: str, value: str, known: set[str]) -> None:
    if value and value not in known:
        mend = nearest(value, known)
        reader.fault(name, "reference.invoke", f"There is no invoke '{value[:120]}'.", mend)
