"""A task as values, its votes, and its end."""

from sqlalchemy import select

from kernel.canonical import read_json
from kernel.uow import UnitOfWork
from workflow_engine.approvals import Approval, Vote, read_approval
from workflow_engine.runtime.candidates import forget
from workflow_engine.runtime.events import TaskClosed
from workflow_engine.runtime.task_tables import Task, TaskVote, WaitingVote


def approval_of(task: Task) -> Approval:
    """Return the rules of an approval as values, the rungs it has escalated to included."""
    spec = read_json(task.spec)
    return read_approval(
        spec["stages"],
        spec["subject"],
        separation=spec["separation"],
        delegation=spec["delegation"],
        escalated=[(stage, rung) for stage, rung in task.escalated],
    )


def votes_of(uow: UnitOfWork, task: Task) -> list[Vote]:
    """Return the votes that count so far, in the order they were cast."""
    rows = uow.session.scalars(
        select(TaskVote)
        .where(TaskVote.task_id == task.id)
        .order_by(TaskVote.voted_at, TaskVote.stage, TaskVote.voter_id)
    )
    return [as_value(row) for row in rows]


def votes_cast(uow: UnitOfWork, task: Task) -> list[Vote]:
    """Return the votes that count and after them those that wait to count.

    Whether another may vote is judged as if none of them were taken back.
    """
    return [*votes_of(uow, task), *map(as_value, waiting_votes(uow, task))]


def waiting_votes(uow: UnitOfWork, task: Task) -> list[WaitingVote]:
    """Return the votes that were cast and do not count yet, in the order they were cast."""
    rows = uow.session.scalars(
        select(WaitingVote)
        .where(WaitingVote.task_id == task.id)
        .order_by(WaitingVote.voted_at, WaitingVote.stage, WaitingVote.voter_id)
    )
    return list(rows)


def as_value(row: TaskVote | WaitingVote) -> Vote:
    """Return the row of a vote as approvals judge it."""
    return Vote(
        row.stage,
        "approve" if row.decision == "approve" else "reject",
        row.voter_id,
        row.digest,
        tuple(row.chain),
    )


def close(uow: UnitOfWork, task: Task, state: str, outcome: str) -> None:
    """End a task; nobody is asked any more."""
    task.state, task.outcome, task.closed_at, task.stage = state, outcome, uow.now, None
    forget(uow, task)
    uow.emit(TaskClosed(task.id, task.run_id, outcome))
