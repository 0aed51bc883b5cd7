"""The JSON Schema (draft 2020-12) of the format, for editors and for other programs.

It says what shape a document has. What only the whole can show (references, expressions, types)
is said by `wareflow workflow check`.
"""

from __future__ import annotations

from typing import Any

from workflow_engine.definition.fields import KINDS
from workflow_engine.definition.parse import FORMAT, PHASES
from workflow_engine.definition.parse_actions import LEVELS
from workflow_engine.definition.schema_terms import (
    ACTIONS,
    ANY,
    DURATION,
    EXPR,
    FLAG,
    ID,
    NAMED,
    PAYLOAD,
    TARGETS,
    TEXT,
    Schema,
    closed,
    listed,
    ref,
    words,
)
from workflow_engine.definition.schema_work import work_schema


def definition_schema() -> Schema:
    """The schema of a whole definition."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://wareflow.example/schemas/definition-1.json",
        "title": "Wareflow workflow definition",
        **_document(),
        "$defs": {
            **_basics(),
            **_parts(),
            **_actions(),
            **_states(),
            **work_schema(),
        },
    }


def _document() -> Schema:
    published = dict.fromkeys(("version", "hash", "proposer", "approvers", "migration"), ANY)
    return closed(
        "format key name states",
        {
            "$schema": TEXT,
            "format": {"const": FORMAT},
            "key": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$",
                "maxLength": 120,
            },
            "name": {"type": "string", "minLength": 1},
            "description": TEXT,
            "semantics": {"const": "scxml-1.0"},
            "expressions": {"const": "cel/1"},
            "checking": words("typed", "dynamic"),
            "subject": ref("subject"),
            "start": listed(ref("trigger")),
            "correlate": listed(ref("correlation")),
            "input": listed(ref("field")),
            "context": listed(ref("field")),
            "events": listed(ref("event")),
            "search": listed(ref("search")),
            "tables": listed(ref("table")),
            "initial": ref("initial"),
            "entry": ACTIONS,
            "transitions": listed(ref("transition")),
            "after": listed(ref("timer")),
            "states": {**listed(ref("state")), "minItems": 1},
            "tests": listed(ref("test")),
            "layout": ANY,
            "translations": ANY,
            **published,
        },
    )


def _basics() -> Schema:
    bound: Schema = {"type": ["integer", "string"]}
    field: Schema = {
        "type": words(*sorted(KINDS)),
        "nullable": FLAG,
        "default": ANY,
        "values": listed(TEXT),
        "fields": listed(ref("field")),
        "of": ref("element"),
        "min": bound,
        "max": bound,
        "max_length": {"type": "integer", "minimum": 0},
        "currency": TEXT,
        "output_of": TEXT,
        "table": TEXT,
        "init": EXPR,
        "bound_to": TEXT,
        "label": TEXT,
        "description": TEXT,
        "placeholder": TEXT,
        "help": TEXT,
        "required": FLAG,
        "required_when": EXPR,
    }
    name: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": 120}
    return {
        "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$", "maxLength": 120},
        "expression": {"type": "string", "minLength": 1, "maxLength": 4096},
        "duration": {"type": "string", "pattern": "^P(?=.)", "maxLength": 64},
        "named": closed("id value", {"id": TEXT, "value": EXPR}),
        "field": closed("id type", {"id": name, **field}),
        "element": closed("type", field),
    }


def _parts() -> Schema:
    unmatched = words("ignore", "defer", "reject")
    status = {"state": TEXT, "status": TEXT, "phase": words(*PHASES)}
    return {
        "event": closed(
            "event", {"event": TEXT, "fields": listed(ref("field")), "description": TEXT}
        ),
        "search": closed("id type value", {"id": ID, "type": TEXT, "value": EXPR, "label": TEXT}),
        "subject": closed(
            "type id",
            {
                "type": TEXT,
                "id": EXPR,
                "status_field": TEXT,
                "statuses": listed(closed("state status phase", status)),
            },
        ),
        "trigger": closed(
            "id event",
            {
                "id": ID,
                "event": TEXT,
                "when": EXPR,
                "dedupe": EXPR,
                "one_active_per": TEXT,
                "input": NAMED,
            },
        ),
        "correlation": closed(
            "id event key run",
            {"id": ID, "event": TEXT, "key": EXPR, "run": EXPR, "unmatched": unmatched},
        ),
    }


def _verb(name: str, required: str, properties: Schema, **more: Any) -> Schema:
    return closed(f"do {required}".strip(), {"do": {"const": name}, **properties}, **more)


def _either(*names: str) -> list[Schema]:
    return [{"required": [name]} for name in names]


def _actions() -> Schema:
    setting = closed("to value", {"to": TEXT, "value": EXPR})
    branch = closed("guard", {"guard": EXPR, "then": ACTIONS})
    sent = {
        "event": TEXT,
        "event_expr": EXPR,
        "to": TEXT,
        "to_expr": EXPR,
        "transport": TEXT,
        "transport_expr": EXPR,
        "delay": DURATION,
        "delay_expr": EXPR,
        "id": TEXT,
        "id_into": TEXT,
        "data": PAYLOAD,
    }
    repeated = {"in": EXPR, "as": TEXT, "index": TEXT, "actions": ACTIONS}
    chosen = {"guard": EXPR, "then": ACTIONS, "elseif": listed(branch), "else": ACTIONS}
    verbs = [
        _verb("assign", "set", {"set": listed(setting)}),
        _verb("decide", "table into", {"table": TEXT, "into": TEXT}),
        _verb("emit", "event", {"event": TEXT, "data": NAMED}),
        _verb("raise", "event", {"event": TEXT, "data": PAYLOAD}),
        _verb("send", "", sent, anyOf=_either("event", "event_expr")),
        _verb("cancel", "", {"id": TEXT, "id_expr": EXPR}, anyOf=_either("id", "id_expr")),
        _verb("log", "message", {"level": words(*LEVELS), "message": EXPR}),
        _verb("if", "guard", chosen),
        _verb("foreach", "in as", repeated),
        _verb("block", "", {"actions": ACTIONS}),
    ]
    return {"action": {"oneOf": verbs}}


def _states() -> Schema:
    transition = {
        "id": ID,
        "guard": EXPR,
        "target": TARGETS,
        "kind": words("external", "internal"),
        "actions": ACTIONS,
        "label": TEXT,
    }
    timer = {
        **transition,
        "delay": DURATION,
        "delay_expr": EXPR,
        "at": EXPR,
        "plus": DURATION,
        "calendar": TEXT,
        "anchor": words("entry", "first_entry", "run"),
        "sla": TEXT,
        "pausable": FLAG,
    }
    invoke: Schema = {"anyOf": [ref("invoke"), listed(ref("invoke"))]}
    kinds = ("atomic", "compound", "parallel", "final", "history", "compensate", "sequence")
    state = {
        "id": ID,
        "label": TEXT,
        "type": words(*kinds),
        "initial": ref("initial"),
        "entry": ACTIONS,
        "exit": ACTIONS,
        "transitions": listed(ref("transition")),
        "after": listed(ref("timer")),
        "invoke": invoke,
        "states": listed(ref("state")),
        "history": words("shallow", "deep"),
        "outcome": TEXT,
        "donedata": PAYLOAD,
        "scope": TEXT,
        "order": words("reverse"),
        "steps": listed(ref("state")),
        "then": ACTIONS,
    }
    started = closed("target", {"target": TARGETS, "actions": ACTIONS})
    return {
        "initial": {"anyOf": [TARGETS, started]},
        "transition": closed("id", {**transition, "event": TEXT}),
        "timer": closed("id", timer, oneOf=_either("delay", "delay_expr", "at")),
        "state": closed("id", state, dependentSchemas=_only_of_type()),
    }


def _only_of_type() -> Schema:
    """Fields that only one type of state has."""
    only = {"history": "history", "scope": "compensate", "order": "compensate"}
    return {
        field: {"properties": {"type": {"const": kind}}, "required": ["type"]}
        for field, kind in {**only, "steps": "sequence"}.items()
    }
