"""Undoing: what completed steps leave behind, undone in reverse, never skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_engine.interpreter.compiled import (
    CompiledInvoke,
    CompiledState,
    ContentFault,
)
from workflow_engine.interpreter.effects import InvokeStep, Log
from workflow_engine.interpreter.events import Event
from workflow_engine.interpreter.machine import Machine

PREFIX = "compensate:"
COMPENSATIONS_MAX = 500


def remember(machine: Machine, invoke: CompiledInvoke, result: Any) -> None:
    """A step has completed: freeze how it is undone, above all that came before."""
    compensation = invoke.compensation
    if compensation is None:
        return
    given = _frozen_input(machine, invoke, result)
    if compensation.replaces is not None:
        _drop_latest(machine, compensation.replaces)
    if given is None:
        return
    entry = {"invoke": invoke.id, "input": given}
    machine.compensations = (*machine.compensations, entry)
    if len(machine.compensations) > COMPENSATIONS_MAX:
        raise ContentFault("compensate.limit", "Too many effects to undo.", invoke.model.at)


def undo_late(machine: Machine, invoke: CompiledInvoke, result: Any) -> None:
    """A success arrived after its state was left: undo it at once, waiting for nothing."""
    compensation = invoke.compensation
    if compensation is None:
        return
    given = _frozen_input(machine, invoke, result)
    if compensation.replaces is not None:
        _drop_latest(machine, compensation.replaces)
    if given is None:
        return
    machine.effects.append(
        Log("warning", f"'{invoke.id}' succeeded too late and is undone.", invoke.model.at)
    )
    machine.effects.append(_undo(machine, invoke.id, given, detached=True))


def _frozen_input(machine: Machine, invoke: CompiledInvoke, result: Any) -> dict[str, Any] | None:
    assert invoke.compensation is not None
    try:
        return invoke.compensation.input({**machine.bindings, "result": result})
    except ContentFault as fault:
        message = f"The effect of '{invoke.id}' cannot be undone: {fault.message}"
        machine.incident("compensation.input", message, invoke.compensation.at)
        return None


def _drop_latest(machine: Machine, invoke_id: str) -> None:
    kept = list(machine.compensations)
    for position in range(len(kept) - 1, -1, -1):
        if kept[position]["invoke"] == invoke_id:
            del kept[position]
            break
    machine.compensations = tuple(kept)


def _undo(
    machine: Machine, invoke_id: str, given: Mapping[str, Any], *, detached: bool = False
) -> InvokeStep:
    compensation = machine.compiled.invokes[invoke_id].compensation
    assert compensation is not None
    return InvokeStep(
        f"{PREFIX}{invoke_id}",
        machine.next_epoch(),
        compensation.action,
        given,
        timeout=compensation.timeout,
        retry=compensation.retry,
        compensates=invoke_id,
        detached=detached,
    )


def compensate_next(machine: Machine, state: CompiledState, failed: str | None = None) -> None:
    """Undo the latest effect in scope, or report that all are done.

    One that fails is an incident and the others are still undone; the state then ends with
    `error.state.<id>` and the first failure's code.
    """
    position = _latest_in_scope(machine, state)
    if position is None:
        machine.compensating = {
            key: kept for key, kept in machine.compensating.items() if key != state.id
        }
        _report(machine, state, failed)
        return
    entry = machine.compensations[position]
    machine.compensations = (
        *machine.compensations[:position],
        *machine.compensations[position + 1 :],
    )
    step = _undo(machine, entry["invoke"], entry["input"])
    record: dict[str, Any] = {"epoch": step.epoch, "invoke": entry["invoke"]}
    if failed is not None:
        record["failed"] = failed
    machine.compensating = {**machine.compensating, state.id: record}
    machine.effects.append(step)


def _report(machine: Machine, state: CompiledState, failed: str | None) -> None:
    if failed is None:
        machine.raise_event(f"done.state.{state.id}", type="platform")
    else:
        machine.raise_event(f"error.state.{state.id}", {"code": failed}, type="platform")


def _latest_in_scope(machine: Machine, state: CompiledState) -> int | None:
    compiled = machine.compiled
    scope = 0 if state.model.scope == "run" else compiled.numbers[state.model.scope]
    inside = compiled.states[scope].descendants | compiled.states[scope].bit
    for position in range(len(machine.compensations) - 1, -1, -1):
        invoke = compiled.invokes[machine.compensations[position]["invoke"]]
        if inside >> invoke.state & 1:
            return position
    return None


def is_compensation(event: Event) -> bool:
    """Whether an event answers an undoing step."""
    return event.invokeid is not None and event.invokeid.startswith(PREFIX)


def answered(machine: Machine, event: Event) -> bool:
    """Take in the answer of an undoing step; True if a compensate state goes on by it."""
    assert event.invokeid is not None
    invoke_id = event.invokeid.removeprefix(PREFIX)
    code = _failure(event)
    if code is not None:
        _incident(machine, invoke_id, code)
    for state_id, record in machine.compensating.items():
        if record["epoch"] == event.epoch and record["invoke"] == invoke_id:
            state = machine.compiled.states[machine.compiled.numbers[state_id]]
            compensate_next(machine, state, record.get("failed") or code)
            return True
    return False


def _failure(event: Event) -> str | None:
    if not event.name.startswith("error."):
        return None
    payload = event.data if isinstance(event.data, Mapping) else {}
    return str(payload.get("code") or "compensation.failed")


def _incident(machine: Machine, invoke_id: str, code: str) -> None:
    invoke = machine.compiled.invokes.get(invoke_id)
    if invoke is not None and invoke.compensation is not None:
        action = invoke.compensation.action
        message = f"'{action}' could not undo '{invoke_id}' ({code})."
        machine.incident(f"compensation.failed:{action}", message, invoke.compensation.at)


def abandon(machine: Machine, state: CompiledState) -> None:
    """A compensate state is left: the step under way goes on, and its failure stays an incident."""
    if state.id in machine.compensating:
        machine.compensating = {
            key: kept for key, kept in machine.compensating.items() if key != state.id
        }
