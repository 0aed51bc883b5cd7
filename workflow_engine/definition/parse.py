"""Reading a whole definition: the top level, and what only the whole can show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflow_engine.definition.canonical import definition_hash
from workflow_engine.definition.faults import DefinitionFaults, Fault
from workflow_engine.definition.fields import Field
from workflow_engine.definition.model import (
    Correlation,
    Definition,
    Expr,
    SearchAttribute,
    StatusRule,
    Subject,
    Table,
    Trigger,
    Unmatched,
)
from workflow_engine.definition.parse_actions import read_event_name, read_named
from workflow_engine.definition.parse_fields import read_fields
from workflow_engine.definition.parse_states import read_root
from workflow_engine.definition.reading import Reader, check_json
from workflow_engine.definition.references import check_references
from workflow_engine.definition.tests_shape import check_tests

FORMAT = "wareflow.definition/1"
PHASES = ("waiting", "attention", "closing", "done", "cancelled")
_KEY = re.compile(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*")
_NONE = Expr("null", "")
_UNMATCHED: dict[str, Unmatched] = {"ignore": "ignore", "defer": "defer", "reject": "reject"}


def parse_definition(document: Mapping[str, Any]) -> Definition:
    """Read a definition, or raise DefinitionFaults with everything that is wrong with its shape.

    Shape, ids, references and structure are judged here; expressions and their types when it is
    compiled. Nothing in the document is ever executed by this.
    """
    definition, faults = read_definition(document)
    if faults or definition is None:
        raise DefinitionFaults(faults)
    return definition


def read_definition(document: Any) -> tuple[Definition | None, list[Fault]]:
    """Read as far as possible: the definition if its shape allows one, and all faults."""
    faults = check_json(document)
    if faults:
        return None, faults
    dynamic = isinstance(document, Mapping) and document.get("checking") == "dynamic"
    reader = Reader(document, "", faults, loose=dynamic)
    if not reader.sound:
        return None, faults
    definition = _read(reader)
    reader.close()
    if not faults:
        check_references(definition, faults)
        check_tests(definition, faults)
    return definition, faults


def _read(reader: Reader) -> Definition:
    _read_identity(reader)
    key = reader.text("key", required=True)
    if key and (len(key) > 120 or not _KEY.fullmatch(key)):
        mend = "Use small letters, digits and hyphens, for example backorder-recovery."
        reader.fault("key", "id.pattern", f"'{key[:120]}' is not a key.", mend)
    return Definition(
        key=key,
        name=reader.text("name", required=True),
        hash=definition_hash(reader.fields),
        document=reader.fields,
        root=read_root(reader),
        input=read_fields(reader, "input"),
        context=read_fields(reader, "context", context=True),
        events=_read_events(reader),
        search=_read_search(reader),
        tables=_read_tables(reader),
        triggers=_read_triggers(reader),
        correlations=_read_correlations(reader),
        subject=_read_subject(reader),
        dynamic=reader.choice("checking", ("typed", "dynamic"), default="typed") == "dynamic",
        tests=tuple(test for test in reader.elements("tests") if isinstance(test, Mapping)),
    )


def _read_identity(reader: Reader) -> None:
    reader.choice("format", (FORMAT,))
    reader.choice("semantics", ("scxml-1.0",), default="scxml-1.0")
    reader.choice("expressions", ("cel/1",), default="cel/1")
    for name in ("$schema", "description", "layout", "translations", "version", "hash"):
        reader.raw(name)
    for name in ("proposer", "approvers", "migration"):
        reader.raw(name)


def _read_events(reader: Reader) -> dict[str, tuple[Field, ...]]:
    events: dict[str, tuple[Field, ...]] = {}
    for child in reader.children("events"):
        name = read_event_name(child)
        if name in events:
            child.fault("event", "id.duplicate", f"The event '{name}' is declared twice.")
        events[name] = read_fields(child, "fields")
        child.raw("description")
        child.close()
    return events


def _read_search(reader: Reader) -> tuple[SearchAttribute, ...]:
    found = []
    for child in reader.children("search"):
        kind = child.text("type", required=True)
        attribute = SearchAttribute(
            id=child.id(),
            at=child.at,
            type=Field(child.fields.get("id", ""), kind, nullable=True),
            value=child.expression("value", required=True) or _NONE,
        )
        child.raw("label")
        child.close()
        found.append(attribute)
    return tuple(found)


def _read_tables(reader: Reader) -> tuple[Table, ...]:
    found = []
    for child in reader.children("tables"):
        found.append(Table(child.id(), child.at, child.fields))
        for name in ("hit_policy", "inputs", "outputs", "rules"):
            if child.sound and not child.has(name):
                child.fault(None, "shape.missing", f"The field '{name}' is missing.")
    return tuple(found)


def _read_triggers(reader: Reader) -> tuple[Trigger, ...]:
    found = []
    for child in reader.children("start"):
        trigger = Trigger(
            id=child.id(),
            at=child.at,
            event=read_event_name(child),
            when=child.expression("when"),
            dedupe=child.expression("dedupe"),
            one_active_per=child.optional_text("one_active_per"),
            input=read_named(child, "input"),
        )
        child.close()
        found.append(trigger)
    return tuple(found)


def _read_correlations(reader: Reader) -> tuple[Correlation, ...]:
    found = []
    for child in reader.children("correlate"):
        correlation = Correlation(
            id=child.id(),
            at=child.at,
            event=read_event_name(child),
            key=child.expression("key", required=True) or _NONE,
            run=child.expression("run", required=True) or _NONE,
            unmatched=_UNMATCHED[child.choice("unmatched", tuple(_UNMATCHED), default="ignore")],
        )
        child.close()
        found.append(correlation)
    return tuple(found)


def _read_subject(reader: Reader) -> Subject | None:
    child = reader.child("subject")
    if child is None:
        return None
    statuses = []
    for rule in child.children("statuses"):
        statuses.append(
            StatusRule(
                state=rule.text("state", required=True),
                status=rule.text("status", required=True),
                phase=rule.choice("phase", PHASES),
            )
        )
        rule.close()
    subject = Subject(
        type=child.text("type", required=True),
        id=child.expression("id", required=True) or _NONE,
        status_field=child.optional_text("status_field"),
        statuses=tuple(statuses),
    )
    child.close()
    return subject
