"""Reading typed fields: input, context, events, forms, table columns."""

from __future__ import annotations

import re
from typing import Any

from workflow_engine.definition.fields import KINDS, Field
from workflow_engine.definition.reading import Reader

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
_EXTRA = ("label", "required", "required_when", "description", "placeholder", "help")


def read_fields(reader: Reader, name: str, *, context: bool = False) -> tuple[Field, ...]:
    """Read a list of fields; ids are unique in their list."""
    found: list[Field] = []
    seen: set[str] = set()
    for child in reader.children(name):
        one = read_field(child, context=context)
        if one.id in seen:
            message = f"The field '{one.id}' is declared twice."
            child.fault("id", "id.duplicate", message, "Give one of them another id.")
        seen.add(one.id)
        found.append(one)
    return tuple(found)


def read_field(reader: Reader, *, context: bool = False, named: bool = True) -> Field:
    """Read one field; the element of a list has no id."""
    field_id = _field_id(reader) if named else ""
    kind = reader.choice("type", sorted(KINDS))
    for extra in _EXTRA:
        reader.raw(extra)
    values = _enum_values(reader, kind)
    fields = read_fields(reader, "fields")
    element = reader.child("of")
    of = read_field(element, named=False) if element else None
    _require_parts(reader, kind, values, of)
    default, has_default = reader.raw("default"), reader.has("default")
    nullable = reader.boolean("nullable")
    _check_default(reader, kind, nullable, default, has_default, values)
    field = Field(
        id=field_id,
        kind=kind,
        at=reader.at,
        nullable=nullable,
        default=default,
        has_default=has_default,
        values=values,
        fields=fields,
        of=of,
        min=_bound(reader, "min"),
        max=_bound(reader, "max"),
        max_length=reader.integer("max_length", least=0),
        currency=reader.optional_text("currency"),
        init=_init(reader) if context else None,
        bound_to=reader.optional_text("bound_to") if context else None,
        output_of=reader.optional_text("output_of"),
        table=reader.optional_text("table"),
    )
    reader.close()
    return field


def _init(reader: Reader) -> str | None:
    source = reader.expression("init")
    return source.source if source else None


def _field_id(reader: Reader) -> str:
    # Field ids follow the payloads they describe, so capitals are let through.
    value = reader.text("id", required=True)
    if value and not (value.isidentifier() and value.isascii() and len(value) <= 120):
        mend = "Use letters, digits and underscores, beginning with a letter."
        reader.fault("id", "id.pattern", f"'{value[:120]}' is not an id.", mend)
    return value


def _enum_values(reader: Reader, kind: str) -> tuple[str, ...]:
    values = reader.texts("values") if reader.has("values") else ()
    if kind == "enum" and not values:
        mend = "Add 'values' with the words that may stand here."
        reader.fault(None, "field.enum_values", "An enum needs its values.", mend)
    if len(set(values)) != len(values):
        reader.fault("values", "field.enum_values", "A value of the enum is listed twice.")
    return values


def _require_parts(reader: Reader, kind: str, values: Any, of: Field | None) -> None:
    if values and kind != "enum":
        reader.fault("values", "field.enum_values", "Only an enum has 'values'.")
    if of is not None and kind not in ("list", "map"):
        reader.fault("of", "field.element", "Only a list or a map has 'of'.")


def _bound(reader: Reader, name: str) -> str | None:
    value = reader.raw(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        reader.fault(name, "shape.type", f"'{name}' must be a whole number or a number as text.")
        return None
    if not _NUMBER.fullmatch(str(value)):
        reader.fault(
            name, "field.bound", f"'{str(value)[:40]}' is no number.", "Write for example 0.5."
        )
        return None
    return str(value)


_DEFAULT_TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "int": int,
    "uint": int,
    "decimal": (str, int),
    "money": dict,
    "string": str,
    "bytes": str,
    "enum": str,
    "timestamp": str,
    "duration": str,
    "list": list,
    "map": dict,
    "record": dict,
}


def _check_default(
    reader: Reader, kind: str, nullable: bool, default: Any, has_default: bool, values: Any
) -> None:
    if not has_default or kind == "any":
        return
    if default is None:
        if not nullable:
            mend = 'Add "nullable": true, or give another default.'
            reader.fault("default", "field.default", "The default is null.", mend)
        return
    wrong_bool = isinstance(default, bool) != (kind == "bool")
    if wrong_bool or not isinstance(default, _DEFAULT_TYPES[kind]):
        reader.fault("default", "field.default", f"The default is not a value of type {kind}.")
    elif kind == "enum" and values and default not in values:
        reader.fault("default", "field.default", f"'{default}' is not among the enum's values.")
