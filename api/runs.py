"""`/api/runs`: where each case stands, and what it did event by event."""

from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant
from api.resource import Resource
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.tables import Run

runs = Resource("runs", "Cases on their way through a workflow.")


class RunFields(Fields):
    """A run, pinned to the version of the definition it started with."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    definition_id = fields.String(required=True)
    subject_kind = fields.String(required=True)
    subject_id = fields.String(required=True)
    state = Choice("active", "finished", "incident", "undoing", required=True)
    status = fields.String(required=True, allow_none=True)
    phase = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    incident = fields.String(required=True, allow_none=True)
    started_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class HistoryLineFields(Fields):
    """What a run did with one event, and where it stood afterwards."""

    number = fields.Integer(required=True)
    at = Instant(required=True)
    event = fields.String(required=True)
    disposition = fields.String(required=True)
    states = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)


class HistoryFields(Fields):
    """The first two hundred lines of a run's history."""

    data = fields.List(fields.Nested(HistoryLineFields), required=True)


@runs.operation("GET", "/<run_id>", "workflows:read", answer=RunFields)
def show(uow: UnitOfWork, run_id: str) -> Run:
    """Show a run."""
    return queries.run(uow, run_id)


@runs.operation("GET", "/<run_id>/history", "workflows:read", answer=HistoryFields)
def show_history(uow: UnitOfWork, run_id: str) -> dict[str, Any]:
    """Show what a run did, event by event."""
    queries.run(uow, run_id)
    return {"data": list(queries.timeline(uow, run_id))}
