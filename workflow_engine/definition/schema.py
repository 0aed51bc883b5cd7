"""The JSON Schema (draft 2020-12) of the format, for editors and for other programs.

It says what shape a document has. What only the whole can show (references, expressions, types)
is said by `wareflow workflow check`.
"""

from __future__ import annotations

from typing import Any

from workflow_engine.decisions.model import AGGREGATIONS, HIT_POLICIES
from workflow_engine.definition.fields import KINDS
from workflow_engine.definition.parse import FORMAT, PHASES
from workflow_engine.definition.parse_actions import LEVELS
from workflow_engine.definition.parse_invokes import ON_EXPIRE, RETRY_KINDS, SEPARATIONS

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def listed(inner: Schema) -> Schema:
    return {"type": "array", "items": inner}


def words(*values: str) -> Schema:
    return {"enum": list(values)}


def closed(required: str, properties: Schema, **more: Any) -> Schema:
    """An object with these fields and `notes`, and no others."""
    found: Schema = {
        "type": "object",
        "properties": {**properties, "notes": ANY},
        "additionalProperties": False,
        **more,
    }
    return {**found, "required": required.split()} if required else found


ID, EXPR, DURATION = ref("id"), ref("expression"), ref("duration")
ACTIONS, NAMED = listed(ref("action")), listed(ref("named"))
PAYLOAD: Schema = {"anyOf": [NAMED, EXPR]}
TARGETS: Schema = {"anyOf": [TEXT, listed(TEXT)]}


def definition_schema() -> Schema:
    """The schema of a whole definition."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://wareflow.example/schemas/definition-1.json",
        "title": "Wareflow workflow definition",
        **_document(),
        "$defs": {**_basics(), **_actions(), **_states(), **_invokes(), **_tables(), **_tests()},
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
    unmatched = words("ignore", "defer", "reject")
    status = {"state": TEXT, "status": TEXT, "phase": words(*PHASES)}
    return {
        "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$", "maxLength": 120},
        "expression": {"type": "string", "minLength": 1, "maxLength": 4096},
        "duration": {"type": "string", "pattern": "^P(?=.)", "maxLength": 64},
        "named": closed("id value", {"id": TEXT, "value": EXPR}),
        "field": closed("id type", {"id": name, **field}),
        "element": closed("type", field),
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
    # Fields that only one type of state has.
    only = {"history": "history", "scope": "compensate", "order": "compensate"}
    typed = {
        field: {"properties": {"type": {"const": kind}}, "required": ["type"]}
        for field, kind in {**only, "steps": "sequence"}.items()
    }
    started = closed("target", {"target": TARGETS, "actions": ACTIONS})
    return {
        "initial": {"anyOf": [TARGETS, started]},
        "transition": closed("id", {**transition, "event": TEXT}),
        "timer": closed("id", timer, oneOf=_either("delay", "delay_expr", "at")),
        "state": closed("id", state, dependentSchemas=typed),
    }


def _invokes() -> Schema:
    who = dict.fromkeys(("role", "person", "manager_of", "field"), TEXT)
    rung = closed("id", {"id": ID, "after": DURATION, "to": ref("who")})
    waiting: Schema = {
        "due": closed("", {"delay": DURATION, "calendar": TEXT}),
        "remind_every": DURATION,
        "on_expire": words(*ON_EXPIRE),
        "escalate": listed(rung),
    }
    approvals: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, TEXT]}
    quorum = {"approve": approvals, "reject": {"type": "integer", "minimum": 1}}
    candidates: Schema = {**listed(ref("who")), "minItems": 1}
    stage = {"id": ID, "label": TEXT, "candidates": candidates, **waiting}
    retry = {
        "max": {"type": "integer", "minimum": 0},
        "backoff": words("fixed", "exponential"),
        "base": DURATION,
        "cap": DURATION,
        "factor": ANY,
        "jitter": ANY,
        "on": listed(words(*RETRY_KINDS)),
    }
    undone = {"action": TEXT, "input": NAMED, "retry": ref("retry"), "timeout": DURATION}
    subject = dict.fromkeys(("id", "version", "digest", "requester"), EXPR)
    delegation = {
        "allowed": FLAG,
        "max_depth": {"type": "integer", "minimum": 0},
        "out_of_office": words("auto", "none"),
    }
    return {
        "who": closed("", who, minProperties=1),
        "retry": closed("max", retry),
        "stage": closed("id candidates quorum", {**stage, "quorum": closed("approve", quorum)}),
        "invoke": closed(
            "id kind",
            {
                "id": ID,
                "label": TEXT,
                "kind": words("step", "approval", "human", "flow"),
                "input": NAMED,
                "finalize": ACTIONS,
                "id_into": TEXT,
                "on_reentry": words("restart", "reattach"),
                "action": TEXT,
                "timeout": DURATION,
                "retry": ref("retry"),
                "compensate": closed("action", {**undone, "replaces": TEXT}),
                "subject": closed("type id", {"type": TEXT, **subject}),
                "covers": TARGETS,
                "stages_from": TEXT,
                "stages": listed(ref("stage")),
                "separation": listed(words(*SEPARATIONS)),
                "delegation": closed("", delegation),
                "title": TEXT,
                "candidates": candidates,
                "form": listed(ref("field")),
                **waiting,
                "flow": TEXT,
                "flow_expr": EXPR,
                "version": TEXT,
                "autoforward": FLAG,
            },
            allOf=[
                {"if": {"properties": {"kind": {"const": kind}}}, "then": wanted}
                for kind, wanted in _BY_KIND.items()
            ],
        ),
    }


_BY_KIND: dict[str, Schema] = {
    "step": {"required": ["action"]},
    "approval": {"required": ["subject", "stages"]},
    "human": {"required": ["candidates"]},
    "flow": {"anyOf": [{"required": ["flow"]}, {"required": ["flow_expr"]}]},
}


def _tables() -> Schema:
    return {
        "table": closed(
            "id hit_policy inputs outputs rules",
            {
                "id": ID,
                "name": TEXT,
                "hit_policy": words(*HIT_POLICIES),
                "aggregation": words(*AGGREGATIONS),
                "inputs": listed({"type": "object"}),
                "outputs": {**listed({"type": "object"}), "minItems": 1},
                "rules": listed({"type": "object", "required": ["id", "when", "then"]}),
            },
        )
    }


def _tests() -> Schema:
    answer = {"result": ANY, "error": ANY, "after": DURATION, "repeat": FLAG}
    mock = {"action": TEXT, "flow": TEXT, "answers": listed(closed("", answer))}
    done = ("event", "vote", "task", "fault", "expect")
    step: Schema = {key: {"type": "object"} for key in done}
    return {
        "test": closed(
            "id name now",
            {
                "id": ID,
                "name": TEXT,
                "now": TEXT,
                "calendars": listed({"type": "object"}),
                "people": listed({"type": "object"}),
                "start": {"type": "object"},
                "input": {"type": "object"},
                "flows": ANY,
                "mocks": listed(closed("", mock)),
                "steps": listed(
                    closed("id", {"id": ID, **step, "advance": DURATION, "refused": TEXT})
                ),
            },
        )
    }
