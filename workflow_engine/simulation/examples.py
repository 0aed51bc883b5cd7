"""Running the tests that a definition carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_engine.approvals import Delegation, People, Person
from workflow_engine.calendars import CalendarBook, read_calendar
from workflow_engine.definition.durations import parse_duration
from workflow_engine.expressions.values import read_timestamp
from workflow_engine.interpreter import (
    Compiled,
    Event,
    InputRefused,
    event_key,
    match_start,
    run_keys,
)
from workflow_engine.simulation.expecting import Expectation
from workflow_engine.simulation.services import Unmocked, read_mocks
from workflow_engine.simulation.world import LiveRun, Restless, World


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not as expected; `pointer` leads to it in the definition."""

    step: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """How one embedded test went, and which transitions it took."""

    id: str
    name: str
    failures: tuple[Failure, ...]
    taken: frozenset[str]

    @property
    def passed(self) -> bool:
        return not self.failures


def run_examples(
    compiled: Compiled, library: Callable[[str], Compiled | None] = lambda _: None
) -> list[ExampleReport]:
    """Run every embedded test on a virtual clock, each in a world of its own."""
    return [
        run_example(compiled, test, f"/tests/{position}", library)
        for position, test in enumerate(compiled.definition.tests)
    ]


def run_example(
    compiled: Compiled,
    test: Mapping[str, Any],
    at: str = "",
    library: Callable[[str], Compiled | None] = lambda _: None,
) -> ExampleReport:
    """Run one embedded test; it stops at the first step that fails."""
    world = make_world(test, library)
    failures: list[Failure] = []
    step_id, pointer = "start", f"{at}/start"
    try:
        live = begin(world, compiled, test)
        for position, step in enumerate(test.get("steps", ())):
            step_id, pointer = step.get("id", str(position)), f"{at}/steps/{position}"
            failures += _run_step(world, live, step, pointer)
            if failures:
                break
    except (Unmocked, Restless, InputRefused, LookupError, ValueError) as error:
        failures.append(Failure(step_id, pointer, str(error)))
    return ExampleReport(
        test["id"], test.get("name", ""), tuple(failures), transitions_taken(world)
    )


def make_world(test: Mapping[str, Any], library: Callable[[str], Compiled | None]) -> World:
    """The world a test describes: its clock, calendars, people and answers."""
    world = World(
        read_timestamp(test["now"]),
        mocks=read_mocks(test.get("mocks", ())),
        calendars=CalendarBook(read_calendar(each) for each in test.get("calendars", ())),
        library=library,
    )
    world.desk.people = read_people(test.get("people", ()), world.now)
    return world


def read_people(documents: Any, now: datetime) -> People:
    """People from their JSON: id, roles, manager, delegates_to."""
    members = {
        each["id"]: Person(each["id"], frozenset(each.get("roles", ())), each.get("manager"))
        for each in documents
    }
    lent = tuple(
        Delegation(each["id"], each["delegates_to"], absence=bool(each.get("absent")))
        for each in documents
        if each.get("delegates_to")
    )
    return People(members, lent, now)


def begin(world: World, compiled: Compiled, test: Mapping[str, Any]) -> LiveRun:
    """Start the run by the test's start event, as its trigger says, or by its plain input."""
    if "start" in test:
        event = {**test["start"], "name": test["start"]["type"]}
        requests = match_start(compiled, event, world.now)
        if not requests:
            raise LookupError(f"No trigger takes '{event['name']}' with this data.")
        given = requests[0].input
    else:
        given = test.get("input", {})
    live = world.begin(compiled, given)
    world.settle()
    return live


def _run_step(world: World, live: LiveRun, step: Mapping[str, Any], at: str) -> list[Failure]:
    record = world.record
    marks = (len(record.emitted), len(record.incidents), len(record.outcomes))
    if at.endswith("/steps/0"):
        # The first step is also answerable for what the start has done.
        marks = (0, 0, 0)
    refused = act(world, live, step)
    world.settle()
    wanted = step.get("refused")
    name = step.get("id", at)
    if refused != wanted:
        said = f"It was refused with '{refused}'." if refused else "It was not refused."
        expected = f" '{wanted}' was expected." if wanted else ""
        return [Failure(name, at, said + expected)]
    expectation = Expectation(world, live, marks)
    return [
        Failure(name, f"{at}/expect/{place}", message)
        for place, message in expectation.differences(step.get("expect") or {})
    ]


def act(world: World, live: LiveRun, step: Mapping[str, Any]) -> str | None:
    """Do what a step says; the code of the refusal, None where it was done."""
    if "event" in step:
        return send_event(world, live, step["event"])
    if "vote" in step:
        return world.desk.vote(live.id, step["vote"])
    if "task" in step:
        return world.desk.complete(live.id, step["task"])
    if "fault" in step:
        return world.desk.fault(live.id, step["fault"])
    if "advance" in step:
        world.advance(parse_duration(step["advance"]))
    return None


def send_event(world: World, live: LiveRun, document: Mapping[str, Any]) -> str | None:
    """Deliver an event to the run it is correlated with."""
    name = document["type"]
    event = Event(name, data=document.get("data"), id=document.get("id"))
    keys = event_key(live.compiled, {**document, "name": name}, world.now)
    if keys:
        own = run_keys(live.compiled, dict(_input_json(live)), world.now)
        if all(own[correlation][1] != key for correlation, key in keys.items()):
            return "event.other_run"
    outcome = world.give(live.id, event)
    return "event.rejected" if outcome.disposition == "rejected" else None


def _input_json(live: LiveRun) -> Mapping[str, Any]:
    from workflow_engine.expressions import to_json

    written: Mapping[str, Any] = to_json(live.snapshot.input)
    return written


def transitions_taken(world: World) -> frozenset[str]:
    """The ids of all transitions that fired in this world."""
    return frozenset(
        name
        for _, _, outcome in world.record.outcomes
        for record in outcome.trace
        for name in record.get("chosen", ())
    )
