"""A definition as the document that is drawn of it: nodes and edges with ids, kinds and words.

Pure, and in arrays: order survives every store of JSON. What is drawn and what is told beside the
drawing are made of this one document, so they cannot disagree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from kernel.canonical import canonical_bytes
from workflow_engine.charts.words import event_words, spoken, work_words
from workflow_engine.definition.model import Definition, State, Transition
from workflow_engine.definition.walking import states_of, transitions_of

# Counted up when browsers place the same document differently: stored layouts are then renewed.
RECIPE = 1

NodeKind = Literal[
    "atomic", "compound", "parallel", "region", "final", "history", "compensate", "initial"
]
EdgeKind = Literal["initial", "event", "work", "failure", "timer", "always"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a state has done: its kind (step, approval, human, flow) and a sentence."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class ChartNode:
    """A state, or the dot from which a compound state begins (`initial`).

    `id` is the state's own; a dot's is `initial:<state>`, which no state can be called.
    """

    id: str
    parent: str | None
    kind: NodeKind
    label: str
    works: tuple[Work, ...] = ()
    is_initial: bool = False
    has_timer: bool = False
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ChartEdge:
    """One way from a state to another. `order` is the rank among the source's ways, from 1.

    A transition to several states is several edges; one that goes nowhere has no target and is
    told, not drawn.
    """

    id: str
    transition: str
    source: str
    target: str | None
    kind: EdgeKind
    event: str = ""
    guard: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn of a definition; states in document order, parents before their children."""

    key: str
    name: str
    nodes: tuple[ChartNode, ...]
    edges: tuple[ChartEdge, ...]

    def fingerprint(self) -> str:
        """Name the drawing: a layout fits a chart with this fingerprint and no other."""
        content = canonical_bytes({"recipe": RECIPE, "chart": asdict(self)})
        return hashlib.sha256(content).hexdigest()

    def drawn_edges(self) -> tuple[ChartEdge, ...]:
        """Return the edges from a state to a state; what the whole definition does is told only."""
        return tuple(edge for edge in self.edges if edge.target is not None and edge.source)


def chart_of(definition: Definition, sentences: Mapping[str, str] | None = None) -> Chart:
    """Draw up a definition; `sentences` say what actions do, by their names."""
    states = list(states_of(definition.root))
    kinds: dict[str, str] = {f"state.{state.id}": state.type for state, _ in states}
    kinds |= {f"invoke.{each.id}": each.kind for state, _ in states for each in state.invokes}
    nodes: list[ChartNode] = []
    edges: list[ChartEdge] = []
    for state, parent in states:
        if parent is not None:
            nodes.append(_node(state, parent, sentences or {}))
        if state.type == "compound" and _begins(state):
            nodes.append(ChartNode(f"initial:{state.id}", state.id or None, "initial", "Start"))
            edges += _beginnings(state)
        edges += _ways(state, kinds)
    return Chart(definition.key, definition.name, tuple(nodes), tuple(edges))


def _node(state: State, parent: State, sentences: Mapping[str, str]) -> ChartNode:
    kind: NodeKind = state.type
    if parent.type == "parallel" and state.type == "compound":
        kind = "region"
    label = state.label or spoken(state.id)
    if state.type == "history":
        label = "Where it was, in depth" if state.deep else "Where it was"
    return ChartNode(
        state.id,
        parent.id or None,
        kind,
        label,
        tuple(Work(invoke.kind, work_words(invoke, sentences)) for invoke in state.invokes),
        is_initial=parent.type == "compound" and state.id in _begins(parent),
        has_timer=bool(state.after),
        outcome=state.outcome,
    )


def _begins(state: State) -> tuple[str, ...]:
    if state.initial is not None:
        return state.initial.targets
    return tuple(child.id for child in state.states if child.type != "history")[:1]


def _beginnings(state: State) -> Iterator[ChartEdge]:
    dot = f"initial:{state.id}"
    for number, target in enumerate(_begins(state)):
        yield ChartEdge(f"{dot}:{number}", "", dot, target, "initial")


def _ways(state: State, kinds: Mapping[str, str]) -> Iterator[ChartEdge]:
    timers = {timer.id for timer in state.after}
    for order, transition in enumerate(transitions_of(state), 1):
        targets: tuple[str | None, ...] = transition.targets or (None,)
        for number, target in enumerate(targets):
            yield ChartEdge(
                transition.id if number == 0 else f"{transition.id}:{number}",
                transition.id,
                state.id,
                target,
                _kind(transition, is_timer=transition.id in timers),
                event_words(state, transition, kinds),
                transition.guard.source if transition.guard is not None else "",
                order,
            )


def _kind(transition: Transition, *, is_timer: bool) -> EdgeKind:
    if is_timer:
        return "timer"
    if not transition.events:
        return "always"
    words = {event.split(".")[0] for event in transition.events}
    if words == {"error"}:
        return "failure"
    return "work" if words <= {"done", "error"} else "event"
