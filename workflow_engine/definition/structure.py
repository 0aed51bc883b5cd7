"""Whether the states can work together: initials, finals, histories, regions, compensation."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from workflow_engine.definition.faults import Fault
from workflow_engine.definition.model import State, Transition
from workflow_engine.definition.reading import step_into
from workflow_engine.definition.walking import transitions_of


class Tree:
    """States by id with their parents, and the faults found so far."""

    def __init__(
        self,
        states: Mapping[str, State],
        parents: Mapping[str, State | None],
        faults: list[Fault],
    ) -> None:
        self.states = states
        self.parents = parents
        self.faults = faults

    def fault(self, at: str, code: str, message: str, mend: str = "") -> None:
        self.faults.append(Fault(at, code, message, mend))

    def line(self, state_id: str) -> list[str]:
        """The state and its ancestors, innermost first."""
        found = [state_id]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent.id)
        return found

    def inside(self, state_id: str, ancestor: str) -> bool:
        return state_id != ancestor and ancestor in self.line(state_id)


def check_structure(
    states: Mapping[str, State], parents: Mapping[str, State | None], faults: list[Fault]
) -> None:
    """Report structures that the semantics gives no meaning."""
    tree = Tree(states, parents, faults)
    for state in states.values():
        _check_parts(tree, state)
        _check_initial(tree, state)
        if state.type == "history":
            _check_history(tree, state)
        if state.type == "compensate":
            _check_compensate(tree, state)
        for transition in transitions_of(state):
            _check_targets(tree, transition.targets, step_into(transition.at, "target"))


_MAY_HOLD = {
    "final": ("entry", "exit", "donedata", "outcome"),
    "history": ("transitions",),
}


def _check_parts(tree: Tree, state: State) -> None:
    if state.type in ("compound", "parallel") and not any(
        child.type != "history" for child in state.states
    ):
        mend = "Add 'states', or change its type."
        message = f"{_title(state)} is {state.type} but has no states."
        tree.fault(state.at, "state.empty", message, mend)
    if state.type in ("final", "history"):
        _check_bare(tree, state)
    if state.type == "compensate" and (state.states or state.invokes):
        message = "A compensate state has no states and no invoke of its own."
        tree.fault(state.at, "compensate.parts", message, "Remove them.")
    parent = tree.parents[state.id]
    if state.outcome is not None and (state.type != "final" or (parent and parent.id)):
        message = "Only a final state of the outermost level has an outcome."
        tree.fault(step_into(state.at, "outcome"), "final.outcome", message, "Remove 'outcome'.")
    if state.type == "final" and parent is not None and not parent.id and state.outcome is None:
        message = f"The run can end in '{state.id}', but it does not say with what outcome."
        tree.fault(state.at, "final.no_outcome", message, "Add 'outcome', for example success.")
    if state.donedata is not None and state.type != "final":
        tree.fault(
            step_into(state.at, "donedata"), "final.donedata", "Only a final state has this."
        )


def _check_bare(tree: Tree, state: State) -> None:
    present = {
        "entry": state.entry,
        "exit": state.exit,
        "transitions": state.transitions,
        "after": state.after,
        "invoke": state.invokes,
        "states": state.states,
    }
    for name, part in present.items():
        if part and name not in _MAY_HOLD[state.type]:
            message = f"A {state.type} state has no '{name}'."
            tree.fault(
                step_into(state.at, name), f"{state.type}.parts", message, f"Remove '{name}'."
            )


def _check_initial(tree: Tree, state: State) -> None:
    if state.initial is None:
        return
    at = step_into(state.at, "initial")
    if state.type != "compound":
        message = f"Only a compound state has an initial state, and '{state.id}' is {state.type}."
        tree.fault(at, "initial.misplaced", message, "Remove 'initial'.")
        return
    for target in state.initial.targets:
        if not tree.inside(target, state.id):
            message = f"'{target}' is not inside {_title(state)}."
            tree.fault(at, "initial.outside", message, "Name a state inside it.")
    _check_targets(tree, state.initial.targets, at)


def _check_history(tree: Tree, state: State) -> None:
    parent = tree.parents[state.id]
    assert parent is not None
    at = step_into(state.at, "transitions")
    if len(state.transitions) != 1:
        message = f"The history '{state.id}' needs exactly one default transition."
        mend = "Add one transition with the states to enter the first time."
        tree.fault(state.at if not state.transitions else at, "history.no_default", message, mend)
        return
    default: Transition = state.transitions[0]
    if default.events or default.guard or not default.targets:
        message = "A history's default transition has targets, and neither event nor guard."
        tree.fault(default.at, "history.default", message)
    for target in default.targets:
        if not tree.inside(target, parent.id):
            message = f"'{target}' is not inside '{parent.id}'."
            tree.fault(step_into(default.at, "target"), "history.outside", message)


def _check_compensate(tree: Tree, state: State) -> None:
    caught = {
        event
        for line in tree.line(state.id)
        for transition in transitions_of(tree.states[line])
        for event in transition.events
    }
    for word in ("done", "error"):
        event = f"{word}.state.{state.id}"
        parts = event.split(".")
        if not any(".".join(parts[:count]) in caught for count in (1, 2, 3)) and "*" not in caught:
            message = f"Nobody waits for '{event}', so the run would stay here for ever."
            mend = f"Add a transition on {event}."
            tree.fault(state.at, "compensate.unhandled", message, mend)


def _check_targets(tree: Tree, targets: tuple[str, ...], at: str) -> None:
    for one, other in combinations(targets, 2):
        line = tree.line(one)
        common = next(name for name in tree.line(other) if name in line)
        if one == other or common in (one, other) or tree.states[common].type != "parallel":
            message = f"The run cannot be in '{one}' and '{other}' at the same time."
            mend = "Name states of different regions of one parallel state."
            tree.fault(at, "target.together", message, mend)
            return


def _title(state: State) -> str:
    return f"'{state.id}'" if state.id else "the definition"
