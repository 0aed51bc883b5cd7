"""The interpreter: a run begins, an event moves it, and what follows is told as values."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

from workflow_engine.expressions import to_json
from workflow_engine.expressions.limits import weigh
from workflow_engine.expressions.values import write_timestamp
from workflow_engine.interpreter.compiled import Compiled
from workflow_engine.interpreter.defaults import read_input
from workflow_engine.interpreter.effects import Incident
from workflow_engine.interpreter.entering import EntrySet
from workflow_engine.interpreter.events import Event
from workflow_engine.interpreter.machine import Calendars, Machine
from workflow_engine.interpreter.macrostep import close_run, rest
from workflow_engine.interpreter.moving import Plan, bind_late, enter
from workflow_engine.interpreter.outcome import Disposition, Outcome, TraceLevel
from workflow_engine.interpreter.receiving import receive
from workflow_engine.interpreter.reporting import report_changes
from workflow_engine.interpreter.snapshot import Snapshot
from workflow_engine.interpreter.timing import set_timers
from workflow_engine.interpreter.work import (
    CONTEXT_WEIGHT_MAX,
    ContextTooLarge,
    Unfinished,
)

_HIDDEN = ("after", "done", "error", "*")


def start(
    compiled: Compiled,
    input: Mapping[str, Any],
    now: datetime,
    *,
    run_id: str = "",
    has_parent: bool = False,
    trace: TraceLevel = "none",
    calendars: Calendars | None = None,
    reachable: Container[str] | None = None,
) -> Outcome:
    """Begin a run with JSON input and take it to its first rest; InputRefused if it cannot fit.

    `now` is an aware UTC instant: the time of everything in this macrostep.
    """
    fresh = Snapshot(
        definition=compiled.hash,
        run_id=run_id,
        started_at=write_timestamp(now),
        configuration=0,
        context=compiled.defaults,
        input=read_input(compiled.definition, compiled.input_type, input),
        has_parent=has_parent,
    )
    machine = Machine(compiled, fresh, now, trace, calendars, reachable)
    try:
        _begin(machine)
        rest(machine)
        return _outcome(machine, "started")
    except Unfinished as unfinished:
        return _halt(machine, fresh, unfinished)


def _begin(machine: Machine) -> None:
    root = machine.compiled.states[0]
    bind_late(machine, machine.compiled.inits)
    machine.config = root.bit
    for block in root.entry:
        machine.run_block(block)
    entry_set = EntrySet(machine)
    entry_set.add_descendants(root)
    entries = tuple(sorted(entry_set.entries - {0}))
    contents = tuple(entry_set.history_contents.items())
    assert root.initial is not None
    machine.run_block(root.initial.block)
    enter(machine, Plan(entries, frozenset(entry_set.default_entries), contents))
    if root.timers:
        set_timers(machine, root)


def step(
    compiled: Compiled,
    snapshot: Snapshot,
    event: Event,
    now: datetime,
    *,
    trace: TraceLevel = "none",
    calendars: Calendars | None = None,
    reachable: Container[str] | None = None,
) -> Outcome:
    """Give a run one event and take it to its next rest.

    A function of values: the same arguments give the same outcome, and nothing else happens.
    Internal and eventless transitions that follow are taken in the same call; events the run
    sends to itself or others are effects. With `reachable`, the ids of runs that exist, a send
    to any other is `error.communication` at once; without, whoever delivers it must say so.
    """
    if snapshot.halted is not None:
        return Outcome(snapshot, (), "halted")
    machine = Machine(compiled, snapshot, now, trace, calendars, reachable)
    try:
        disposition = receive(machine, event)
        if disposition == "taken":
            rest(machine)
        return _outcome(machine, disposition)
    except Unfinished as unfinished:
        return _halt(machine, snapshot, unfinished)


def cancel(
    compiled: Compiled, snapshot: Snapshot, now: datetime, *, outcome: str = "cancelled"
) -> Outcome:
    """End a run from outside (its parent left the state that started it): exit actions run,
    everything open is withdrawn. What it has done is not undone. A finished run stays as it is.
    """
    if snapshot.finished:
        return Outcome(snapshot, (), "finished")
    machine = Machine(compiled, snapshot, now, "none", None)
    machine.outcome = outcome
    try:
        return _outcome(machine, "taken")
    except Unfinished as unfinished:
        return _ended_without_exits(compiled, snapshot, now, outcome, unfinished)


def _ended_without_exits(
    compiled: Compiled, snapshot: Snapshot, now: datetime, outcome: str, unfinished: Unfinished
) -> Outcome:
    """Whoever cancels a run must be rid of it, so exit actions that go on and on are left out."""
    machine = Machine(compiled, snapshot, now, "none", None)
    machine.outcome = outcome
    machine.incident(unfinished.code, unfinished.message)
    close_run(machine, exits=False)
    return Outcome(machine.snapshot(snapshot.status), tuple(machine.effects), "taken")


def resume(snapshot: Snapshot) -> Snapshot:
    """Lift the halt of a run whose cause has been mended; the event that halted it is not lost
    to the caller, who offers it again."""
    return snapshot._replace(halted=None)


def possible_events(compiled: Compiled, snapshot: Snapshot) -> tuple[str, ...]:
    """The events that some transition of an active state waits for, in document order.

    Guards are not asked: they may depend on the event's data. Answers of invokes and timers are
    left out, since nobody can send them.
    """
    if snapshot.finished or snapshot.halted is not None:
        return ()
    found: dict[str, None] = {}
    for state in compiled.states:
        if state.bit & snapshot.configuration:
            for transition in state.transitions:
                for descriptor in transition.events:
                    if descriptor.split(".")[0] not in _HIDDEN:
                        found[descriptor] = None
    return tuple(found)


def _halt(machine: Machine, before: Snapshot, unfinished: Unfinished) -> Outcome:
    incident = Incident(unfinished.code, unfinished.message, _looping(machine))
    halted = before._replace(halted=unfinished.code)
    return Outcome(halted, (incident,), "halted", tuple(machine.trace))


def _looping(machine: Machine) -> str:
    leaves = machine.compiled.leaves(machine.config)
    return machine.compiled.states[machine.compiled.numbers[leaves[0]]].model.at if leaves else ""


def _outcome(machine: Machine, disposition: Disposition) -> Outcome:
    if machine.outcome is not None and machine.origin.outcome is None:
        close_run(machine)
    changed = machine.context is not machine.origin.context
    if changed and weigh(machine.context) > CONTEXT_WEIGHT_MAX:
        raise ContextTooLarge
    status = report_changes(machine)
    trace = tuple(to_json(dict(record)) for record in machine.trace) if machine.trace else ()
    return Outcome(machine.snapshot(status), tuple(machine.effects), disposition, trace)
