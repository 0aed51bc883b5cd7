"""What the simulated lines go through: short, yet with every kind of thing that can be repeated."""

from __future__ import annotations

from typing import Any

from tests.chaos.backorders import asking

CLASS_OF = {"ask": "idempotent", "order": "reconcile", "tell": "at_most_once"}
"""The three ways to call the outside."""
KINDS = tuple(CLASS_OF)


def kind_of(line: int) -> str:
    """Return how a line calls the outside."""
    return KINDS[line % 3]


def is_refused(line: int) -> bool:
    """Tell whether the other side says no, so that what was done is undone."""
    return line % 5 == 0


def backorder() -> dict[str, Any]:
    """Reserve, pause, call the outside in one of three ways, wait for the goods, allocate."""
    return {
        "format": "wareflow.definition/1",
        "key": "backorder",
        "name": "Backorder",
        "semantics": "scxml-1.0",
        "expressions": "cel/1",
        "subject": {"type": "line", "id": "string(input.line)"},
        "start": [
            {
                "id": "on_short", "event": "line.short", "dedupe": "event.id",
                "one_active_per": "subject",
                "input": [{"id": "line", "value": "event.data.line"}],
            }
        ],
        "correlate": [
            {
                "id": "c_goods", "event": "goods.arrived", "key": "string(event.data.line)",
                "run": "string(input.line)", "unmatched": "defer",
            }
        ],
        "input": [{"id": "line", "type": "int"}],
        "initial": "at_reserve",
        "states": _states(),
    }  # fmt: skip


def _states() -> list[dict[str, Any]]:
    release = {"action": "line.release", "input": [{"id": "line", "value": "result.line"}]}
    patient = {"max": 40, "backoff": "fixed", "base": "PT1S", "on": ["transient", "timeout"]}
    return [
        asking("reserve", "pausing", compensate=release),
        {"id": "pausing", "after": [{"id": "a", "delay": "PT1S", "target": "choosing"}]},
        {
            "id": "choosing",
            "transitions": [
                {"id": f"to_{kind}", "guard": f"input.line % 3 == {number}", "target": f"at_{kind}"}
                for number, kind in enumerate(KINDS)
            ],
        },
        asking("ask", "waiting", otherwise="undoing", retry=patient),
        asking("order", "waiting", otherwise="undoing", retry=patient),
        asking("tell", "waiting", otherwise="undoing"),
        {
            "id": "waiting",
            "transitions": [
                {"id": "t_goods", "event": "goods.arrived", "target": "at_allocate"}
            ],
            "after": [{"id": "late", "delay": "P9D", "target": "undoing"}],
        },
        asking("allocate", "delivered"),
        {
            "id": "undoing", "type": "compensate", "scope": "run",
            "transitions": [
                {"id": "t_undone", "event": "done.state.undoing", "target": "given_up"},
                {"id": "t_not", "event": "error.state.undoing", "target": "given_up"},
            ],
        },
        {"id": "delivered", "type": "final", "outcome": "delivered"},
        {"id": "given_up", "type": "final", "outcome": "given_up"},
    ]  # fmt: skip
