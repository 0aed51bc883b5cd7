"""How far up a transition reaches: its effective targets, its domain, the states it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_engine.interpreter.compiled import CompiledState, CompiledTransition

if TYPE_CHECKING:
    from workflow_engine.interpreter.machine import Machine


def exits_of(machine: Machine, transition: CompiledTransition) -> int:
    """The states that a transition leaves, as bits."""
    if not transition.through_history:
        return transition.exits & machine.config
    targets = effective_targets(machine, transition.targets)
    domain = domain_of(machine.compiled.states, transition.source, targets, transition.internal)
    return machine.compiled.states[domain].descendants & machine.config


def effective_targets(machine: Machine, targets: tuple[int, ...]) -> tuple[int, ...]:
    """Targets with each history replaced by what it stands for now."""
    states = machine.compiled.states
    found: list[int] = []
    for number in targets:
        state = states[number]
        if state.type != "history":
            found.append(number)
        elif state.id in machine.history:
            recorded = machine.history[state.id]
            found += [known.number for known in states if known.bit & recorded]
        else:
            found += effective_targets(machine, state.transitions[0].targets)
    return tuple(found)


def domain_of(
    states: tuple[CompiledState, ...], source: int, targets: tuple[int, ...], internal: bool
) -> int:
    """The innermost compound state that a transition stays inside."""
    wanted = 0
    for target in targets:
        wanted |= 1 << target
    home = states[source]
    if source == 0:
        return 0
    if internal and home.type == "compound" and wanted & ~home.descendants == 0:
        return source
    for number in home.line[1:]:
        state = states[number]
        if state.type == "compound" and wanted & ~state.descendants == 0:
            return number
    return 0
