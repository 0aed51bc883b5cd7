"""The working state of one step: what the algorithm changes before it becomes a snapshot."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, Protocol

from workflow_engine.expressions import to_json
from workflow_engine.interpreter.compiled import Block, Compiled, ContentFault
from workflow_engine.interpreter.effects import Effect, Incident, Log
from workflow_engine.interpreter.events import Event
from workflow_engine.interpreter.outcome import TraceLevel
from workflow_engine.interpreter.snapshot import Snapshot
from workflow_engine.interpreter.work import ROUND_STEPS, WORK, OutOfWork, Unfinished, Work

MICROSTEPS_MAX = 1000
"""Rounds in one macrostep after which the run is taken to be in a loop."""


class Calendars(Protocol):
    """The tenant's business calendars."""

    def due(self, calendar: str, start: datetime, days: int, clock_seconds: int) -> datetime:
        """Working days, then working time, after `start`; KeyError for an unknown calendar."""

    def version(self, calendar: str) -> str:
        """Names the calendar's state, so that a due time can be explained later."""


class Machine:
    """One run while it moves. Copies what it changes; the snapshot it came from stays as it is."""

    __slots__ = (
        "_bindings",
        "anchors",
        "bound",
        "calendars",
        "compensating",
        "compensations",
        "compiled",
        "config",
        "context",
        "deferred",
        "donedata",
        "effects",
        "epoch",
        "event",
        "failed_guards",
        "history",
        "internal",
        "invokes",
        "now",
        "origin",
        "outcome",
        "parked",
        "payload",
        "reachable",
        "rounds",
        "timers",
        "to_invoke",
        "trace",
        "trace_level",
        "work",
    )

    def __init__(
        self,
        compiled: Compiled,
        origin: Snapshot,
        now: datetime,
        trace: TraceLevel,
        calendars: Calendars | None,
        reachable: Container[str] | None = None,
    ) -> None:
        self.reachable = reachable
        self.compiled = compiled
        self.origin = origin
        self.now = now
        self.calendars = calendars
        self.config = origin.configuration
        self.context = origin.context
        self.history = origin.history
        self.epoch = origin.epoch
        self.invokes = origin.invokes
        self.parked = origin.parked
        self.timers = origin.timers
        self.anchors = origin.anchors
        self.bound = origin.bound
        self.deferred = origin.deferred
        self.compensations = origin.compensations
        self.compensating = origin.compensating
        self.outcome = origin.outcome
        self.donedata = origin.donedata
        self.internal: deque[Event] = deque()
        self.effects: list[Effect] = []
        self.trace: list[Mapping[str, Any]] = []
        self.trace_level = trace
        self.to_invoke = 0
        self.rounds = 0
        self.work = Work()
        self.failed_guards: set[int] = set()
        self.event: Event | None = None
        self.payload: Any = None
        self._bindings: dict[Any, Any] | None = None

    @property
    def bindings(self) -> dict[Any, Any]:
        """What expressions see; made when the first one asks, since most events ask none."""
        found = self._bindings
        if found is None:
            origin, definition = self.origin, self.compiled.definition
            found = self._bindings = {
                WORK: self.work,
                "context": self.context,
                "input": origin.input,
                "event": self._event_fields(),
                "now": self.now,
                "run": {
                    "id": origin.run_id,
                    "key": definition.key,
                    "name": definition.name,
                    "address": f"run:{origin.run_id}",
                },
                "In": self.is_in,
            }
        return found

    def is_in(self, state_id: str) -> bool:
        """In(id) of the current microstep."""
        number = self.compiled.numbers.get(state_id)
        return number is not None and bool(self.config >> number & 1)

    def set_event(self, event: Event, payload: Any) -> None:
        """Make an event the one that expressions see."""
        self.event, self.payload = event, payload
        if self._bindings is not None:
            self._bindings["event"] = self._event_fields()

    def _event_fields(self) -> dict[str, Any] | None:
        event = self.event
        if event is None:
            return None
        return {
            "name": event.name,
            "type": event.type,
            "data": self.payload,
            "id": event.id,
            "sendid": event.sendid,
            "origin": event.origin,
            "origintype": event.origintype,
            "invokeid": event.invokeid,
        }

    def set_context(self, context: Mapping[str, Any]) -> None:
        self.context = context
        if self._bindings is not None:
            self._bindings["context"] = context

    def next_epoch(self) -> int:
        self.epoch += 1
        return self.epoch

    def raise_event(self, name: str, payload: Any = None, **fields: Any) -> None:
        """Queue an internal event."""
        kind = fields.pop("type", "internal")
        self.internal.append(Event(name, type=kind, data=payload, **fields))

    def fail(self, fault: ContentFault) -> None:
        """Queue `error.execution`, and put the fault into the run's history."""
        self.effects.append(Log("error", fault.message, fault.where, fault.code))
        payload = {"code": fault.code, "message": fault.message, "where": fault.where}
        self.raise_event("error.execution", payload, type="platform", sendid=fault.send_id)

    def incident(self, code: str, message: str, where: str = "") -> None:
        self.effects.append(Incident(code, message, where))

    def run_block(self, block: Block | None) -> None:
        """Run actions until one fails."""
        if block is None:
            return
        self.work.charge(len(block.actions))
        try:
            for action in block.actions:
                action(self)
        except ContentFault as fault:
            self.fail(fault)

    def count_round(self) -> None:
        self.rounds += 1
        work = self.work
        work.left -= ROUND_STEPS
        if work.left < 0:
            raise OutOfWork
        if self.rounds > MICROSTEPS_MAX:
            raise Unfinished

    def note(self, level: TraceLevel, **record: Any) -> None:
        """Add to the trace if it was asked for in that detail."""
        if self.trace_level == "full" or self.trace_level == level:
            self.trace.append(record)

    def json_event(self) -> Any:
        """The current event's data as JSON."""
        return None if self.event is None else to_json(self.payload)

    def snapshot(self, status: tuple[str, str] | None) -> Snapshot:
        origin = self.origin
        return Snapshot(
            origin.definition,
            origin.run_id,
            origin.started_at,
            self.config,
            self.context,
            origin.input,
            self.history,
            self.epoch,
            self.invokes,
            self.parked,
            self.timers,
            self.anchors,
            self.bound,
            self.deferred,
            self.compensations,
            self.compensating,
            status,
            origin.has_parent,
            self.outcome,
            self.donedata,
        )
