"""One microstep: leave, act, enter; exit and entry sets are worked out once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow_engine.expressions import to_json
from workflow_engine.interpreter.assigning import coerce
from workflow_engine.interpreter.compensating import abandon
from workflow_engine.interpreter.compiled import (
    CACHE_ENTRIES_MAX,
    CompiledState,
    CompiledTransition,
    ContentFault,
)
from workflow_engine.interpreter.domains import exits_of
from workflow_engine.interpreter.entering import EntrySet
from workflow_engine.interpreter.invoking import cancel_invokes
from workflow_engine.interpreter.machine import Machine
from workflow_engine.interpreter.timing import clear_timers, set_timers


@dataclass(frozen=True, slots=True)
class Plan:
    """Which states to enter, in order, and which of their default contents run."""

    entries: tuple[int, ...]
    default_entries: frozenset[int]
    history_contents: tuple[tuple[int, CompiledTransition], ...]
    quiet: int = 0
    """The entered states as bits where none of them does anything; else 0."""


def microstep(machine: Machine, enabled: list[CompiledTransition]) -> None:
    """Leave states, run the transitions' actions, enter states."""
    machine.failed_guards.clear()
    before = machine.config
    exits = 0
    for transition in enabled:
        if transition.through_history:
            exits |= exits_of(machine, transition)
        else:
            exits |= transition.exits
    exits &= before
    if exits:
        leave(machine, exits)
    for transition in enabled:
        if transition.block is not None:
            machine.run_block(transition.block)
    # Only now, because leaving has recorded the histories that are entered again.
    plan = _plan(machine, enabled)
    enter(machine, plan)
    if machine.trace_level == "full":
        _note(machine, enabled, before, exits, plan)
    elif enabled and machine.trace_level != "none":
        # Which rules applied: what a person is told who asks why a run stands where it does.
        machine.note("decisions", chosen=[transition.id for transition in enabled])


def _plan(machine: Machine, enabled: list[CompiledTransition]) -> Plan:
    """The entry set; it depends on the transitions alone unless history is involved."""
    if len(enabled) == 1:
        key: Any = enabled[0].number
    else:
        key = tuple([transition.number for transition in enabled])
    plans = machine.compiled.plans
    plan: Plan | None = plans.get(key)
    if plan is None:
        entry_set = EntrySet(machine)
        for transition in enabled:
            if transition.targets:
                entry_set.add_transition(transition)
        plan = Plan(
            tuple(sorted(entry_set.entries)),
            frozenset(entry_set.default_entries),
            tuple(entry_set.history_contents.items()),
            _quiet(machine, entry_set),
        )
        if not entry_set.used_history:
            if len(plans) >= CACHE_ENTRIES_MAX:
                plans.clear()
            plans[key] = plan
    return plan


def _quiet(machine: Machine, entry_set: EntrySet) -> int:
    """The entries as bits if entering them runs no content and reaches no final state."""
    states = machine.compiled.states
    mask = 0
    for number in entry_set.entries:
        state = states[number]
        initial = state.initial if number in entry_set.default_entries else None
        if state.busy or state.type == "final" or (initial and initial.block):
            return 0
        mask |= state.bit
    return 0 if any(each.block for each in entry_set.history_contents.values()) else mask


def leave(machine: Machine, exits: int) -> None:
    """Record histories, then leave innermost first."""
    compiled = machine.compiled
    if not exits & compiled.noticed_mask:
        machine.config &= ~exits
        machine.to_invoke &= ~exits
        return
    leaving = [state for state in compiled.states if state.bit & exits]
    machine.work.charge(len(leaving))
    for state in leaving:
        for number in state.histories:
            _record_history(machine, state, compiled.states[number])
    for state in reversed(leaving):
        if state.busy:
            for block in state.exit:
                machine.run_block(block)
            if state.timers:
                clear_timers(machine, state)
            cancel_invokes(machine, state)
            if state.type == "compensate":
                abandon(machine, state)
        machine.config &= ~state.bit
        machine.to_invoke &= ~state.bit


def _record_history(machine: Machine, parent: CompiledState, history: CompiledState) -> None:
    if history.model.deep:
        kept = machine.config & parent.descendants & machine.compiled.leaf_mask
    else:
        kept = 0
        for child in parent.children:
            kept |= machine.config & 1 << child
    machine.history = {**machine.history, history.id: kept}


def enter(machine: Machine, plan: Plan) -> None:
    """Enter outermost first, in document order."""
    if plan.quiet:
        machine.config |= plan.quiet
        return
    machine.work.charge(len(plan.entries))
    contents = dict(plan.history_contents)
    for number in plan.entries:
        state = machine.compiled.states[number]
        machine.config |= state.bit
        if state.busy:
            _enter_busy(machine, state)
        if number in plan.default_entries and state.initial is not None:
            machine.run_block(state.initial.block)
        if number in contents:
            machine.run_block(contents[number].block)
        if state.type == "final":
            _reach_final(machine, state)


def _enter_busy(machine: Machine, state: CompiledState) -> None:
    if state.late and state.id not in machine.bound:
        machine.bound = (*machine.bound, state.id)
        bind_late(machine, state.late)
    for block in state.entry:
        machine.run_block(block)
    if state.timers:
        set_timers(machine, state)
    if state.invokes or state.type == "compensate":
        machine.to_invoke |= state.bit


def bind_late(machine: Machine, inits: tuple[Any, ...]) -> None:
    """Give context fields their computed first values, each seeing those before it."""
    for name, evaluate, wanted in inits:
        try:
            value = coerce(evaluate(machine.bindings), wanted, f"/context/{name}")
            machine.set_context({**machine.context, name: value})
        except ContentFault as fault:
            machine.fail(fault)


def _reach_final(machine: Machine, state: CompiledState) -> None:
    states = machine.compiled.states
    payload = None
    if state.donedata is not None:
        try:
            payload = to_json(state.donedata(machine.bindings))
        except ContentFault as fault:
            machine.fail(fault)
    if state.parent == 0:
        machine.outcome = state.model.outcome or "done"
        machine.donedata = payload
        return
    parent = states[state.parent]
    machine.raise_event(f"done.state.{parent.id}", payload, type="platform")
    region = states[parent.parent]
    if region.type == "parallel" and _in_final(machine, region):
        machine.raise_event(f"done.state.{region.id}", type="platform")


def _in_final(machine: Machine, state: CompiledState) -> bool:
    states = machine.compiled.states
    if state.type == "compound":
        return any(
            states[child].type == "final" and states[child].bit & machine.config
            for child in state.children
        )
    if state.type == "parallel":
        return all(_in_final(machine, states[child]) for child in state.children)
    return False


def _note(
    machine: Machine,
    enabled: list[CompiledTransition],
    before: int,
    exits: int,
    plan: Plan,
) -> None:
    names = machine.compiled.states
    event = machine.event
    machine.note(
        "full",
        microstep=machine.rounds,
        event=None if event is None else event.name,
        chosen=[transition.id for transition in enabled],
        exited=[state.id for state in reversed(names) if state.bit & exits & before],
        entered=[names[number].id for number in plan.entries],
    )
