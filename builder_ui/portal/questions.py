"""A question that a run puts to people: the fields of its form, and what somebody wrote in them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from builder_ui.portal.refused import messages_of
from builder_ui.portal.wording import spoken
from builder_ui.shell.form_state import FormState
from builder_ui.shell.words import _
from kernel.errors import Refusal
from kernel.uow import UnitOfWork
from web.problems import problem_of
from workflow_engine.definition.fields import Field
from workflow_engine.runtime import queries
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.task_tables import Task

# A word of ours before each name, so that no form can take a name that the page needs itself.
_PREFIX = "answer."
_LINE_LENGTH_MAX = 120
_HINTS = {
    "money": _("An amount and its currency, such as 12.34 EUR."),
    "timestamp": _("A moment with its zone, such as 2026-03-02T09:00:00Z."),
    "duration": _("A length of time, such as P2D or PT8H."),
    "list": _("A JSON list."),
    "map": _("A JSON object."),
    "record": _("A JSON object."),
}


@dataclass(frozen=True)
class Asked:
    """One field of a question, as a page shows it; `kind` is choice, check, line or text."""

    id: str
    label: str
    kind: str
    is_required: bool
    hint: str | None
    choices: tuple[tuple[str, str, None], ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the field in the form."""
        return _PREFIX + self.id


@dataclass(frozen=True)
class Question:
    """What a task asks, and whether the viewer is among those who are asked."""

    asked: tuple[Asked, ...]
    is_mine: bool


def question_of(uow: UnitOfWork, task: Task) -> Question | None:
    """Return the question of an open task; None for an approval, or where nothing is asked now."""
    if task.kind != "human" or task.state != "open":
        return None
    fields, entries = _form(uow, task)
    asked = tuple(_asked(fields[entry["id"]], entry) for entry in entries)
    mine = select(Task.id).where(Task.id == task.id, queries.is_asked(uow.actor))
    return Question(asked, uow.session.scalar(mine) is not None)


def answer_in(uow: UnitOfWork, task_id: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a form says, in the JSON that the fields of a task's question take.

    What cannot be read is passed on as it was written: the verb says what is wrong with it.
    """
    task = queries.task(uow, task_id)
    fields, _ = _form(uow, task) if task.kind == "human" else ({}, ())
    return answer_of(fields.values(), form)


def answer_of(fields: Iterable[Field], form: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of fields as JSON; what was left empty is left out. Pure."""
    found: dict[str, Any] = {}
    for field in fields:
        text = form.get(_PREFIX + field.id, "").strip()
        if field.kind == "bool":
            found[field.id] = text == "yes"
        elif text:
            found[field.id] = _value(field, text)
    return found


def refused_answer(form: MultiDict[str, str], refusal: Refusal) -> tuple[FormState, int]:
    """Return a question's form as it is shown again, and the status to answer with."""
    messages = {
        name if name == "_schema" else f"{_PREFIX}{name}": told
        for name, told in messages_of(refusal).items()
    }
    state = FormState.returned(dict(form.items()), {})
    faults = {"" if name == "_schema" else name: tuple(told) for name, told in messages.items()}
    return FormState(state.values, faults, is_returned=True), problem_of(refusal).status


def _form(uow: UnitOfWork, task: Task) -> tuple[dict[str, Field], tuple[Mapping[str, Any], ...]]:
    run = queries.run(uow, task.run_id)
    spec = engine_of(uow).compiled(uow, run.definition_id).invokes[task.invoke_id].model.spec
    return {field.id: field for field in spec["fields"]}, tuple(spec["form"])


def _asked(field: Field, entry: Mapping[str, Any]) -> Asked:
    kind = {"enum": "choice", "bool": "check", "list": "text", "map": "text", "record": "text"}.get(
        field.kind, "line"
    )
    if field.kind == "string" and (field.max_length or 0) > _LINE_LENGTH_MAX:
        kind = "text"
    return Asked(
        field.id,
        str(entry.get("label") or spoken(field.id)),
        kind,
        bool(entry.get("required")),
        _HINTS.get(field.kind),
        tuple((value, spoken(value), None) for value in field.values),
    )


def _value(field: Field, text: str) -> Any:
    if field.kind in ("int", "uint"):
        digits = text.removeprefix("-")
        is_number = digits.isascii() and digits.isdigit() and len(digits) < 20
        return int(text) if is_number else text
    if field.kind == "money":
        amount, _, currency = text.partition(" ")
        return {"amount": amount, "currency": currency.strip().upper() or field.currency or ""}
    if field.kind in ("list", "map", "record", "any"):
        try:
            return json.loads(text, parse_float=str)
        except (ValueError, RecursionError):
            return text
    return text
