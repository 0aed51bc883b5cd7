"""The documented list of event types, each with the schema of its data, read from the events."""

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from commerce.catalog import events as catalog
from commerce.catalog.imports import events as imports
from commerce.inventory import events as inventory
from commerce.orders import events as orders
from commerce.procurement import events as procurement
from commerce.warehouse import events as warehouse
from kernel import exceptions
from kernel.events import Event
from kernel.money import Money
from tenants import events as members
from tenants.webhooks import events as webhooks
from tenants.webhooks.events import WebhookTested
from workflow_engine.runtime import events as workflow

_MODULES = (
    catalog, imports, inventory, orders, procurement, warehouse, exceptions, members, webhooks,
    workflow,
)  # fmt: skip

TEST = WebhookTested.name
"""Not to be chosen: it is sent to the one endpoint that somebody tries out."""


@dataclass(frozen=True)
class EventType:
    """A kind of event that a receiver may choose."""

    name: str
    sentence: str
    data: Mapping[str, Any]
    """JSON Schema of the event's data."""


def _documented() -> dict[str, EventType]:
    found = {
        kind.name: _described(kind)
        for module in _MODULES
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Event) and "name" in vars(kind)
    }
    return {name: found[name] for name in sorted(found)}


def _described(kind: type[Event]) -> EventType:
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind)]
    schema = {
        "type": "object",
        "required": names,
        "properties": {name: schema_of(hints[name]) for name in names},
    }
    told = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
    return EventType(kind.name, " ".join(told.split()), schema)


def schema_of(hint: Any) -> dict[str, Any]:
    """Return the JSON Schema of a value as an event carries it."""
    hint = getattr(hint, "__supertype__", hint)
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        kinds = [schema_of(each) for each in inside if each is not type(None)]
        return {"anyOf": [*kinds, {"type": "null"}]} if type(None) in inside else {"anyOf": kinds}
    if origin is Literal:
        return {"type": "string", "enum": list(inside)}
    kind = origin or hint
    if kind in (list, tuple) or (
        inspect.isclass(kind) and issubclass(kind, Sequence) and kind is not str
    ):
        return {"type": "array", "items": schema_of(inside[0]) if inside else {}}
    return dict(_PLAIN.get(kind, {"type": "object"}))


_TEXT: Mapping[str, Any] = {"type": "string"}
_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: _TEXT,
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
    Money: {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": _TEXT, "currency": _TEXT},
    },
}

DOCUMENTED: Mapping[str, EventType] = _documented()
CHOSEN_FROM: Mapping[str, EventType] = {
    name: kind for name, kind in DOCUMENTED.items() if name != TEST
}
