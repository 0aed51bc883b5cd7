"""Workflows that do nothing but count: for measuring what durability itself costs."""

from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema, fields

from kernel.access import Permission
from kernel.actions import Action, Catalogue, Effect, Facts
from kernel.events import Event
from kernel.uow import UnitOfWork

STEPS = ("one", "two", "three")


@dataclass(frozen=True)
class Begun(Event):
    """A case to count in."""

    name: ClassVar[str] = "bench.begun"

    case: str


@dataclass(frozen=True)
class Counted(Event):
    """One more in a case."""

    name: ClassVar[str] = "bench.counted"

    case: str


class Number(Schema):
    """A number."""

    number = fields.Integer(required=True)


def catalogue(effect: Effect) -> Catalogue:
    """Return the one action: to add one, of this class of effect."""
    write = Permission("workflows:write")
    return Catalogue([Action("bench.add", "Add one", write, effect, Number, Number, _add)])


def _add(_uow: UnitOfWork, given: Any, _step_id: str) -> Facts:
    return {"number": given["number"] + 1}


def three_steps() -> dict[str, Any]:
    """Return a workflow of three steps, each adding one to what the one before it said."""
    states: list[dict[str, Any]] = [
        {
            "id": name,
            "label": name,
            "invoke": {
                "id": f"add_{name}",
                "kind": "step",
                "action": "bench.add",
                "input": [{"id": "number", "value": "context.number"}],
            },
            "transitions": [
                {
                    "id": f"t_{name}",
                    "event": f"done.invoke.add_{name}",
                    "target": after,
                    "actions": [_assign("event.data.number")],
                }
            ],
        }
        for name, after in zip(STEPS, (*STEPS[1:], "done"), strict=True)
    ]
    done = {"id": "done", "type": "final", "outcome": "done"}
    return _definition("three-steps", [*states, done], STEPS[0])


def counting() -> dict[str, Any]:
    """Return a workflow that adds one with every event of its case, and never ends."""
    on_count = {
        "id": "t_counted",
        "event": "bench.counted",
        "actions": [_assign("context.number + 1")],
    }
    state = {"id": "counting", "label": "Counting", "transitions": [on_count]}
    document = _definition("counting", [state], "counting")
    document["correlate"] = [
        {
            "id": "c_counted",
            "event": "bench.counted",
            "key": "event.data.case",
            "run": "input.case",
            "unmatched": "ignore",
        }
    ]
    return document


def _assign(value: str) -> dict[str, Any]:
    return {"do": "assign", "set": [{"to": "context.number", "value": value}]}


def _definition(key: str, states: list[dict[str, Any]], initial: str) -> dict[str, Any]:
    return {
        "format": "wareflow.definition/1",
        "key": key,
        "name": key,
        "description": "For benchmarks.",
        "semantics": "scxml-1.0",
        "expressions": "cel/1",
        "start": [
            {
                "id": "on_begun",
                "event": "bench.begun",
                "dedupe": "event.id",
                "input": [{"id": "case", "value": "event.data.case"}],
            }
        ],
        "input": [{"id": "case", "type": "string"}],
        "context": [{"id": "number", "type": "int", "default": 0}],
        "initial": initial,
        "states": states,
    }
