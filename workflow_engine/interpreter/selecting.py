"""Which transitions fire: innermost first, then document order, conflicts resolved."""

from __future__ import annotations

from workflow_engine.interpreter.compiled import CompiledTransition, ContentFault
from workflow_engine.interpreter.domains import exits_of
from workflow_engine.interpreter.machine import Machine


def select(machine: Machine, event: str) -> list[CompiledTransition]:
    """The optimal set of enabled transitions for an event name; empty name: eventless."""
    rows = machine.compiled.candidates_for(machine.config, event)
    if not rows:
        return []
    # Noticed with the next round, which every microstep is followed by.
    machine.work.left -= len(rows)
    verdicts: dict[int, bool] = {}
    enabled: list[CompiledTransition] = []
    for row in rows:
        for transition in row:
            if transition in enabled:
                break
            if transition.guard is None or _holds(machine, transition, verdicts):
                enabled.append(transition)
                break
    if machine.trace_level != "none":
        _note(machine, event, rows, verdicts)
    return enabled if len(enabled) < 2 else _without_conflicts(machine, enabled)


def _holds(machine: Machine, transition: CompiledTransition, verdicts: dict[int, bool]) -> bool:
    """The guard's value; a failing guard is false, and an error that is queued once."""
    known = verdicts.get(transition.number)
    if known is not None:
        return known
    assert transition.guard is not None
    try:
        verdict = transition.guard(machine.bindings) is True
    except ContentFault as fault:
        verdict = False
        # Asked again in every round of a macrostep, it would queue its error without end.
        if transition.number not in machine.failed_guards:
            machine.failed_guards.add(transition.number)
            machine.fail(fault)
            machine.note("decisions", guard=transition.id, error=fault.code, message=fault.message)
    verdicts[transition.number] = verdict
    return verdict


def _without_conflicts(
    machine: Machine, enabled: list[CompiledTransition]
) -> list[CompiledTransition]:
    """Of two that would leave a common state, keep the inner one, else the first."""
    kept: list[CompiledTransition] = []
    preempted: list[str] = []
    states = machine.compiled.states
    for transition in enabled:
        exits = exits_of(machine, transition)
        rivals = [other for other in kept if exits & exits_of(machine, other)]
        above = states[transition.source].ancestors
        if all(above >> other.source & 1 for other in rivals):
            for other in rivals:
                kept.remove(other)
                preempted.append(other.id)
            kept.append(transition)
        else:
            preempted.append(transition.id)
    if preempted:
        machine.note("full", preempted=preempted)
    return kept


def _note(
    machine: Machine,
    event: str,
    rows: tuple[tuple[CompiledTransition, ...], ...],
    verdicts: dict[int, bool],
) -> None:
    if machine.trace_level != "full" or not rows:
        return
    transitions = machine.compiled.transitions
    guards = [
        {
            "transition": transitions[number].id,
            "guard": transitions[number].guard_text,
            "value": value,
        }
        for number, value in verdicts.items()
    ]
    if guards:
        machine.note("full", event=event, guards=guards)
