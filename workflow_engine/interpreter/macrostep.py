"""Run to completion: eventless transitions first, then internal events, then invokes."""

from __future__ import annotations

from workflow_engine.interpreter.compensating import compensate_next
from workflow_engine.interpreter.compiled import ContentFault
from workflow_engine.interpreter.effects import Dropped, Finished
from workflow_engine.interpreter.events import Event, event_from_json
from workflow_engine.interpreter.invoking import cancel_invokes, end_parked, start_invokes
from workflow_engine.interpreter.machine import Machine
from workflow_engine.interpreter.moving import microstep
from workflow_engine.interpreter.selecting import select
from workflow_engine.interpreter.timing import clear_all
from workflow_engine.interpreter.typing_events import typed_payload


def rest(machine: Machine) -> None:
    """Go on until nothing moves by itself; Unfinished if that does not end."""
    offered = -1
    while machine.outcome is None:
        machine.count_round()
        if _move(machine):
            continue
        if machine.to_invoke:
            _start_invokes(machine)
            continue
        if machine.deferred and machine.config != offered:
            offered = machine.config
            if _take_deferred(machine):
                offered = -1
                continue
        return


def _move(machine: Machine) -> bool:
    """One eventless microstep or one internal event; False when neither is left."""
    if machine.compiled.moves_by_itself:
        enabled = select(machine, "")
        if enabled:
            microstep(machine, enabled)
            return True
    if not machine.internal:
        return False
    event = machine.internal.popleft()
    machine.set_event(event, event.data)
    enabled = select(machine, event.name)
    if enabled:
        microstep(machine, enabled)
    else:
        unhandled(machine, event)
    return True


def unhandled(machine: Machine, event: Event) -> None:
    """An error that no transition takes is an incident: nothing fails silently."""
    if not event.name.startswith("error."):
        return
    payload = event.data if isinstance(event.data, dict) else {}
    message = payload.get("message") or f"Nothing in the definition handles '{event.name}'."
    code = str(payload.get("code") or event.name)
    machine.incident(f"unhandled:{code}", str(message), str(payload.get("where") or event.name))


def _start_invokes(machine: Machine) -> None:
    waiting, machine.to_invoke = machine.to_invoke, 0
    for state in machine.compiled.states:
        if not state.bit & waiting:
            continue
        if state.type == "compensate":
            compensate_next(machine, state)
        else:
            start_invokes(machine, state)


def _take_deferred(machine: Machine) -> bool:
    """Offer the kept events in their order; take the first that a transition wants."""
    for position, kept in enumerate(machine.deferred):
        event = event_from_json(kept)
        others = (*machine.deferred[:position], *machine.deferred[position + 1 :])
        try:
            machine.set_event(event, typed_payload(machine, event))
        except ContentFault as fault:
            # Kept under an earlier version of the definition, it is of the wrong shape now.
            machine.deferred = others
            machine.fail(fault)
            return True
        enabled = select(machine, event.name)
        if enabled:
            machine.deferred = others
            microstep(machine, enabled)
            return True
    return False


def close_run(machine: Machine, *, exits: bool = True) -> None:
    """The run is over: leave all states, withdraw everything, say how it ended.

    The configuration stays as it was, so that a finished run still shows where it ended.
    """
    compiled = machine.compiled
    ended_in = machine.config
    for state in reversed(compiled.states):
        if state.bit & ended_in and state.busy:
            for block in state.exit if exits else ():
                machine.run_block(block)
            cancel_invokes(machine, state)
    clear_all(machine)
    end_parked(machine)
    if machine.deferred:
        machine.effects.append(Dropped(machine.deferred, "finished"))
        machine.deferred = ()
    assert machine.outcome is not None
    machine.effects.append(Finished(machine.outcome, machine.donedata))
