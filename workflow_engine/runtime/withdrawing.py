"""Taking back a vote that does not count yet."""

from sqlalchemy import select

from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.clock import format_instant
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime.counting import forget_count
from workflow_engine.runtime.errors import NoVoteWaits, VoteCounted
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.task_tables import Task, TaskVote, WaitingVote
from workflow_engine.runtime.tasks import as_value
from workflow_engine.runtime.voting import VOTE


def withdraw_vote(uow: UnitOfWork, task_id: str) -> Task:
    """Take back the actor's vote on an approval, which is then as if it had never been cast.

    Refused with VoteCounted from the moment on in which it counts, and with NoVoteWaits where
    the actor has none that waits, the votes of others included. The same person may vote again.
    """
    uow.actor.must(VOTE)
    run_id = uow.session.scalar(
        select(Task.run_id).where(Task.id == task_id, Task.kind == "approval")
    )
    if run_id is None:
        raise NotFound("task", task_id)
    lock_run(uow, run_id)
    task = uow.session.scalars(
        select(Task).where(Task.id == task_id).execution_options(populate_existing=True)
    ).one()
    row = _waiting(uow, task)
    uow.session.delete(row)
    forget_count(uow, task, row.voter_id)
    facts = {"vote": to_json(as_value(row)), "counts_at": format_instant(row.counts_at)}
    subject = Subject("task", task.id, task.subject_version)
    uow.record("task.withdraw_vote", subject, reason=row.reason, facts=facts)
    return task


def waiting_vote(uow: UnitOfWork, task: Task) -> WaitingVote | None:
    """Return the actor's vote that can be taken back now, or None."""
    if task.state not in ("open", "parked") or task.stage is None:
        return None
    key = (uow.tenant_id, task.id, task.stage, str(uow.actor.id))
    row = uow.session.get(WaitingVote, key)
    return row if row is not None and uow.now < row.counts_at else None


def _waiting(uow: UnitOfWork, task: Task) -> WaitingVote:
    row = waiting_vote(uow, task)
    if row is not None:
        return row
    mine = {"task_id": task.id, "voter_id": str(uow.actor.id)}
    for table in (TaskVote, WaitingVote):
        if uow.session.scalars(select(table).filter_by(**mine).limit(1)).first() is not None:
            raise VoteCounted(task.id, task.state, task.outcome)
    raise NoVoteWaits(task.id)
