"""The entry set of a microstep, as the SCXML algorithm computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_engine.interpreter.compiled import CompiledState, CompiledTransition
from workflow_engine.interpreter.domains import domain_of, effective_targets

if TYPE_CHECKING:
    from workflow_engine.interpreter.machine import Machine


class EntrySet:
    """States to enter, those entered by default, and default contents of histories."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.states = machine.compiled.states
        self.entries: set[int] = set()
        self.default_entries: set[int] = set()
        self.history_contents: dict[int, CompiledTransition] = {}
        self.used_history = False

    def add_transition(self, transition: CompiledTransition) -> None:
        """Add what entering a transition's targets implies."""
        for target in transition.targets:
            self.add_descendants(self.states[target])
        targets = effective_targets(self.machine, transition.targets)
        if transition.through_history:
            self.used_history = True
            domain = domain_of(self.states, transition.source, targets, transition.internal)
        else:
            domain = transition.domain
        for target in targets:
            self.add_ancestors(self.states[target], domain)

    def add_descendants(self, state: CompiledState) -> None:
        """The state, and below it what its type demands."""
        if state.type == "history":
            self._add_history(state)
            return
        self.entries.add(state.number)
        if state.type == "compound":
            self.default_entries.add(state.number)
            assert state.initial is not None
            for target in state.initial.targets:
                self.add_descendants(self.states[target])
            for target in state.initial.targets:
                self.add_ancestors(self.states[target], state.number)
        elif state.type == "parallel":
            self._add_regions(state)

    def add_ancestors(self, state: CompiledState, top: int) -> None:
        """The states between a target and the domain, with the other regions on the way."""
        for number in state.line[1:]:
            if number == top:
                return
            self.entries.add(number)
            ancestor = self.states[number]
            if ancestor.type == "parallel":
                self._add_regions(ancestor)

    def _add_regions(self, state: CompiledState) -> None:
        for child in state.children:
            region = self.states[child]
            inside = region.descendants | region.bit
            if not any(inside >> entered & 1 for entered in self.entries):
                self.add_descendants(region)

    def _add_history(self, state: CompiledState) -> None:
        self.used_history = True
        parent = self.states[state.parent]
        recorded = self.machine.history.get(state.id)
        if recorded is None:
            default = state.transitions[0]
            self.history_contents[parent.number] = default
            targets = [self.states[target] for target in default.targets]
        else:
            targets = [known for known in self.states if known.bit & recorded]
        for target in targets:
            self.add_descendants(target)
        for target in targets:
            self.add_ancestors(target, parent.number)
