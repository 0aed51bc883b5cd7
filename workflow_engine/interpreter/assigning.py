"""Putting values into the context: converted to the declared type, the old context untouched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflow_engine.expressions import DYN, RecordType, Type, ValueFault, from_json
from workflow_engine.expressions.types import without_null
from workflow_engine.interpreter.compiled import ContentFault

if TYPE_CHECKING:
    from workflow_engine.interpreter.machine import Machine


def coerce(value: Any, wanted: Type, where: str) -> Any:
    """The value as its place wants it; JSON forms (money, times) are read, others are refused."""
    try:
        return from_json(value, wanted)
    except ValueFault as fault:
        raise ContentFault("assign.type", f"The value does not fit: {fault}", where) from fault


def place_type(context: Type, path: tuple[str, ...]) -> Type | None:
    """The declared type of a place below the context, None where there is no such place."""
    found: Type = context
    for name in path:
        inner = without_null(found)
        if inner == DYN:
            return DYN
        if not isinstance(inner, RecordType) or name not in inner.fields:
            return None
        found = inner.fields[name]
    return found


def put(context: Mapping[str, Any], path: tuple[str, ...], value: Any, where: str) -> Any:
    """A copy of the context with one place changed."""
    name, *rest = path
    if not rest:
        return {**context, name: value}
    inner = context.get(name)
    if not isinstance(inner, dict):
        message = f"'{name}' holds no record, so nothing inside it can be set."
        raise ContentFault("assign.place", message, where)
    return {**context, name: put(inner, tuple(rest), value, where)}


def assign(machine: Machine, path: tuple[str, ...], value: Any, wanted: Type, where: str) -> None:
    """Set one place of the machine's context."""
    fitting = coerce(value, wanted, where)
    machine.set_context(put(machine.context, path, fitting, where))
