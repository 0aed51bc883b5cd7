"""Small definitions that say only what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import (
    Compiled,
    Event,
    Outcome,
    compile_definition,
    read_snapshot,
    start,
    step,
    write_snapshot,
)

NOON = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


def a_definition(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A document with these outermost states."""
    head = {"format": "wareflow.definition/1", "key": "mug-order", "name": "Mug order"}
    return {**head, **fields, "states": list(states)}


def compiled(*states: dict[str, Any], **fields: Any) -> Compiled:
    return compile_definition(parse_definition(a_definition(*states, **fields)))


def begun(chart: Compiled, **given: Any) -> Outcome:
    return start(chart, given, NOON, run_id="run_1")


def after(chart: Compiled, outcome: Outcome, *events: str | Event) -> Outcome:
    """The outcome of the last event; between events the snapshot travels through JSON."""
    for event in events:
        snapshot = read_snapshot(chart, write_snapshot(chart, outcome.snapshot))
        named = Event(event) if isinstance(event, str) else event
        outcome = step(chart, snapshot, named, NOON)
    return outcome


def leaves(chart: Compiled, outcome: Outcome) -> tuple[str, ...]:
    return chart.leaves(outcome.snapshot.configuration)


def on(event: str, target: str | list[str] | None = None, **fields: Any) -> dict[str, Any]:
    """A transition whose id says what it does."""
    name = f"t_{event}_{target}_{len(fields)}".lower().replace(".", "_").replace(" ", "_")
    clean = "".join(letter for letter in name if letter.isalnum() or letter == "_")
    found: dict[str, Any] = {"id": clean, "event": event, **fields}
    return found if target is None else {**found, "target": target}


def setting(to: str, value: str) -> dict[str, Any]:
    return {"do": "assign", "set": [{"to": to, "value": value}]}


END = {"id": "end", "type": "final", "outcome": "success"}
