"""Comparing what happened in a world with what a test expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_engine.expressions import to_json
from workflow_engine.simulation.world import Call, LiveRun, World

Difference = tuple[str, str]


class Expectation:
    """One moment of a test: what is so now, and what has happened since the marks."""

    def __init__(self, world: World, live: LiveRun, marks: tuple[int, int, int]) -> None:
        self.world = world
        self.live = live
        self.marks = marks

    def differences(self, expect: Mapping[str, Any]) -> Iterator[Difference]:
        """The places in `expect` that do not hold, each with a sentence."""
        yield from self._states(expect.get("states") or {})
        yield from self._status(expect)
        for position, each in enumerate(expect.get("context") or ()):
            yield from self._context(f"context/{position}", each)
        yield from self._calls(expect.get("calls") or {})
        for position, each in enumerate(expect.get("rules") or ()):
            yield from self._rules(f"rules/{position}", each)
        yield from self._emitted(expect.get("emitted") or ())
        if "outcome" in expect:
            yield from _same("outcome", self.live.snapshot.outcome, expect["outcome"])
        raised = [each.code for each in self.world.record.incidents[self.marks[1] :]]
        yield from _same("incidents", raised, list(expect.get("incidents") or ()))

    def _states(self, expect: Mapping[str, Any]) -> Iterator[Difference]:
        compiled, configuration = self.live.compiled, self.live.snapshot.configuration
        leaves = list(compiled.leaves(configuration))
        if "equals" in expect and sorted(leaves) != sorted(expect["equals"]):
            yield "states/equals", f"The run is in {_list(leaves)}."
        active = {state.id for state in compiled.active(configuration)}
        missing = [name for name in expect.get("includes", ()) if name not in active]
        if missing:
            yield "states/includes", f"The run is in {_list(leaves)}."

    def _status(self, expect: Mapping[str, Any]) -> Iterator[Difference]:
        status, phase = self.live.snapshot.status or (None, None)
        if "status" in expect:
            yield from _same("status", status, expect["status"])
        if "phase" in expect:
            yield from _same("phase", phase, expect["phase"])

    def _context(self, place: str, expect: Mapping[str, Any]) -> Iterator[Difference]:
        value: Any = {"context": self.live.snapshot.context, "input": self.live.snapshot.input}
        for name in expect["path"].split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        yield from _same(place, to_json(value), expect["equals"])

    def _calls(self, expect: Mapping[str, Any]) -> Iterator[Difference]:
        calls = self.world.record.calls
        names = [call.name for call in calls]
        for position, each in enumerate(expect.get("count", ())):
            found = names.count(each.get("action") or each.get("flow"))
            yield from _same(f"calls/count/{position}", found, each["count"])
        last = expect.get("ends_with")
        if last and names[-len(last) :] != last:
            yield "calls/ends_with", f"The last calls were {_list(names[-len(last) :])}."
        for position, each in enumerate(expect.get("with", ())):
            if not any(_called_with(call, each) for call in calls):
                yield (
                    f"calls/with/{position}",
                    f"'{each['action']}' was not called with this input.",
                )

    def _rules(self, place: str, expect: Mapping[str, Any]) -> Iterator[Difference]:
        decisions = [
            record["rules"]
            for run_id, _, outcome in self.world.record.outcomes[self.marks[2] :]
            for record in outcome.trace
            if run_id == self.live.id and record.get("table") == expect["table"]
        ]
        if not decisions:
            yield place, f"The table '{expect['table']}' was not asked."
        else:
            yield from _same(place, decisions[-1], expect["rules"])

    def _emitted(self, expect: Any) -> Iterator[Difference]:
        names = [each.event for each in self.world.record.emitted[self.marks[0] :]]
        for position, name in enumerate(expect):
            if name not in names:
                yield f"emitted/{position}", f"'{name}' was not emitted; {_list(names)} were."


def _called_with(call: Call, expect: Mapping[str, Any]) -> bool:
    return call.name == expect["action"] and all(
        call.input.get(each["id"]) == each["equals"] for each in expect.get("input", ())
    )


def _same(place: str, found: Any, wanted: Any) -> Iterator[Difference]:
    if found != wanted:
        yield place, f"It is {found!r}, and {wanted!r} was expected."


def _list(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names) or "nothing"
