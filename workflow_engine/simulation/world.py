"""A world of runs on a virtual clock: what the interpreter asks for happens here, in order."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflow_engine.calendars import CalendarBook
from workflow_engine.interpreter import (
    CancelInvoke,
    ClearTimer,
    Compiled,
    Effect,
    Emit,
    Event,
    Finished,
    Incident,
    InvokeApproval,
    InvokeFlow,
    InvokeHuman,
    InvokeStep,
    Log,
    Outcome,
    Send,
    SetTimer,
    Snapshot,
    cancel,
    invoke_done,
    invoke_failed,
    start,
    step,
    timer_due,
)
from workflow_engine.simulation.desk import Desk
from workflow_engine.simulation.services import Answer, Mocks

DELIVERIES_MAX = 20_000


class Restless(Exception):
    """The world did not come to rest: runs keep sending each other events."""


@dataclass(slots=True)
class LiveRun:
    """A run in the world; `parent` is (run id, invoke id, epoch)."""

    id: str
    compiled: Compiled
    snapshot: Snapshot
    parent: tuple[str, str, int] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A step or flow that was started."""

    name: str
    input: Mapping[str, Any]
    run_id: str
    at: datetime


@dataclass(slots=True)
class Record:
    """What happened in the world, in order."""

    calls: list[Call] = field(default_factory=list)
    emitted: list[Emit] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    outcomes: list[tuple[str, Event | None, Outcome]] = field(default_factory=list)


class World:
    """Runs, their clock, and everything that answers them.

    `library` finds the definition of a child flow. Whatever happens at one instant happens in
    the order in which it was asked for.
    """

    def __init__(
        self,
        now: datetime,
        *,
        mocks: Mocks | None = None,
        calendars: CalendarBook | None = None,
        library: Callable[[str], Compiled | None] = lambda _: None,
    ) -> None:
        self.now = now
        self.mocks = mocks or Mocks({})
        self.calendars = calendars or CalendarBook(())
        self.library = library
        self.runs: dict[str, LiveRun] = {}
        self.record = Record()
        self.desk = Desk(self)
        self._inbox: deque[tuple[str, Event]] = deque()
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._timers: dict[tuple[str, str], list[bool]] = {}
        self._sequence = 0

    def begin(
        self,
        compiled: Compiled,
        given: Mapping[str, Any],
        run_id: str = "run_1",
        parent: tuple[str, str, int] | None = None,
    ) -> LiveRun:
        """Start a run; `settle` or `advance` lets it go on."""
        outcome = start(
            compiled,
            given,
            self.now,
            run_id=run_id,
            has_parent=parent is not None,
            trace="full",
            calendars=self.calendars,
            reachable=self.runs.keys() | {run_id},
        )
        live = LiveRun(run_id, compiled, outcome.snapshot, parent)
        self.runs[run_id] = live
        self._take_in(live, None, outcome)
        return live

    def deliver(self, run_id: str, event: Event) -> None:
        """Put an event at the end of the queue."""
        self._inbox.append((run_id, event))

    def give(self, run_id: str, event: Event) -> Outcome:
        """Give an event to a run now, and tell what became of it."""
        live = self.runs[run_id]
        outcome = step(
            live.compiled,
            live.snapshot,
            event,
            self.now,
            trace="full",
            calendars=self.calendars,
            reachable=self.runs.keys() | {run_id},
        )
        live.snapshot = outcome.snapshot
        self._take_in(live, event, outcome)
        return outcome

    def settle(self) -> None:
        """Deliver what is queued and due now, until nothing is left."""
        self.advance(timedelta(0))

    def advance(self, by: timedelta) -> None:
        """Let time pass, everything happening at its own instant."""
        until = self.now + by
        for _ in range(DELIVERIES_MAX):
            if self._inbox:
                run_id, event = self._inbox.popleft()
                if run_id in self.runs:
                    self.give(run_id, event)
            elif self._agenda and self._agenda[0][0] <= until:
                at, _, happen = heapq.heappop(self._agenda)
                self.now = max(self.now, at)
                happen()
            else:
                self.now = until
                return
        raise Restless(f"more than {DELIVERIES_MAX} events up to {until.isoformat()}")

    def next_at(self) -> datetime | None:
        """When something will happen by itself."""
        return self._agenda[0][0] if self._agenda else None

    def schedule(self, at: datetime, happen: Callable[[], None]) -> None:
        """Let something happen at an instant (now, if it is past)."""
        self._sequence += 1
        heapq.heappush(self._agenda, (max(at, self.now), self._sequence, happen))

    def _take_in(self, live: LiveRun, event: Event | None, outcome: Outcome) -> None:
        self.record.outcomes.append((live.id, event, outcome))
        for effect in outcome.effects:
            self._perform(live, effect)

    def _perform(self, live: LiveRun, effect: Effect) -> None:
        match effect:
            case Emit():
                self.record.emitted.append(effect)
            case Incident():
                self.record.incidents.append(effect)
            case Log():
                self.record.logs.append(effect)
            case InvokeStep():
                self._call(live, effect.action, effect)
            case InvokeFlow():
                self._start_flow(live, effect)
            case InvokeApproval() | InvokeHuman():
                self.desk.open(live.id, effect)
            case CancelInvoke():
                self._cancel(live, effect)
            case SetTimer():
                self._set_timer(live, effect)
            case ClearTimer():
                self._timers.pop((live.id, effect.timer_id), [True])[0] = False
            case Send():
                self._send(live, effect)
            case Finished():
                self._finished(live, effect)
            case _:
                pass

    def _call(self, live: LiveRun, name: str, effect: InvokeStep | InvokeFlow) -> None:
        self.record.calls.append(Call(name, effect.input, live.id, self.now))
        answer = self.mocks.answer(name)
        if answer is None:
            return
        event = _completion(effect.invoke_id, effect.epoch, answer)
        if answer.after:
            self.schedule(self.now + answer.after, lambda: self.deliver(live.id, event))
        else:
            self.deliver(live.id, event)

    def _start_flow(self, live: LiveRun, effect: InvokeFlow) -> None:
        compiled = None if self.mocks.knows(effect.flow) else self.library(effect.flow)
        if compiled is None:
            self._call(live, effect.flow, effect)
            return
        self.record.calls.append(Call(effect.flow, effect.input, live.id, self.now))
        child = f"{live.id}.{effect.invoke_id}.{effect.epoch}"
        self.begin(compiled, effect.input, child, (live.id, effect.invoke_id, effect.epoch))

    def _cancel(self, live: LiveRun, effect: CancelInvoke) -> None:
        child = f"{live.id}.{effect.invoke_id}.{effect.epoch}"
        if child in self.runs:
            ended = self.runs.pop(child)
            outcome = cancel(ended.compiled, ended.snapshot, self.now)
            ended.snapshot = outcome.snapshot
            self._take_in(ended, None, outcome)
        else:
            self.desk.withdraw(live.id, effect)

    def _set_timer(self, live: LiveRun, effect: SetTimer) -> None:
        wanted = [True]
        self._timers[live.id, effect.timer_id] = wanted

        def ring() -> None:
            if wanted[0]:
                self.deliver(live.id, timer_due(effect.timer_id))

        self.schedule(effect.at, ring)

    def _send(self, live: LiveRun, effect: Send) -> None:
        target = self._target(live, effect.target)
        if target is None:
            payload = {"code": "send.unreachable", "message": f"'{effect.target}' is not there."}
            lost = Event(
                "error.communication", type="platform", data=payload, sendid=effect.send_id
            )
            self.deliver(live.id, lost)
            return
        invoke = live.parent[1:] if live.parent and target == live.parent[0] else (None, None)
        event = Event(
            effect.event,
            data=effect.data,
            sendid=effect.send_id,
            origin=effect.origin,
            origintype="run",
            invokeid=invoke[0],
            epoch=invoke[1],
        )
        self.deliver(target, event)

    def _target(self, live: LiveRun, target: str) -> str | None:
        if target == "self":
            return live.id
        if target == "parent":
            return live.parent[0] if live.parent else None
        if target.startswith("invoke:"):
            invoke_id = target.removeprefix("invoke:")
            epoch = live.snapshot.invokes.get(invoke_id)
            child = f"{live.id}.{invoke_id}.{epoch}"
            return child if child in self.runs else None
        run_id = target.removeprefix("run:")
        return run_id if run_id in self.runs else None

    def _finished(self, live: LiveRun, effect: Finished) -> None:
        if live.parent is None or live.id not in self.runs:
            return
        parent, invoke_id, epoch = live.parent
        payload = effect.donedata if effect.donedata is not None else {"outcome": effect.outcome}
        self.deliver(parent, invoke_done(invoke_id, epoch, payload))


def _completion(invoke_id: str, epoch: int, answer: Answer) -> Event:
    if answer.error is not None:
        return invoke_failed(invoke_id, epoch, answer.error)
    return invoke_done(invoke_id, epoch, answer.result)
