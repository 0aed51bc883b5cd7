"""Typed fields of input, context, events, forms and table columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = frozenset(
    [
        "bool",
        "int",
        "uint",
        "decimal",
        "money",
        "string",
        "bytes",
        "enum",
        "timestamp",
        "duration",
        "list",
        "map",
        "record",
        "any",
    ]
)


@dataclass(frozen=True, slots=True)
class Field:
    """A named, typed place.

    `fields` are a record's parts, `of` the element type of a list or the value type of a map,
    `values` an enum's members. `default` is JSON. `init` (context only) is an expression
    evaluated once, when the run starts or, with `bound_to`, when that state is first entered.
    """

    id: str
    kind: str
    at: str = ""
    nullable: bool = False
    default: Any = None
    has_default: bool = False
    values: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    of: Field | None = None
    min: str | None = None
    max: str | None = None
    max_length: int | None = None
    currency: str | None = None
    init: str | None = None
    bound_to: str | None = None
    output_of: str | None = None
    table: str | None = None
