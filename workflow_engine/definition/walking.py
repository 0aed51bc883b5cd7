"""Walking a definition: all states with their parents, and all actions inside actions."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_engine.definition.actions_model import Action, Block, ForEach, If
from workflow_engine.definition.model import State, Transition


def states_of(root: State) -> Iterator[tuple[State, State | None]]:
    """Every state with its parent, in document order."""
    waiting: list[tuple[State, State | None]] = [(root, None)]
    while waiting:
        state, parent = waiting.pop()
        yield state, parent
        waiting += [(child, state) for child in reversed(state.states)]


def transitions_of(state: State) -> Iterator[Transition]:
    """A state's own transitions, then those of its timers, as they are tried."""
    yield from state.transitions
    for timer in state.after:
        yield timer.transition


def actions_of(state: State) -> Iterator[Action]:
    """Every action that hangs on a state, however deep."""
    yield from _flat(state.entry)
    yield from _flat(state.exit)
    if state.initial:
        yield from _flat(state.initial.actions)
    for transition in transitions_of(state):
        yield from _flat(transition.actions)
    for invoke in state.invokes:
        yield from _flat(invoke.finalize)


def _flat(actions: tuple[Action, ...]) -> Iterator[Action]:
    for action in actions:
        yield action
        if isinstance(action, If):
            for _, branch in action.branches:
                yield from _flat(branch)
        elif isinstance(action, ForEach | Block):
            yield from _flat(action.actions)
