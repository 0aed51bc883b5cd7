"""Forms that were refused: the words come back with each fault beside its field."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from builder_ui.shell.form_state import FormState
from builder_ui.shell.words import said
from kernel.errors import Invalid, Refusal
from web.problems import problem_of


def refused_form(
    form: MultiDict[str, str], refusal: Refusal, *, several: tuple[str, ...] = ()
) -> tuple[FormState, int]:
    """Return the form as it is shown again, and the status to answer with.

    `several` names the fields that hold more than one value. What a refusal says without naming a
    field stands above the form.
    """
    values: dict[str, object] = dict(form.items())
    values.update({name: form.getlist(name) for name in several})
    return FormState.returned(values, messages_of(refusal)), problem_of(refusal).status


def messages_of(refusal: Refusal) -> Mapping[str, list[str]]:
    """Return a refusal's sentences by field name; "_schema" is the form as a whole."""
    if not isinstance(refusal, Invalid) or not refusal.errors:
        return {"_schema": [said(problem_of(refusal).detail)]}
    messages: dict[str, list[str]] = {}
    for fault in refusal.errors:
        name = fault.pointer.removeprefix("/").replace("/", ".") or "_schema"
        messages.setdefault(name, []).append(said(fault.detail))
    return messages


def version_in(form: MultiDict[str, str]) -> int | None:
    """Return the version of what a form was filled in from, where it says one."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
