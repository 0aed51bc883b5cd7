"""Reading what a state starts: steps, approvals, tasks of people, flows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from workflow_engine.definition.model import Compensation, Expr, Invoke
from workflow_engine.definition.parse_actions import read_actions, read_named
from workflow_engine.definition.parse_fields import read_fields
from workflow_engine.definition.reading import Reader

SEPARATIONS = ("not_requester", "distinct_across_stages", "not_only_reports_of_requester")
ON_EXPIRE = ("escalate", "reject", "approve", "fault", "keep")
UNDO_MIN, UNDO_MAX = timedelta(seconds=1), timedelta(minutes=5)
RETRY_KINDS = ("transient", "timeout", "permanent")
_KINDS = ("step", "approval", "human", "flow")


def read_invokes(reader: Reader) -> tuple[Invoke, ...]:
    """Read `invoke`: one object or a list of them, started in order."""
    value = reader.raw("invoke")
    if value is None and not reader.has("invoke"):
        return ()
    if isinstance(value, list):
        return tuple(_read_invoke(child) for child in reader.children("invoke"))
    child = reader.child("invoke")
    return (_read_invoke(child),) if child else ()


def _read_invoke(reader: Reader) -> Invoke:
    kind = reader.choice("kind", _KINDS)
    common: dict[str, Any] = {
        "id": reader.id(),
        "at": reader.at,
        "kind": kind,
        "input": read_named(reader, "input"),
        "finalize": read_actions(reader, "finalize"),
        "id_into": reader.optional_text("id_into"),
        "reattach": _reentry(reader) == "reattach",
    }
    particular = {"step": _step, "approval": _approval, "human": _human, "flow": _flow}
    common |= particular[kind](reader)
    reader.raw("label")
    reader.close()
    return Invoke(**common)


def _reentry(reader: Reader) -> str:
    return reader.choice("on_reentry", ("restart", "reattach"), default="restart")


def read_retry(reader: Reader) -> Mapping[str, Any] | None:
    """Read and check a retry rule; it is kept as the document's own object."""
    child = reader.child("retry")
    if child is None:
        return None
    child.integer("max", least=0, default=0)
    if child.sound and not child.has("max"):
        child.fault(None, "shape.missing", "The field 'max' is missing.", "Say how often at most.")
    child.choice("backoff", ("fixed", "exponential"), default="fixed")
    for name in ("base", "cap"):
        child.duration(name)
    child.raw("factor")
    child.raw("jitter")
    for kind in child.texts("on"):
        if kind not in RETRY_KINDS:
            words = ", ".join(RETRY_KINDS)
            child.fault("on", "shape.choice", f"'{kind}' is no kind of failure.", f"Use {words}.")
    child.close()
    return child.fields


def _step(reader: Reader) -> dict[str, Any]:
    compensate = reader.child("compensate")
    return {
        "action": _action_name(reader),
        "timeout": reader.duration("timeout"),
        "retry": read_retry(reader),
        "compensate": _compensation(compensate) if compensate else None,
    }


def _action_name(reader: Reader) -> str:
    name = reader.text("action", required=True)
    if name and "." not in name:
        mend = "Write department.verb, for example inventory.reserve."
        reader.fault("action", "action.name", f"'{name[:120]}' is not the name of an action.", mend)
    return name


def _compensation(reader: Reader) -> Compensation:
    found = Compensation(
        at=reader.at,
        action=_action_name(reader),
        input=read_named(reader, "input"),
        retry=read_retry(reader),
        timeout=reader.duration("timeout"),
        replaces=reader.optional_text("replaces"),
    )
    reader.close()
    return found


def _approval(reader: Reader) -> dict[str, Any]:
    separation = reader.texts("separation")
    for rule in separation:
        if rule not in SEPARATIONS:
            words = ", ".join(SEPARATIONS)
            message = f"'{rule}' is no rule of separation."
            reader.fault("separation", "shape.choice", message, f"Use {words}.")
    spec = {
        "covers": list(reader.texts("covers")),
        "stages": [_stage(child) for child in reader.children("stages")],
        "separation": list(separation),
        "delegation": _delegation(reader),
    }
    if not spec["stages"]:
        mend = "Add 'stages' with candidates and a quorum."
        reader.fault(None, "approval.no_stage", "The approval has no stage.", mend)
    stage_ids = [
        stage["id"]
        for stage in reader.elements("stages")
        if isinstance(stage, Mapping) and "id" in stage
    ]
    if len(set(map(str, stage_ids))) != len(stage_ids):
        reader.fault("stages", "id.duplicate", "Two stages have the same id.")
    return {
        "subject": _subject(reader),
        "stages_from": reader.optional_text("stages_from"),
        "spec": spec,
    }


def _subject(reader: Reader) -> dict[str, Expr | str]:
    child = reader.child("subject")
    if child is None:
        mend = "Add 'subject' with type, id, version, digest and requester."
        reader.fault(None, "shape.missing", "The field 'subject' is missing.", mend)
        return {}
    subject: dict[str, Expr | str] = {"type": child.text("type", required=True)}
    for name in ("id", "version", "digest", "requester"):
        if value := child.expression(name, required=name == "id"):
            subject[name] = value
    child.close()
    return subject


def _delegation(reader: Reader) -> Mapping[str, Any] | None:
    child = reader.child("delegation")
    if child is None:
        return None
    child.boolean("allowed")
    child.integer("max_depth", least=0)
    child.choice("out_of_office", ("auto", "none"), default="none")
    child.close()
    return child.fields


def _stage(reader: Reader) -> Mapping[str, Any]:
    reader.id()
    reader.raw("label")
    _candidates(reader)
    quorum = reader.child("quorum")
    if quorum is None:
        mend = 'Add \'quorum\', for example {"approve": 1, "reject": 1}.'
        reader.fault(None, "shape.missing", "The field 'quorum' is missing.", mend)
    else:
        _quorum(quorum)
    _waiting(reader)
    _undo(reader)
    reader.close()
    return reader.fields


def _undo(reader: Reader) -> None:
    span = reader.duration("undo")
    if span is not None and not UNDO_MIN <= span <= UNDO_MAX:
        mend = "Write between PT1S and PT5M, for example PT8S; leave it out for no undo."
        reader.fault("undo", "approval.undo", "A vote cannot wait that long or short.", mend)


def _quorum(reader: Reader) -> None:
    if isinstance(reader.raw("approve"), str):
        text = reader.text("approve")
        percent = text.removesuffix("%")
        good = text in ("all", "any") or (
            text.endswith("%") and percent.isdigit() and 0 < int(percent[:4]) <= 100
        )
        if not good:
            mend = "Use a number, 'all', 'any' or a share such as '60%'."
            reader.fault("approve", "approval.quorum", f"'{text[:40]}' is no quorum.", mend)
    else:
        reader.integer("approve", least=1)
        if reader.sound and not reader.has("approve"):
            mend = "Say how many must approve."
            reader.fault(None, "shape.missing", "The field 'approve' is missing.", mend)
    reader.integer("reject", least=1)
    reader.close()


def _candidates(reader: Reader) -> None:
    if not reader.elements("candidates"):
        mend = 'Add \'candidates\', for example [{"role": "buyer"}].'
        reader.fault(None, "task.no_candidate", "Nobody is named who could answer.", mend)
    for child in reader.children("candidates"):
        _who(child)


def _who(reader: Reader) -> None:
    known = ("role", "person", "manager_of", "field")
    given = [name for name in known if reader.optional_text(name) is not None]
    if reader.sound and len(given) != 1:
        mend = "Give exactly one of role, person, manager_of or field."
        reader.fault(None, "task.candidate", "This does not say who.", mend)
    reader.close()


def _waiting(reader: Reader) -> None:
    due = reader.child("due")
    if due is not None:
        due.duration("delay")
        due.optional_text("calendar")
        due.close()
    reader.duration("remind_every")
    reader.choice("on_expire", ON_EXPIRE, default="keep")
    for child in reader.children("escalate"):
        child.id()
        child.duration("after")
        to = child.child("to")
        if to is not None:
            _who(to)
        child.close()


def _human(reader: Reader) -> dict[str, Any]:
    _candidates(reader)
    form = read_fields(reader, "form")
    _waiting(reader)
    spec = {
        "title": reader.text("title", default=""),
        "candidates": list(reader.elements("candidates")),
        "form": list(reader.elements("form")),
        "fields": form,
        "due": reader.raw("due"),
        "remind_every": reader.optional_text("remind_every"),
        "on_expire": reader.optional_text("on_expire"),
        "escalate": list(reader.elements("escalate")),
    }
    subject = reader.child("subject")
    return {"spec": spec, "subject": _subject(reader) if subject is not None else {}}


def _flow(reader: Reader) -> dict[str, Any]:
    flow_expr = reader.expression("flow_expr")
    return {
        "flow": "" if flow_expr else reader.text("flow", required=True),
        "flow_expr": flow_expr,
        "version": reader.text("version", default="pinned"),
        "autoforward": reader.boolean("autoforward"),
    }
