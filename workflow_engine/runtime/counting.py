"""Votes come to count, and decide what they decide: at once, or when nobody can take them back."""

from collections.abc import Sequence
from datetime import timedelta

from kernel.audit import Subject
from kernel.canonical import read_json, to_json
from kernel.uow import UnitOfWork
from workflow_engine.approvals import Approval, Deadline, People, Vote, decide, result_of
from workflow_engine.interpreter import invoke_done
from workflow_engine.runtime.calendars import TenantCalendars
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.stages import enter_stage
from workflow_engine.runtime.standing_in import tell_principals
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.task_tables import Task, TaskVote, WaitingVote
from workflow_engine.runtime.task_timers import forget_deadlines, timers_of, wait_for
from workflow_engine.runtime.tasks import approval_of, as_value, close, votes_of, waiting_votes


def conclude(
    uow: UnitOfWork, task: Task, approval: Approval, votes: Sequence[Vote], who: People
) -> Completion | None:
    """Let votes decide an open approval, under its run's lock; return what the run is told.

    None where the approval stays open, at this stage or at the next.
    """
    standing = decide(approval, votes, who)
    if standing.outcome == "open":
        if standing.stage != task.stage:
            enter_stage(uow, task, approval, standing.stage, TenantCalendars(uow))
        return None
    close(uow, task, "done", standing.outcome)
    forget_deadlines(uow, task)
    done = invoke_done(task.invoke_id, task.epoch, result_of(approval, standing))
    return Completion(done, f"{task.id}:{standing.outcome}")


def let_wait(
    uow: UnitOfWork, task: Task, vote: Vote, reason: str | None, span: timedelta
) -> WaitingVote:
    """Keep a vote that counts after a while, until then its voter's to take back."""
    row = WaitingVote(
        tenant_id=uow.tenant_id,
        task_id=task.id,
        stage=vote.stage,
        voter_id=vote.by,
        decision=vote.decision,
        reason=reason,
        digest=vote.digest,
        chain=list(vote.chain),
        voted_at=uow.now,
        counts_at=uow.now + span,
    )
    uow.session.add(row)
    wait_for(uow, task, Deadline(row.counts_at, "count", vote.by))
    uow.wake_workers()
    return row


def count_vote(uow: UnitOfWork, task: Task, voter_id: str) -> Completion | None:
    """Let the vote of one person count whose time is over; return what the run is told.

    Where it takes the approval on, the others that wait count as well: they were cast in time.
    """
    due = [row for row in waiting_votes(uow, task) if row.voter_id == voter_id]
    approval = approval_of(task)
    votes = _counted(uow, task, due)
    standing = decide(approval, votes, people(uow))
    others = waiting_votes(uow, task)
    if others and (standing.outcome, standing.stage) != ("open", task.stage):
        votes, due = _counted(uow, task, others), [*due, *others]
    return _decide(uow, task, votes, due)


def count_votes(uow: UnitOfWork, task: Task) -> Completion | None:
    """Let all votes that wait count now; return what the run is told."""
    due = waiting_votes(uow, task)
    return _decide(uow, task, _counted(uow, task, due), due)


def forget_count(uow: UnitOfWork, task: Task, voter_id: str) -> None:
    """Wait no longer for the moment in which a person's vote would count."""
    for timer in timers_of(uow, task):
        about = timer.about or {}
        if (about["kind"], about["id"]) == ("count", voter_id):
            timer.state = "cleared"


def _counted(uow: UnitOfWork, task: Task, rows: Sequence[WaitingVote]) -> list[Vote]:
    """Turn waiting votes into votes that count, and return all that do."""
    for row in rows:
        forget_count(uow, task, row.voter_id)
        uow.session.add(
            TaskVote(
                tenant_id=uow.tenant_id,
                task_id=row.task_id,
                stage=row.stage,
                voter_id=row.voter_id,
                decision=row.decision,
                reason=row.reason,
                digest=row.digest,
                chain=row.chain,
                voted_at=row.voted_at,
            )
        )
        uow.session.delete(row)
        tell_principals(uow, task, as_value(row))
    uow.session.flush()
    return votes_of(uow, task)


def _decide(
    uow: UnitOfWork, task: Task, votes: Sequence[Vote], counted: Sequence[WaitingVote]
) -> Completion | None:
    if not counted:
        return None
    told = conclude(uow, task, approval_of(task), votes, people(uow))
    # The whole input of the decision is kept, so that it can be replayed (AUD-15).
    facts = {
        "approval": read_json(task.spec),
        "votes": to_json(list(votes)),
        "counted": [row.voter_id for row in counted],
    }
    uow.record("task.count_vote", Subject("task", task.id, task.subject_version), facts=facts)
    return told
