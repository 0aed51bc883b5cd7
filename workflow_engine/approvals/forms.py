"""Judging a task's form: the right fields, the right types, everything required."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_engine.expressions import ValueFault, from_json
from workflow_engine.interpreter import Compiled, ContentFault, Snapshot
from workflow_engine.interpreter.defaults import InputRefused, check_bounds
from workflow_engine.interpreter.schemas import field_type
from workflow_engine.interpreter.work import WORK, WorkOutside


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with one field of a form."""

    field: str
    code: str
    message: str


def check_form(
    compiled: Compiled,
    snapshot: Snapshot,
    invoke_id: str,
    form: Mapping[str, Any],
    now: datetime,
) -> tuple[FormFault, ...]:
    """All faults of a form that was sent in as JSON; empty where the task can be completed."""
    invoke = compiled.invokes[invoke_id]
    fields = {field.id: field for field in invoke.model.spec["fields"]}
    faults = [
        FormFault(name, "form.unknown", f"The form has no field '{name}'.")
        for name in form
        if name not in fields
    ]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        values[name] = None
        if form.get(name) is None:
            continue
        try:
            values[name] = from_json(form[name], field_type(field), (name,))
            check_bounds((field,), values)
        except (ValueFault, InputRefused) as fault:
            faults.append(FormFault(name, "form.type", str(fault)))
    return (*faults, *_missing(compiled, snapshot, invoke_id, values, now))


def _missing(
    compiled: Compiled,
    snapshot: Snapshot,
    invoke_id: str,
    values: Mapping[str, Any],
    now: datetime,
) -> list[FormFault]:
    invoke = compiled.invokes[invoke_id]
    bindings: dict[Any, Any] = {
        WORK: WorkOutside(),
        "context": snapshot.context,
        "input": snapshot.input,
        "event": None,
        "now": now,
        "form": values,
        "In": lambda name: bool(snapshot.configuration >> compiled.numbers.get(name, 0) & 1),
    }
    faults = []
    for entry in invoke.model.spec["form"]:
        name = entry["id"]
        if values.get(name) is not None:
            continue
        condition = invoke.form_required.get(name)
        try:
            required = bool(entry.get("required")) or (
                condition is not None and condition(bindings) is True
            )
        except ContentFault as fault:
            faults.append(FormFault(name, fault.code, fault.message))
            continue
        if required:
            label = entry.get("label") or name
            faults.append(FormFault(name, "form.required", f"'{label}' must be filled in."))
    return faults
