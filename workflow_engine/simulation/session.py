"""An interactive simulation: one command at a time, forwards and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workflow_engine.definition.durations import DurationError, parse_duration
from workflow_engine.expressions import to_json
from workflow_engine.interpreter import (
    Compiled,
    ContentFault,
    InputRefused,
    invoke_done,
    invoke_failed,
    possible_events,
)
from workflow_engine.simulation.examples import act, begin, make_world
from workflow_engine.simulation.services import PatientMocks
from workflow_engine.simulation.world import LiveRun, Restless, World

HELP = """event NAME [JSON]             send an event with this data
advance P1D                   let time pass
next                          let time pass until something happens by itself
done INVOKE [JSON]            answer an open step or flow with a result
fail INVOKE CODE              let an open invoke fail
vote STAGE approve|reject BY  cast a vote
task INVOKE BY [JSON]         complete a task with a form
show                          context, open work, timers
back                          undo the last command
help, quit"""


class Misunderstood(ValueError):
    """A command that cannot be carried out; the text says why."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the simulated run stands."""

    now: str
    states: tuple[str, ...]
    status: tuple[str, str] | None
    outcome: str | None
    possible: tuple[str, ...]
    open: tuple[str, ...]
    context: Mapping[str, Any]
    happened: tuple[str, ...]


@dataclass(slots=True)
class Session:
    """A world begun as a test says, and the commands given since.

    Going back replays all commands but the last on a fresh world; since everything in it follows
    from values, the replay is exact.
    """

    compiled: Compiled
    test: Mapping[str, Any]
    commands: list[str] = field(default_factory=list)
    world: World = field(init=False)
    live: LiveRun = field(init=False)
    mark: int = 0

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.world = make_world(self.test, lambda _: None)
        self.world.mocks = PatientMocks(self.world.mocks.answers)
        self.mark = 0
        self.live = begin(self.world, self.compiled, self.test)

    def give(self, line: str) -> View:
        """Carry out one command; Misunderstood leaves everything as it was."""
        words = line.strip().split(None, 1)
        verb = words[0] if words else ""
        if verb == "back":
            return self.back()
        if verb not in _VERBS:
            raise Misunderstood(f"'{verb}' is no command; try help.")
        self.mark = len(self.world.record.outcomes)
        try:
            _VERBS[verb](self, words[1] if len(words) > 1 else "")
            self.world.settle()
        except (ContentFault, InputRefused, Restless, LookupError, DurationError) as error:
            raise Misunderstood(str(error)) from error
        self.commands.append(line)
        return self.view()

    def back(self) -> View:
        """Undo the last command."""
        if not self.commands:
            raise Misunderstood("There is nothing to go back to.")
        earlier = self.commands[:-1]
        self.commands = []
        self._begin()
        for line in earlier:
            self.give(line)
        return self.view()

    def view(self) -> View:
        """Where the run stands, and what the last command caused."""
        snapshot = self.live.snapshot
        people = [f"{kind} {key[1]}" for kind, key in self._with_people()]
        steps = [f"{self.compiled.invokes[name].model.kind} {name}" for name in snapshot.invokes]
        return View(
            now=self.world.now.isoformat(),
            states=self.compiled.leaves(snapshot.configuration),
            status=snapshot.status,
            outcome=snapshot.outcome,
            possible=possible_events(self.compiled, snapshot),
            open=tuple(dict.fromkeys([*people, *steps])),
            context=to_json(snapshot.context),
            happened=tuple(self._happened()),
        )

    def _with_people(self) -> list[tuple[str, tuple[str, str]]]:
        desk = self.world.desk
        approvals = [("approval", key) for key, one in desk.approvals.items() if not one.parked]
        return approvals + [("human", key) for key, one in desk.tasks.items() if not one.parked]

    def _happened(self) -> list[str]:
        lines = []
        for _, event, outcome in self.world.record.outcomes[self.mark :]:
            lines.append(f"{event.name if event else 'start'}: {outcome.disposition}")
            for record in outcome.trace:
                lines += _told(record)
            lines += [
                f"  {type(effect).__name__} {_brief(effect)}".rstrip() for effect in outcome.effects
            ]
        return lines


def _told(record: Mapping[str, Any]) -> list[str]:
    if "chosen" in record:
        left, entered = ", ".join(record["exited"]), ", ".join(record["entered"])
        return [f"  {', '.join(record['chosen'])}: left [{left}], entered [{entered}]"]
    if "table" in record:
        return [f"  table {record['table']}: {', '.join(record['rules']) or 'no rule'}"]
    if "guards" in record:
        return [f"  ✓ {each['guard']}" for each in record["guards"] if each["value"]]
    return []


def _brief(effect: Any) -> str:
    names = ("event", "action", "invoke_id", "code", "message", "status", "at", "outcome")
    found = [str(getattr(effect, name)) for name in names if hasattr(effect, name)]
    return " ".join(found)


def _payload(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Misunderstood(f"The data is not JSON: {error}") from error


def _act(session: Session, step: Mapping[str, Any]) -> None:
    refused = act(session.world, session.live, step)
    if refused:
        raise Misunderstood(f"It was refused: {refused}.")


def _words(text: str, least: int, most: int, usage: str) -> list[str]:
    words = text.split(None, most - 1)
    if len(words) < least:
        raise Misunderstood(f"Write: {usage}")
    return [*words, *[""] * (most - len(words))]


def _event(session: Session, text: str) -> None:
    name, payload = _words(text, 1, 2, "event NAME [JSON]")
    _act(session, {"event": {"type": name, "data": _payload(payload)}})


def _advance(session: Session, text: str) -> None:
    session.world.advance(parse_duration(text.strip()))


def _next(session: Session, _: str) -> None:
    at = session.world.next_at()
    if at is None:
        raise Misunderstood("Nothing will happen by itself.")
    session.world.advance(max(at - session.world.now, at - at))


def _done(session: Session, text: str) -> None:
    name, payload = _words(text, 1, 2, "done INVOKE [JSON]")
    session.world.give(session.live.id, invoke_done(name, _epoch(session, name), _payload(payload)))


def _fail(session: Session, text: str) -> None:
    name, code = _words(text, 2, 2, "fail INVOKE CODE")
    session.world.give(session.live.id, invoke_failed(name, _epoch(session, name), {"code": code}))


def _epoch(session: Session, invoke_id: str) -> int:
    snapshot = session.live.snapshot
    if invoke_id in snapshot.invokes:
        return snapshot.invokes[invoke_id]
    for record in snapshot.compensating.values():
        if f"compensate:{record['invoke']}" == invoke_id:
            return int(record["epoch"])
    raise Misunderstood(f"'{invoke_id}' is not open.")


def _vote(session: Session, text: str) -> None:
    stage, decision, by = _words(text, 3, 3, "vote STAGE approve|reject BY")
    if decision not in ("approve", "reject"):
        raise Misunderstood("A vote is approve or reject.")
    _act(session, {"vote": {"stage": stage, "decision": decision, "by": by}})


def _task(session: Session, text: str) -> None:
    invoke, by, form = _words(text, 2, 3, "task INVOKE BY [JSON]")
    _act(session, {"task": {"invoke": invoke, "by": by, "form": _payload(form) or {}}})


_VERBS: dict[str, Callable[[Session, str], None]] = {
    "event": _event,
    "advance": _advance,
    "next": _next,
    "done": _done,
    "fail": _fail,
    "vote": _vote,
    "task": _task,
}
