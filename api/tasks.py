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
from workflow_engine.runtime.commenting import COMMENT_LENGTH_MAX, comment
from workflow_engine.runtime.delegated_tasks import tasks_waiting
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.task_tables import Task, TaskComment, TaskVote, WaitingVote
from workflow_engine.runtime.voting import REASON_LENGTH_MAX, Decision, vote
from workflow_engine.runtime.withdrawing import withdraw_vote

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
    """How one person decided at one stage. `counts_at` says when a vote that may still be taken
    back will count; null for one that counts.
    """

    stage = fields.String(required=True)
    voter_id = fields.String(required=True)
    chain = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "For whom a stand-in voted: the candidate, those who handed it on, and"
            " the voter. Empty for a vote in one's own right."
        },
    )
    decision = Choice("approve", "reject", required=True)
    reason = fields.String(required=True, allow_none=True)
    voted_at = Instant(required=True)
    counts_at = Instant(required=True, allow_none=True)


class VotesFields(Fields):
    """The votes of a task, in the order they were cast."""

    data = fields.List(fields.Nested(VoteFields), required=True)


class NewCommentFields(Fields):
    """What somebody has to say about a task."""

    words = Text(required=True, max=COMMENT_LENGTH_MAX)


class CommentFields(Fields):
    """What somebody wrote about a task."""

    id = fields.String(required=True)
    author_id = fields.String(required=True)
    words = fields.String(required=True)
    written_at = Instant(required=True)


class CommentsFields(Fields):
    """The comments on a task, the oldest first; of more than five hundred, the newest."""

    data = fields.List(fields.Nested(CommentFields), required=True)


@tasks.operation(
    "GET", "", "tasks:read", query=PageFields, answer=listed(TaskFields, "TaskPageFields")
)
def show_open(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List the open tasks put to the caller or to whom they stand in for, the oldest first."""
    limit = query["limit"]
    rows = list(tasks_waiting(uow, limit=limit + 1, after=_place(after(uow, query))))
    shown = rows[:limit]
    more = [shown[-1].opened_at, shown[-1].id] if len(rows) > limit else None
    return page(uow, query, shown, more)


@tasks.operation("GET", "/<task_id>", "tasks:read", answer=TaskFields)
def show(uow: UnitOfWork, task_id: str) -> Task:
    """Show a task."""
    return queries.task(uow, task_id)


@tasks.operation("GET", "/<task_id>/votes", "tasks:read", answer=VotesFields)
def show_votes(uow: UnitOfWork, task_id: str) -> dict[str, list[dict[str, Any]]]:
    """List the votes of a task, those that do not count yet at the end."""
    task = queries.task(uow, task_id)
    votes: list[TaskVote | WaitingVote] = [*queries.votes(uow, task_id)]
    if task.state in ("open", "parked"):
        votes += queries.waiting_votes(uow, task_id)
    return {"data": [_told(each) for each in votes]}


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


@tasks.operation(
    "POST",
    "/<task_id>/vote-withdrawal",
    "tasks:vote",
    answer=TaskFields,
    status=201,
    needs_key=True,
)
def take_vote_back(uow: UnitOfWork, task_id: str) -> Task:
    """Take back the caller's vote, before the moment in which it counts.

    Only where the stage of the definition says `undo`; the same person may vote again.
    """
    return withdraw_vote(uow, task_id)


@tasks.operation("GET", "/<task_id>/comments", "tasks:read", answer=CommentsFields)
def show_comments(uow: UnitOfWork, task_id: str) -> dict[str, list[TaskComment]]:
    """List the comments on a task."""
    queries.task(uow, task_id)
    return {"data": list(queries.comments(uow, task_id))}


@tasks.operation(
    "POST",
    "/<task_id>/comments",
    "tasks:vote",
    body=NewCommentFields,
    answer=CommentFields,
    status=201,
    needs_key=True,
)
def write_comment(uow: UnitOfWork, task_id: str, body: Mapping[str, Any]) -> TaskComment:
    """Write a comment on a task, open or closed."""
    return comment(uow, task_id, body["words"])


def _told(vote: TaskVote | WaitingVote) -> dict[str, Any]:
    told = {
        name: getattr(vote, name)
        for name in ("stage", "voter_id", "decision", "reason", "voted_at")
    }
    return {**told, "counts_at": vote.counts_at if isinstance(vote, WaitingVote) else None}


def _place(values: list[Any] | None) -> tuple[datetime, str] | None:
    if values is None:
        return None
    if len(values) != 2:
        raise Malformed
    return parse_instant(str(values[0])), str(values[1])
