"""`/api/tasks`: what runs ask of people, and the votes that decide it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from kernel.clock import parse_instant
from kernel.errors import Malformed
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.task_tables import Task, TaskVote
from workflow_engine.runtime.voting import REASON_LENGTH_MAX, Decision, vote

tasks = Resource("tasks", "What runs ask of people: approvals and questions.")


class TaskFields(Fields):
    """A task. `digest` names the very content that a vote would be about."""

    id = fields.String(required=True)
    kind = Choice("approval", "human", required=True)
    title = fields.String(required=True)
    run_id = fields.String(required=True)
    subject_kind = fields.String(required=True)
    subject_id = fields.String(required=True)
    digest = fields.String(required=True, allow_none=True)
    requester_id = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    state = Choice("open", "parked", "done", "cancelled", required=True)
    outcome = fields.String(required=True, allow_none=True)
    opened_at = Instant(required=True)
    due_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class NewVoteFields(Fields):
    """A decision; `digest` as it was shown, `reason` for a rejection."""

    decision = Choice("approve", "reject", required=True)
    reason = Text(max=REASON_LENGTH_MAX)
    digest = Text(max=80)


class VoteFields(Fields):
    """How one person decided at one stage."""

    stage = fields.String(required=True)
    voter_id = fields.String(required=True)
    decision = Choice("approve", "reject", required=True)
    reason = fields.String(required=True, allow_none=True)
    voted_at = Instant(required=True)


class VotesFields(Fields):
    """The votes of a task, in the order they were cast."""

    data = fields.List(fields.Nested(VoteFields), required=True)


@tasks.operation(
    "GET", "", "tasks:read", query=PageFields, answer=listed(TaskFields, "TaskPageFields")
)
def show_open(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List the open tasks put to the caller, the oldest first."""
    limit = query["limit"]
    rows = list(queries.tasks_for(uow, limit=limit + 1, after=_place(after(uow, query))))
    shown = rows[:limit]
    more = [shown[-1].opened_at, shown[-1].id] if len(rows) > limit else None
    return page(uow, query, shown, more)


@tasks.operation("GET", "/<task_id>", "tasks:read", answer=TaskFields)
def show(uow: UnitOfWork, task_id: str) -> Task:
    """Show a task."""
    return queries.task(uow, task_id)


@tasks.operation("GET", "/<task_id>/votes", "tasks:read", answer=VotesFields)
def show_votes(uow: UnitOfWork, task_id: str) -> dict[str, list[TaskVote]]:
    """List the votes of a task."""
    queries.task(uow, task_id)
    return {"data": list(queries.votes(uow, task_id))}


@tasks.operation(
    "POST",
    "/<task_id>/votes",
    "tasks:vote",
    body=NewVoteFields,
    answer=TaskFields,
    status=201,
    needs_key=True,
)
def cast_vote(uow: UnitOfWork, task_id: str, body: Mapping[str, Any]) -> Task:
    """Decide an approval, as the person the token stands for.

    Refused for the requester, for somebody who is not asked, and where the content has changed.
    """
    decision = Decision(body["decision"], body.get("reason"), body.get("digest"))
    return vote(uow, engine_of(uow), task_id, decision)


def _place(values: list[Any] | None) -> tuple[datetime, str] | None:
    if values is None:
        return None
    if len(values) != 2:
        raise Malformed
    return parse_instant(str(values[0])), str(values[1])
