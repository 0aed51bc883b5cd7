"""The schema of what states start (steps, approvals, tasks, flows), of tables and of tests."""

from __future__ import annotations

from workflow_engine.decisions.model import AGGREGATIONS, HIT_POLICIES
from workflow_engine.definition.parse_invokes import ON_EXPIRE, RETRY_KINDS, SEPARATIONS
from workflow_engine.definition.schema_terms import (
    ACTIONS,
    ANY,
    DURATION,
    EXPR,
    FLAG,
    ID,
    NAMED,
    TARGETS,
    TEXT,
    Schema,
    closed,
    listed,
    ref,
    words,
)


def work_schema() -> Schema:
    """Their definitions, by name."""
    return {**_invokes(), **_invoke(), **_tables(), **_tests()}


def _waiting() -> Schema:
    rung = closed("id", {"id": ID, "after": DURATION, "to": ref("who")})
    return {
        "due": closed("", {"delay": DURATION, "calendar": TEXT}),
        "remind_every": DURATION,
        "on_expire": words(*ON_EXPIRE),
        "escalate": listed(rung),
    }


def _candidates() -> Schema:
    return {**listed(ref("who")), "minItems": 1}


def _invokes() -> Schema:
    who = dict.fromkeys(("role", "person", "manager_of", "field"), TEXT)
    approvals: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, TEXT]}
    quorum = {"approve": approvals, "reject": {"type": "integer", "minimum": 1}}
    stage = {"id": ID, "label": TEXT, "candidates": _candidates(), **_waiting(), "undo": DURATION}
    retry = {
        "max": {"type": "integer", "minimum": 0},
        "backoff": words("fixed", "exponential"),
        "base": DURATION,
        "cap": DURATION,
        "factor": ANY,
        "jitter": ANY,
        "on": listed(words(*RETRY_KINDS)),
    }
    return {
        "who": closed("", who, minProperties=1),
        "retry": closed("max", retry),
        "stage": closed("id candidates quorum", {**stage, "quorum": closed("approve", quorum)}),
    }


def _invoke() -> Schema:
    undone = {"action": TEXT, "input": NAMED, "retry": ref("retry"), "timeout": DURATION}
    subject = dict.fromkeys(("id", "version", "digest", "requester"), EXPR)
    delegation = {
        "allowed": FLAG,
        "max_depth": {"type": "integer", "minimum": 0},
        "out_of_office": words("auto", "none"),
    }
    return {
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
                "candidates": _candidates(),
                "form": listed(ref("field")),
                **_waiting(),
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
