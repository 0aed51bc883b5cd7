"""From declared fields to the types that expressions are checked against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workflow_engine.definition.fields import Field
from workflow_engine.definition.model import Definition, Invoke, Table
from workflow_engine.expressions import (
    BOOL,
    BYTES,
    DECIMAL,
    DURATION,
    DYN,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    Function,
    ListType,
    MapType,
    RecordType,
    Scope,
    Type,
    nullable,
)

_SCALARS: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "uint": UINT,
    "decimal": DECIMAL,
    "money": MONEY,
    "string": STRING,
    "bytes": BYTES,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
    "any": DYN,
}

ERROR = RecordType(
    {
        "code": STRING,
        "message": nullable(STRING),
        "kind": nullable(STRING),
        "where": nullable(STRING),
    },
    "error",
    open=True,
)
"""What `event.data` holds for `error.*` events."""

APPROVAL_RESULT = RecordType(
    {
        "outcome": EnumType(("approved", "rejected", "expired", "withdrawn")),
        "digest": nullable(STRING),
        "stage": nullable(STRING),
        "comment": nullable(STRING),
        "approvers": nullable(ListType(STRING)),
    },
    "approval result",
    open=True,
)
"""What `event.data` holds when an approval is decided."""


@dataclass(frozen=True, slots=True)
class ActionShape:
    """What the catalogue says of an action; None where it does not say."""

    input: Sequence[Field] | None = None
    output: Sequence[Field] | None = None


class Actions(Protocol):
    """The catalogue of step actions, as far as definitions need it."""

    def names(self) -> Sequence[str]:
        """All actions."""

    def shape(self, action: str) -> ActionShape | None:
        """One action's input and output; None for an action that does not exist."""


def field_type(field: Field, known: Mapping[str, Type] | None = None) -> Type:
    """The type of a field; a record without fields takes them from its table or action."""
    found = _plain_type(field, known or {})
    return nullable(found) if field.nullable else found


def _plain_type(field: Field, known: Mapping[str, Type]) -> Type:
    if field.kind in _SCALARS:
        return _SCALARS[field.kind]
    if field.kind == "enum":
        return EnumType(field.values)
    element = field_type(field.of) if field.of else DYN
    if field.kind == "list":
        return ListType(element)
    if field.kind == "map":
        return MapType(STRING, element)
    if field.fields:
        return record_type(field.fields, field.id or "record")
    return known.get(field.output_of or field.table or "", MapType(STRING, DYN))


def record_type(fields: Sequence[Field], name: str) -> RecordType:
    """The type of an object with these fields; undeclared ones are dropped when it is read."""
    return RecordType({field.id: field_type(field) for field in fields}, name, open=True)


def table_output_type(table: Table) -> Type:
    """The record of a table's outputs."""
    from workflow_engine.definition.parse_fields import read_fields
    from workflow_engine.definition.reading import Reader

    reader = Reader(table.document, table.at, [])
    return record_type(read_fields(reader, "outputs"), table.id)


class Schemas:
    """All types of one definition, and the scope of each kind of place."""

    def __init__(self, definition: Definition, actions: Actions | None) -> None:
        self.definition = definition
        self.actions = actions
        self.known: dict[str, Type] = {
            table.id: table_output_type(table) for table in definition.tables
        }
        self._learn_outputs()
        self.context = RecordType(
            {field.id: field_type(field, self.known) for field in definition.context}, "context"
        )
        self.input = record_type(definition.input, "input")
        self.events: dict[str, Type] = {
            name: record_type(fields, name) for name, fields in definition.events.items() if fields
        }
        self._scopes: dict[tuple[str, Type], Scope] = {}

    def _learn_outputs(self) -> None:
        for field in self.definition.context:
            if field.output_of and field.fields:
                self.known.setdefault(field.output_of, record_type(field.fields, field.id))
        if self.actions is not None:
            for name in self.actions.names():
                shape = self.actions.shape(name)
                if shape is not None and shape.output is not None:
                    self.known[name] = record_type(shape.output, name)

    def result_of(self, invoke: Invoke) -> Type | None:
        """The type of an invoke's result, where it is known."""
        if self.definition.dynamic:
            return None
        if invoke.kind == "step":
            return self.known.get(invoke.action)
        if invoke.kind == "approval":
            return APPROVAL_RESULT
        if invoke.kind == "human" and invoke.spec["fields"]:
            return _form_type(invoke.spec["fields"], invoke.id)
        return None

    def payload_of(self, events: tuple[str, ...]) -> Type:
        """The type of `event.data` where one of these descriptors has matched."""
        if self.definition.dynamic:
            return DYN
        found = {self._payload(event) for event in events}
        return found.pop() if len(found) == 1 else DYN

    def _payload(self, event: str) -> Type:
        if event.startswith("error."):
            return ERROR
        return self.events.get(event, DYN)

    def scope(self, payload: Type = DYN, *, extra: str = "", extra_type: Type = DYN) -> Scope:
        """The names an expression may use; `extra` is one more (result, form, a loop's item)."""
        key = (extra, payload)
        cached = self._scopes.get(key) if extra_type == DYN else None
        if cached is not None:
            return cached
        variables: dict[str, Type] = {
            "context": DYN if self.definition.dynamic else self.context,
            "input": DYN if self.definition.dynamic else self.input,
            "event": DYN if self.definition.dynamic else _event_type(payload),
            "now": TIMESTAMP,
            "run": RUN,
        }
        if extra:
            variables[extra] = extra_type
        scope = Scope(variables, {"In": Function((self._state_ids(),), BOOL)})
        if extra_type == DYN:
            self._scopes[key] = scope
        return scope

    def _state_ids(self) -> Type:
        from workflow_engine.definition.walking import states_of

        if self.definition.dynamic:
            return STRING
        return EnumType(tuple(state.id for state, _ in states_of(self.definition.root) if state.id))


RUN = RecordType({"id": STRING, "key": STRING, "name": STRING, "address": STRING}, "run")


def _event_type(payload: Type) -> Type:
    optional = nullable(STRING)
    names = ("id", "sendid", "origin", "origintype", "invokeid")
    fields: dict[str, Type] = {"name": STRING, "type": STRING, "data": payload}
    return RecordType({**fields, **dict.fromkeys(names, optional)}, "event")


def _form_type(fields: Sequence[Field], name: str) -> Type:
    # Whether a field was required is judged when the form is sent in; here it may be absent.
    return RecordType({field.id: nullable(field_type(field)) for field in fields}, name, open=True)
