"""What others see of a run: status, phase and search attributes, told when they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_engine.expressions import to_json
from workflow_engine.interpreter.compiled import ContentFault, Evaluate
from workflow_engine.interpreter.effects import SearchAttributes, StatusChanged
from workflow_engine.interpreter.machine import Machine


def report_changes(machine: Machine) -> tuple[str, str] | None:
    """Add the effects that tell of changes; returns the status to keep in the snapshot."""
    origin = machine.origin
    if machine.compiled.search and (
        machine.context is not origin.context or not origin.configuration
    ):
        _report_search(machine)
    found = machine.compiled.status_of(machine.config)
    if found is None or found == origin.status:
        return origin.status
    subject = machine.compiled.definition.subject
    field = (subject.status_field if subject else None) or "status"
    machine.effects.append(StatusChanged(found[0], found[1], field))
    return found


def _report_search(machine: Machine) -> None:
    before = {**machine.bindings, "context": machine.origin.context}
    values = {
        name: _value(evaluate, machine.bindings) for name, evaluate in machine.compiled.search
    }
    fresh = not machine.origin.configuration
    if fresh or any(
        values[name] != _value(evaluate, before) for name, evaluate in machine.compiled.search
    ):
        machine.effects.append(SearchAttributes(values))


def _value(evaluate: Evaluate, bindings: Mapping[str, Any]) -> Any:
    try:
        return to_json(evaluate(bindings))
    except ContentFault:
        # An attribute that cannot be computed now is empty; the run does not stop for it.
        return None
