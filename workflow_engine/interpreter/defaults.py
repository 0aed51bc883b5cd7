"""The context a run begins with, and the input it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from workflow_engine.definition.fields import Field
from workflow_engine.definition.model import Definition
from workflow_engine.expressions import ValueFault, from_json
from workflow_engine.interpreter.evaluating import Expressions
from workflow_engine.interpreter.schemas import Schemas


class InputRefused(ValueError):
    """A run cannot start with this input; `path` names the field."""

    code = "input.refused"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


def context_defaults(
    definition: Definition, schemas: Schemas, expressions: Expressions
) -> dict[str, Any]:
    """Every context field's first value; a field without one is reported."""
    found: dict[str, Any] = {}
    for field in definition.context:
        wanted = schemas.context.fields[field.id]
        if not field.has_default:
            if not (field.nullable or field.init or field.kind == "any" or definition.dynamic):
                message = f"The field '{field.id}' has no first value."
                mend = "Add 'default', 'init' or \"nullable\": true."
                expressions.fault(field.at, "context.default", message, mend)
            found[field.id] = None
            continue
        try:
            found[field.id] = from_json(field.default, wanted)
        except ValueFault as fault:
            message = f"The default does not fit its type: {fault}."
            expressions.fault(f"{field.at}/default", "field.default", message)
    return found


def read_input(definition: Definition, wanted: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The run's input as values; InputRefused names what does not fit."""
    if definition.dynamic:
        declared = {field.id: field.default for field in definition.input}
        return {**declared, **given}
    complete = {
        field.id: given.get(field.id, field.default)
        for field in definition.input
        if field.id in given or field.has_default
    }
    unknown = [name for name in given if name not in wanted.fields]
    if unknown:
        raise InputRefused(unknown[0], "the definition declares no such input")
    try:
        values: dict[str, Any] = from_json(complete, wanted)
    except ValueFault as fault:
        raise InputRefused(".".join(fault.path), fault.message) from fault
    check_bounds(definition.input, values)
    return values


def check_bounds(fields: Sequence[Field], values: Mapping[str, Any]) -> None:
    """Refuse numbers outside their field's bounds and texts that are too long."""
    for field in fields:
        value = values.get(field.id)
        if value is None:
            continue
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            if field.min is not None and value < Decimal(field.min):
                raise InputRefused(field.id, f"must be at least {field.min}")
            if field.max is not None and value > Decimal(field.max):
                raise InputRefused(field.id, f"must be at most {field.max}")
        if (
            field.max_length is not None
            and isinstance(value, str | list)
            and len(value) > field.max_length
        ):
            raise InputRefused(field.id, f"is longer than {field.max_length}")
