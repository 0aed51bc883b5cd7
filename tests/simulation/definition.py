"""What the simulated lines go through: short, yet with every kind of thing that can be repeated."""

from __future__ import annotations

from typing import Any

from tests.chaos.backorders import PATIENT, asking, backorder_through

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
    ways = [
        {"id": f"to_{kind}", "guard": f"input.line % 3 == {number}", "target": f"at_{kind}"}
        for number, kind in enumerate(KINDS)
    ]
    return backorder_through(
        {"id": "pausing", "after": [{"id": "a", "delay": "PT1S", "target": "choosing"}]},
        {"id": "choosing", "transitions": ways},
        asking("ask", "waiting", otherwise="undoing", retry=PATIENT),
        asking("order", "waiting", otherwise="undoing", retry=PATIENT),
        asking("tell", "waiting", otherwise="undoing"),
        first="pausing",
    )
