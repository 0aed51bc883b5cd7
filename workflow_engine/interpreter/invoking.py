"""Invokes: started when a macrostep has come to rest, cancelled on exit, answered by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_engine.expressions import DYN, to_json
from workflow_engine.interpreter.assigning import assign
from workflow_engine.interpreter.compiled import CompiledInvoke, CompiledState, ContentFault
from workflow_engine.interpreter.effects import (
    CancelInvoke,
    Effect,
    InvokeApproval,
    InvokeFlow,
    InvokeHuman,
    InvokeStep,
)
from workflow_engine.interpreter.machine import Machine

_NO_SUBJECT: Mapping[str, Any] = {}


def start_invokes(machine: Machine, state: CompiledState) -> None:
    """Start what a state invokes; one that cannot be started raises `error.execution`."""
    for invoke in state.invokes:
        try:
            _start(machine, invoke)
        except ContentFault as fault:
            machine.fail(fault)


def _start(machine: Machine, invoke: CompiledInvoke) -> None:
    given = invoke.input(machine.bindings)
    starters = {
        "step": _start_step,
        "approval": _start_approval,
        "human": _start_human,
        "flow": _start_flow,
    }
    effect = starters[invoke.model.kind](machine, invoke, given)
    machine.invokes = {**machine.invokes, invoke.id: machine.epoch}
    machine.effects.append(effect)
    if invoke.model.id_into is not None:
        path = tuple(invoke.model.id_into.split("."))[1:]
        assign(machine, path, invoke.id, DYN, invoke.model.at)


def _start_step(machine: Machine, invoke: CompiledInvoke, given: dict[str, Any]) -> Effect:
    return InvokeStep(
        invoke.id,
        machine.next_epoch(),
        invoke.model.action,
        given,
        timeout=invoke.model.timeout,
        retry=invoke.retry,
        compensable=invoke.compensation is not None,
    )


def _start_flow(machine: Machine, invoke: CompiledInvoke, given: dict[str, Any]) -> Effect:
    flow = invoke.model.flow
    if invoke.flow is not None:
        found = invoke.flow(machine.bindings)
        if not isinstance(found, str):
            message = "The flow to start is not named by a text."
            raise ContentFault("invoke.flow", message, invoke.model.at)
        flow = found
    return InvokeFlow(
        invoke.id,
        machine.next_epoch(),
        flow,
        invoke.model.version,
        given,
        autoforward=invoke.model.autoforward,
    )


def _start_approval(machine: Machine, invoke: CompiledInvoke, given: dict[str, Any]) -> Effect:
    subject = subject_of(machine, invoke)
    spec = invoke.model.spec
    stages = _stages(machine, invoke)
    reattaches = _reattached(machine, invoke, subject)
    return InvokeApproval(
        invoke.id,
        machine.next_epoch(),
        {**given, **subject},
        tuple(spec["covers"]),
        stages,
        separation=tuple(spec["separation"]),
        delegation=spec["delegation"],
        reattaches=reattaches,
    )


def _stages(machine: Machine, invoke: CompiledInvoke) -> tuple[Mapping[str, Any], ...]:
    stages = invoke.model.spec["stages"]
    if invoke.model.stages_from is None:
        return tuple(stages)
    chosen = decide_table(machine, invoke.model.stages_from)
    names = [_single(output) for output in chosen]
    found = tuple(stage for stage in stages if stage["id"] in names)
    if not found:
        message = "The table chose no stage, so nobody could approve."
        raise ContentFault("approval.no_stage", message, invoke.model.at)
    return found


def _single(output: Any) -> Any:
    return next(iter(output.values())) if isinstance(output, Mapping) else output


def decide_table(machine: Machine, table: str) -> Any:
    """Evaluate a table against the current bindings; the decision goes into the trace."""
    decision = machine.compiled.tables[table](machine.bindings)
    machine.note("decisions", table=table, rules=list(decision.rules))
    return decision.outputs


def _start_human(machine: Machine, invoke: CompiledInvoke, given: dict[str, Any]) -> Effect:
    spec = invoke.model.spec
    reattaches = _reattached(machine, invoke, {**given, **subject_of(machine, invoke)})
    return InvokeHuman(
        invoke.id,
        machine.next_epoch(),
        spec["title"],
        tuple(spec["candidates"]),
        tuple(spec["form"]),
        given,
        due=spec["due"],
        remind_every=spec["remind_every"],
        on_expire=spec["on_expire"],
        escalate=tuple(spec["escalate"]),
        reattaches=reattaches,
    )


def subject_of(machine: Machine, invoke: CompiledInvoke) -> dict[str, Any]:
    """The subject's fields, evaluated now."""
    return {
        name: part if isinstance(part, str) else to_json(part(machine.bindings))
        for name, part in invoke.subject.items()
    }


def _reattached(machine: Machine, invoke: CompiledInvoke, subject: Mapping[str, Any]) -> int | None:
    """The epoch of the parked invocation if it was about the same subject; else it is ended."""
    parked = machine.parked.get(invoke.id)
    if parked is None:
        return None
    machine.parked = {key: kept for key, kept in machine.parked.items() if key != invoke.id}
    if parked["subject"] == subject:
        return int(parked["epoch"])
    machine.effects.append(CancelInvoke(invoke.id, parked["epoch"]))
    return None


def cancel_invokes(machine: Machine, state: CompiledState) -> None:
    """Cancel what a state that is left has open, or park what may be taken up again."""
    for invoke in state.invokes:
        epoch = machine.invokes.get(invoke.id)
        if epoch is None:
            continue
        machine.invokes = {key: kept for key, kept in machine.invokes.items() if key != invoke.id}
        park = invoke.model.reattach and machine.outcome is None
        if park:
            park = _park(machine, invoke, epoch)
        machine.effects.append(CancelInvoke(invoke.id, epoch, park=park))


def _park(machine: Machine, invoke: CompiledInvoke, epoch: int) -> bool:
    try:
        subject = subject_of(machine, invoke)
        if invoke.model.kind == "human":
            subject = {**invoke.input(machine.bindings), **subject}
    except ContentFault:
        # What it was about can no longer be named, so it cannot be the same next time.
        return False
    machine.parked = {**machine.parked, invoke.id: {"epoch": epoch, "subject": subject}}
    return True


def end_parked(machine: Machine) -> None:
    """The run is over: nothing parked will be taken up."""
    for invoke_id, parked in machine.parked.items():
        machine.effects.append(CancelInvoke(invoke_id, parked["epoch"]))
    machine.parked = {}
