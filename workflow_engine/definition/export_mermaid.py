"""A definition as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_engine.definition.durations import write_duration
from workflow_engine.definition.model import After, Definition, State, Transition


def export_mermaid(definition: Definition) -> str:
    """Write a `stateDiagram-v2`; every state and transition appears in document order."""
    lines = ["stateDiagram-v2", f"  %% {definition.name}".rstrip()]
    lines += _inside(definition.root, 1)
    return "\n".join(lines) + "\n"


def _inside(state: State, depth: int) -> Iterator[str]:
    pad = "  " * depth
    targets = state.initial.targets if state.initial else _first(state)
    if state.type == "compound":
        yield from (f"{pad}[*] --> {target}" for target in targets)
    for position, child in enumerate(state.states):
        if position and state.type == "parallel" and child.type != "history":
            yield f"{pad}--"
        yield from _declared(child, depth)
    for child in state.states:
        yield from (f"{pad}{line}" for line in _arrows(child))


def _first(state: State) -> tuple[str, ...]:
    return tuple(child.id for child in state.states if child.type != "history")[:1]


def _declared(state: State, depth: int) -> Iterator[str]:
    pad = "  " * depth
    title = _text(state.label or state.id)
    if state.type == "history":
        yield f'{pad}state "{"H*" if state.deep else "H"}" as {state.id}'
        return
    yield f'{pad}state "{title}" as {state.id}'
    if state.states:
        yield f"{pad}state {state.id} {{"
        yield from _inside(state, depth + 1)
        yield f"{pad}}}"


def _arrows(state: State) -> Iterator[str]:
    if state.type == "final":
        yield f"{state.id} --> [*]"
    for transition in state.transitions:
        yield from _arrow(state, transition, _label(transition))
    for timer in state.after:
        yield from _arrow(state, timer.transition, _due(timer))


def _arrow(state: State, transition: Transition, label: str) -> Iterator[str]:
    for target in transition.targets or (state.id,):
        yield f"{state.id} --> {target}" + (f" : {label}" if label else "")


def _label(transition: Transition) -> str:
    guard = f" [{transition.guard.source}]" if transition.guard else ""
    return _text(f"{' '.join(transition.events)}{guard}".strip())


def _due(timer: After) -> str:
    if timer.delay is not None:
        return _text(f"after {write_duration(timer.delay.length)}")
    source = timer.delay_expr or timer.instant
    return _text(f"after {source.source}" if source else "after")


def _text(text: str) -> str:
    # Mermaid ends a label at a line break or semicolon, and a title at a quotation mark.
    return text.replace("\n", " ").replace(";", ",").replace('"', "'").replace(":", "&#58;")
