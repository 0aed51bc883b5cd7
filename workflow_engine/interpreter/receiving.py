"""Taking in one event from outside: is it still awaited, is it of the right shape, who takes it."""

from __future__ import annotations

import dataclasses
from typing import Any

from workflow_engine.expressions import ValueFault, from_json
from workflow_engine.interpreter import compensating
from workflow_engine.interpreter.compiled import CompiledInvoke, ContentFault
from workflow_engine.interpreter.effects import Dropped, Send
from workflow_engine.interpreter.events import TIMER, Event, event_to_json
from workflow_engine.interpreter.machine import Machine
from workflow_engine.interpreter.macrostep import unhandled
from workflow_engine.interpreter.moving import microstep
from workflow_engine.interpreter.outcome import Disposition
from workflow_engine.interpreter.selecting import select
from workflow_engine.interpreter.timing import event_of_timer, take_timer
from workflow_engine.interpreter.typing_events import typed_payload

DEFERRED_MAX = 100
_ANSWERS = ("done.invoke.", "error.invoke.")


def receive(machine: Machine, event: Event) -> Disposition:
    """Give the event to the run; `taken` means that the run must now come to rest again."""
    if compensating.is_compensation(event):
        return _undo_answered(machine, event)
    if event.name == TIMER and event.sendid is not None:
        return _timer(machine, event.sendid)
    invoke = machine.compiled.invokes.get(event.invokeid or "")
    if invoke is not None:
        if _is_open(machine, invoke, event):
            event = _answered(machine, invoke, event)
        elif not _ended_before(machine, invoke, event):
            return _too_late(machine, invoke, event)
    if machine.outcome is not None:
        return "finished"
    return _offer(machine, event, invoke)


def _undo_answered(machine: Machine, event: Event) -> Disposition:
    return "taken" if compensating.answered(machine, event) else "stale"


def _timer(machine: Machine, timer_id: str) -> Disposition:
    record = take_timer(machine, timer_id)
    if record is None:
        return "stale"
    due = event_of_timer(record, f"run:{machine.origin.run_id}")
    if isinstance(due, Send):
        machine.effects.append(due)
        return "taken"
    return _offer(machine, due, None)


def _is_open(machine: Machine, invoke: CompiledInvoke, event: Event) -> bool:
    epoch = machine.invokes.get(invoke.id)
    return epoch is not None and event.epoch in (None, epoch)


def _ended_before(machine: Machine, invoke: CompiledInvoke, event: Event) -> bool:
    """Whether a child run had ended before its state was left: nothing was cancelled then, so
    its end is news like any other, unless the flow has been started anew since."""
    return (
        invoke.model.kind == "flow"
        and invoke.id not in machine.invokes
        and event.name.startswith(_ANSWERS)
        and machine.outcome is None
    )


def _too_late(machine: Machine, invoke: CompiledInvoke, event: Event) -> Disposition:
    """The state was left before the answer came: undo what the step has done."""
    if event.name == f"done.invoke.{invoke.id}" and invoke.model.kind == "step":
        compensating.undo_late(machine, invoke, _result(invoke, event.data))
    return "stale"


def _result(invoke: CompiledInvoke, payload: Any) -> Any:
    try:
        return payload if invoke.result is None else from_json(payload, invoke.result)
    except ValueFault:
        # The undoing's own input expressions will say what they miss.
        return payload


def _answered(machine: Machine, invoke: CompiledInvoke, event: Event) -> Event:
    """Close the invocation that this event answers; a result of the wrong shape is an error."""
    if event.name.startswith(_ANSWERS) and event.name.endswith(f".{invoke.id}"):
        machine.invokes = {key: kept for key, kept in machine.invokes.items() if key != invoke.id}
    if event.name != f"done.invoke.{invoke.id}":
        return event
    try:
        result = event.data if invoke.result is None else from_json(event.data, invoke.result)
    except ValueFault as fault:
        payload = {"code": "invoke.result", "message": str(fault), "where": invoke.model.at}
        return dataclasses.replace(event, name=f"error.invoke.{invoke.id}", data=payload)
    machine.set_event(event, result)
    if invoke.model.kind == "step":
        compensating.remember(machine, invoke, result)
    return event


def _offer(machine: Machine, event: Event, invoke: CompiledInvoke | None) -> Disposition:
    try:
        machine.set_event(event, typed_payload(machine, event))
    except ContentFault as fault:
        machine.fail(fault)
        return "taken"
    if invoke is not None and invoke.id in machine.origin.invokes:
        machine.run_block(invoke.finalize)
    forwarded = bool(machine.invokes) and _forward(machine, event)
    enabled = select(machine, event.name)
    if enabled:
        machine.count_round()
        microstep(machine, enabled)
        return "taken"
    if machine.internal or forwarded or (invoke is not None and invoke.finalize is not None):
        # A guard failed, a child got it, or finalize changed the context: the run goes on.
        unhandled(machine, event)
        return "taken"
    if event.name.startswith("error."):
        unhandled(machine, event)
        return "taken"
    if invoke is not None:
        return "taken"
    return _unmatched(machine, event)


def _forward(machine: Machine, event: Event) -> bool:
    forwarded = False
    for invoke_id in machine.invokes:
        if machine.compiled.invokes[invoke_id].model.autoforward:
            target = f"invoke:{invoke_id}"
            machine.effects.append(Send(target, event.name, event.data, event.sendid, event.origin))
            forwarded = True
    return forwarded


def _unmatched(machine: Machine, event: Event) -> Disposition:
    policy = machine.compiled.unmatched.get(event.name) or event.unmatched or "ignore"
    if policy == "reject":
        return "rejected"
    if policy == "ignore":
        return "ignored"
    kept = event_to_json(event)
    if len(machine.deferred) >= DEFERRED_MAX:
        machine.effects.append(Dropped((kept,), "defer.limit"))
        machine.incident("defer.limit", f"More than {DEFERRED_MAX} events are waiting.", event.name)
        return "ignored"
    machine.deferred = (*machine.deferred, kept)
    return "deferred"
