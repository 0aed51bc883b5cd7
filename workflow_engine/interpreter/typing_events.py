"""The data of an event as values of its declared type."""

from __future__ import annotations

from typing import Any

from workflow_engine.expressions import ValueFault, from_json
from workflow_engine.interpreter.compiled import ContentFault
from workflow_engine.interpreter.events import Event
from workflow_engine.interpreter.machine import Machine


def typed_payload(machine: Machine, event: Event) -> Any:
    """The event's data as values of its declared type; ContentFault if it does not fit."""
    wanted = machine.compiled.event_types.get(event.name)
    if wanted is None:
        return event.data
    try:
        return from_json(event.data, wanted)
    except ValueFault as fault:
        raise ContentFault("event.shape", f"'{event.name}': {fault}", "/events") from fault
