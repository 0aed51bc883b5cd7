"""A task as values, its votes, and its end."""

from sqlalchemy import select

from kernel.canonical import read_json
from kernel.uow import UnitOfWork
from workflow_engine.approvals import Approval, Vote, read_approval
from workflow_engine.runtime.candidates import forget
from workflow_engine.runtime.events import TaskClosed
from workflow_engine.runtime.task_tables import Task, TaskVote


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
    """Return the votes cast so far, in their order."""
    rows = uow.session.scalars(
        select(TaskVote)
        .where(TaskVote.task_id == task.id)
        .order_by(TaskVote.voted_at, TaskVote.stage, TaskVote.voter_id)
    )
    return [
        Vote(
            row.stage,
            "approve" if row.decision == "approve" else "reject",
            row.voter_id,
            row.digest,
            tuple(row.chain),
        )
        for row in rows
    ]


def close(uow: UnitOfWork, task: Task, state: str, outcome: str) -> None:
    """End a task; nobody is asked any more."""
    task.state, task.outcome, task.closed_at, task.stage = state, outcome, uow.now, None
    forget(uow, task)
    uow.emit(TaskClosed(task.id, task.run_id, outcome))
