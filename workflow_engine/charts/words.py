"""What a chart says in words of transitions, timers and the work of a state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from workflow_engine.definition.model import After, Invoke, State, Transition

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_ENDS = {
    ("done", "step"): "Done",
    ("done", "approval"): "Decided",
    ("done", "human"): "Answered",
    ("done", "flow"): "Ended",
    ("error", "step"): "Failed",
    ("error", "approval"): "Could not be decided",
    ("error", "human"): "Could not be asked",
    ("error", "flow"): "Failed",
    ("done", "compensate"): "Undone",
    ("error", "compensate"): "Could not be undone",
}
_FAULTS = {"error.execution": "A rule failed", "error.communication": "A message failed"}


def spoken(name: str) -> str:
    """Return a technical name as a person says it: `goods.received` is `Goods received`."""
    text = " ".join(name.replace(".", " ").replace("_", " ").split())
    return text[:1].upper() + text[1:]


def event_words(state: State, transition: Transition, kinds: Mapping[str, str]) -> str:
    """Return what a transition waits for; empty where it waits for nothing.

    `kinds` maps `invoke.<id>` to the kind of its work, and `state.<id>` to the type of a state.
    """
    timer = next((each for each in state.after if each.transition is transition), None)
    if timer is not None:
        return timer_words(timer)
    return " or ".join(dict.fromkeys(_event(event, kinds) for event in transition.events))


def timer_words(timer: After) -> str:
    """Return when a timer is due: "After 3 days", "After 8 working hours"."""
    if timer.delay is not None:
        working = timer.calendar is not None
        return f"After {_length(timer.delay.days, timer.delay.clock, working=working)}"
    source = timer.delay_expr or timer.instant
    if source is None:
        return "After a while"
    plus = f" + {_length(timer.plus.days, timer.plus.clock)}" if timer.plus is not None else ""
    return f"{'After' if timer.delay_expr else 'At'} {source.source}{plus}"


def work_words(invoke: Invoke, sentences: Mapping[str, str]) -> str:
    """Return what a state has done while a run stands in it; actions as the catalogue says them."""
    if invoke.kind == "step":
        return sentences.get(invoke.action) or spoken(invoke.action)
    if invoke.kind == "flow":
        return f"Runs {spoken(invoke.flow)}" if invoke.flow else "Runs another workflow"
    title = str(invoke.spec.get("title") or "")
    return title or ("People decide" if invoke.kind == "approval" else "People answer")


def _event(event: str, kinds: Mapping[str, str]) -> str:
    word, _, rest = event.partition(".")
    area = rest.partition(".")[0]
    if word in ("done", "error") and area in ("invoke", "state"):
        return _ENDS.get((word, kinds.get(rest, "")), "All done" if word == "done" else "Failed")
    if event in _FAULTS:
        return _FAULTS[event]
    if event == "*":
        return "Anything"
    return spoken(event.removesuffix(".*").removesuffix("."))


def _length(days: int, clock: timedelta, *, working: bool = False) -> str:
    left, parts = int(clock.total_seconds()) + days * 86_400, []
    for name, seconds in _UNITS:
        # On a business calendar a day is not 24 hours, so hours are never folded into days.
        whole = days if working and name == "day" else left // seconds
        left -= whole * seconds
        if whole:
            kind = f"working {name}" if working else name
            parts.append(f"{whole} {kind}{'' if whole == 1 else 's'}")
    if clock.microseconds and not parts:
        return f"{clock.total_seconds():.3g} seconds"
    return " ".join(parts) or "no time"
