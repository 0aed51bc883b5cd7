"""Reading states, their transitions and timers; sequences become the compounds they stand for."""

from __future__ import annotations

import dataclasses
import re

from workflow_engine.definition.actions_model import Named
from workflow_engine.definition.model import After, Anchor, Expr, State, StateType, Transition
from workflow_engine.definition.parse_actions import read_actions, read_payload
from workflow_engine.definition.parse_invokes import read_invokes
from workflow_engine.definition.reading import Reader, step_into

DESCRIPTOR = re.compile(r"\*|[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*(\.\*|\.)?")
_TYPES = ("atomic", "compound", "parallel", "final", "history", "compensate", "sequence")


def read_root(reader: Reader) -> State:
    """Read the definition's own level: a compound state without a name."""
    return State(
        id="",
        at=reader.at,
        type="compound",
        label=reader.text("name"),
        initial=_read_initial(reader),
        entry=read_actions(reader, "entry"),
        transitions=_read_transitions(reader),
        after=_read_after(reader),
        states=_read_states(reader),
    )


def _read_states(reader: Reader) -> tuple[State, ...]:
    return tuple(_read_state(child) for child in reader.children("states"))


def _read_state(reader: Reader) -> State:
    kind = reader.choice("type", _TYPES, default="atomic")
    if kind == "sequence":
        return _read_sequence(reader)
    states = _read_states(reader)
    if states and kind == "atomic":
        kind = "compound"
    state = State(
        id=reader.id(),
        at=reader.at,
        type=_state_type(kind),
        label=reader.text("label"),
        initial=_read_initial(reader),
        entry=read_actions(reader, "entry"),
        exit=read_actions(reader, "exit"),
        transitions=_read_transitions(reader),
        after=_read_after(reader),
        invokes=read_invokes(reader),
        states=states,
        deep=_read_depth(reader, kind),
        outcome=reader.optional_text("outcome"),
        donedata=_read_donedata(reader),
        scope=reader.text("scope", default="run") if kind == "compensate" else "run",
    )
    if kind == "compensate":
        reader.choice("order", ("reverse",), default="reverse")
    reader.close()
    return state


def _state_type(kind: str) -> StateType:
    types: dict[str, StateType] = {
        "atomic": "atomic",
        "compound": "compound",
        "parallel": "parallel",
        "final": "final",
        "history": "history",
        "compensate": "compensate",
    }
    return types[kind]


def _read_depth(reader: Reader, kind: str) -> bool:
    if kind != "history":
        return False
    return reader.choice("history", ("shallow", "deep"), default="shallow") == "deep"


def _read_donedata(reader: Reader) -> tuple[Named, ...] | Expr | None:
    return read_payload(reader, "donedata") if reader.has("donedata") else None


def _read_initial(reader: Reader) -> Transition | None:
    if not reader.has("initial"):
        return None
    at = step_into(reader.at, "initial")
    if isinstance(reader.fields["initial"], str | list):
        return Transition("", at, targets=reader.texts("initial"))
    child = reader.child("initial")
    assert child is not None
    targets = child.texts("target")
    if not targets:
        child.fault(None, "shape.missing", "The field 'target' is missing.", "Name a state.")
    found = Transition("", at, targets=targets, actions=read_actions(child, "actions"))
    child.close()
    return found


def _read_transitions(reader: Reader) -> tuple[Transition, ...]:
    return tuple(_read_transition(child) for child in reader.children("transitions"))


def _read_transition(reader: Reader) -> Transition:
    events = read_descriptors(reader)
    found = _effect_of(reader, events)
    reader.raw("label")
    reader.close()
    if not events and found.guard is None and not found.targets:
        mend = "Give it an event, a guard or a target."
        reader.fault(None, "transition.endless", "This transition would fire for ever.", mend)
    return found


def _effect_of(reader: Reader, events: tuple[str, ...]) -> Transition:
    return Transition(
        id=reader.id(),
        at=reader.at,
        events=events,
        guard=reader.expression("guard"),
        targets=reader.texts("target"),
        internal=reader.choice("kind", ("external", "internal"), default="external") == "internal",
        actions=read_actions(reader, "actions"),
    )


def read_descriptors(reader: Reader) -> tuple[str, ...]:
    """Read space-separated event descriptors."""
    if not reader.has("event"):
        return ()
    text = reader.text("event")
    tokens = text.split()
    if not tokens and isinstance(reader.fields["event"], str):
        mend = "Name an event, or leave 'event' out."
        reader.fault("event", "event.name", "No event is named.", mend)
    for token in tokens:
        if not DESCRIPTOR.fullmatch(token):
            message = f"'{token[:200]}' does not describe an event."
            reader.fault("event", "event.name", message, "Write for example order.cancelled.")
    return tuple(
        word if word == "*" else word.removesuffix(".*").removesuffix(".") for word in tokens
    )


def _read_after(reader: Reader) -> tuple[After, ...]:
    return tuple(_read_timer(child) for child in reader.children("after"))


def _read_timer(reader: Reader) -> After:
    timer_id = reader.fields.get("id")
    transition = _effect_of(reader, (f"after.{timer_id}",))
    timer = After(
        transition=transition,
        at=reader.at,
        delay=reader.span("delay"),
        delay_expr=reader.expression("delay_expr"),
        instant=reader.expression("at"),
        plus=reader.span("plus"),
        calendar=reader.optional_text("calendar"),
        anchor=_anchor(reader),
        sla=reader.optional_text("sla"),
        pausable=reader.boolean("pausable"),
    )
    given = [name for name in ("delay", "delay_expr", "at") if reader.has(name)]
    if reader.sound and len(given) != 1:
        mend = "Give exactly one of delay, delay_expr or at."
        reader.fault(None, "timer.due", "It is not clear when the timer is due.", mend)
    reader.raw("label")
    reader.close()
    return timer


def _anchor(reader: Reader) -> Anchor:
    # A service level counts from the first time its state is entered, unless said otherwise.
    usual = "first_entry" if reader.has("sla") else "entry"
    anchors: dict[str, Anchor] = {"entry": "entry", "first_entry": "first_entry", "run": "run"}
    return anchors[reader.choice("anchor", tuple(anchors), default=usual)]


def _read_sequence(reader: Reader) -> State:
    """A compound of the steps in order, each followed by the next when its invoke is done."""
    sequence_id = reader.id()
    steps = [_read_step(child) for child in reader.children("steps")]
    if not steps:
        mend = "Add 'steps', each with an invoke."
        reader.fault(None, "sequence.empty", "The sequence has no steps.", mend)
    last = State(id=f"{sequence_id}_done", at=reader.at, type="final", sequence=True)
    following = [*[step.id for step, _ in steps][1:], last.id]
    chained = [
        _chain(step, then, next_id) for (step, then), next_id in zip(steps, following, strict=True)
    ]
    state = State(
        id=sequence_id,
        at=reader.at,
        type="compound",
        label=reader.text("label"),
        initial=Transition("", reader.at, targets=([*chained, last][0].id,)),
        entry=read_actions(reader, "entry"),
        exit=read_actions(reader, "exit"),
        transitions=_read_transitions(reader),
        after=_read_after(reader),
        states=(*chained, last),
        sequence=True,
    )
    reader.close()
    return state


def _read_step(reader: Reader) -> tuple[State, Transition]:
    then = Transition(
        id=f"{reader.fields.get('id')}_next", at=reader.at, actions=read_actions(reader, "then")
    )
    step = _read_state(reader)
    if step.type != "atomic" or len(step.invokes) > 1:
        mend = "A step is a plain state with at most one invoke."
        reader.fault(None, "sequence.step", "This cannot be a step of a sequence.", mend)
    return step, then


def _chain(step: State, then: Transition, next_id: str) -> State:
    events = tuple(f"done.invoke.{invoke.id}" for invoke in step.invokes)
    follow = dataclasses.replace(then, events=events, targets=(next_id,))
    return dataclasses.replace(step, transitions=(*step.transitions, follow))
