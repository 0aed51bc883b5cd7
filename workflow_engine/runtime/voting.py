"""People answer tasks: decided in their own request, run and task locked, audited with its input.

Every face comes through here, so who may approve what is decided in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from kernel.access import Permission
from kernel.audit import Subject
from kernel.canonical import read_json, to_json
from kernel.clock import format_instant
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork
from workflow_engine.approvals import (
    REASONS,
    Approval,
    Ballot,
    People,
    Refusal,
    Vote,
    cast,
    check_form,
)
from workflow_engine.interpreter import invoke_done
from workflow_engine.runtime.candidates import people
from workflow_engine.runtime.counting import conclude, let_wait
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.errors import (
    DigestMissing,
    NotYours,
    ReasonMissing,
    SubjectChanged,
    TaskClosedAlready,
)
from workflow_engine.runtime.inbox import lock_run, receive
from workflow_engine.runtime.runs import drain_or_leave
from workflow_engine.runtime.snapshots import snapshot_of
from workflow_engine.runtime.standing_in import hold_still, tell_principals
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task, TaskCandidate, TaskVote
from workflow_engine.runtime.task_timers import forget_deadlines
from workflow_engine.runtime.tasks import approval_of, close, votes_cast, waiting_votes

VOTE = Permission("tasks:vote")
REASON_LENGTH_MAX = 2000


@dataclass(frozen=True)
class Decision:
    """What a person decides, for the content whose digest the person was shown."""

    answer: Literal["approve", "reject"]
    reason: str | None = None
    digest: str | None = None


def vote(uow: UnitOfWork, engine: Engine, task_id: str, decision: Decision) -> Task:
    """Cast the actor's vote, and move the run on where that decides the approval.

    Refused with NotYours where the actor may not vote here (the requester, somebody who voted
    before, somebody who is no candidate), with SubjectChanged where the digest is not today's,
    with DigestMissing where the content has a digest and none is given, with TaskClosedAlready
    where the task is decided. A rejection needs a reason. Where the stage allows undo, the vote
    counts only after that time (see `withdraw_vote`), and until then moves nothing.
    """
    uow.actor.must(VOTE)
    reason = (decision.reason or "").strip()[:REASON_LENGTH_MAX] or None
    if decision.answer == "reject" and reason is None:
        detail = "Write in a sentence why you reject: the requester will read it."
        raise ReasonMissing((Fault("/reason", "task.reason_missing", detail),))
    run, task = _lock_open_task(uow, task_id, "approval")
    approval, before, who = approval_of(task), votes_cast(uow, task), people(uow, task)
    taken = _cast(uow, task, approval, before, who, decision)
    if taken.chain:
        # Whoever ends a delegation waits for this vote, or this vote sees that it has ended.
        hold_still(uow)
        taken = _cast(uow, task, approval, before, people(uow, task), decision)
    # The whole input of the decision is kept, so that it can be replayed (AUD-15).
    facts = {"approval": read_json(task.spec), "votes": to_json([*before, taken])}
    subject = Subject("task", task.id, task.subject_version)
    stage = approval.stage(taken.stage)
    if stage is not None and stage.undo is not None:
        row = let_wait(uow, task, taken, reason, stage.undo)
        facts["counts_at"] = format_instant(row.counts_at)
        uow.record("task.vote", subject, reason=reason, facts=facts)
        return task
    uow.session.add(
        TaskVote(
            tenant_id=uow.tenant_id,
            task_id=task.id,
            stage=taken.stage,
            voter_id=uow.actor.id,
            decision=taken.decision,
            reason=reason,
            digest=taken.digest,
            chain=list(taken.chain),
            voted_at=uow.now,
        )
    )
    tell_principals(uow, task, taken)
    told = conclude(uow, task, approval, [*before, taken], who)
    if told is not None:
        receive(uow, run, told.event, told.dedupe_key)
    uow.record("task.vote", subject, reason=reason, facts=facts)
    drain_or_leave(uow, engine, run)
    return task


def objection(uow: UnitOfWork, task: Task) -> str | None:
    """Return in a sentence why the actor could not approve an open approval now, or None.

    What a page shows instead of buttons. `vote` decides again, under the lock.
    """
    approval = approval_of(task)
    ballot = Ballot(task.stage or "", "approve", uow.actor.id, task.digest)
    taken = cast(approval, votes_cast(uow, task), people(uow, task), ballot)
    return REASONS[_code(uow, task, taken)] if isinstance(taken, Refusal) else None


def answer(uow: UnitOfWork, engine: Engine, task_id: str, form: Mapping[str, Any]) -> Task:
    """Answer a question with its form, and move the run on; Invalid lists every faulty field."""
    uow.actor.must(VOTE)
    run, task = _lock_open_task(uow, task_id, "human")
    _must_be_asked(uow, task)
    compiled = engine.compiled(uow, run.definition_id)
    snapshot = snapshot_of(compiled, run)
    assert snapshot is not None, "only a run that has begun asks people"
    faults = check_form(compiled, snapshot, task.invoke_id, form, uow.now)
    if faults:
        raise Invalid(tuple(Fault(f"/{each.field}", each.code, each.message) for each in faults))
    task.answer = dict(to_json(form))
    close(uow, task, "done", "answered")
    forget_deadlines(uow, task)
    receive(uow, run, invoke_done(task.invoke_id, task.epoch, task.answer), f"{task.id}:answered")
    uow.record("task.answer", Subject("task", task.id), facts={"form": task.answer})
    drain_or_leave(uow, engine, run)
    return task


def _lock_open_task(uow: UnitOfWork, task_id: str, kind: str) -> tuple[Run, Task]:
    """Lock the run, then read the task: nobody decides it between the two."""
    run_id = uow.session.scalar(select(Task.run_id).where(Task.id == task_id, Task.kind == kind))
    if run_id is None:
        raise NotFound("task", task_id)
    run = lock_run(uow, run_id)
    task = uow.session.scalars(
        select(Task).where(Task.id == task_id).execution_options(populate_existing=True)
    ).one()
    if task.state != "open":
        raise TaskClosedAlready(task.id, task.state, task.outcome)
    return run, task


def _cast(
    uow: UnitOfWork,
    task: Task,
    approval: Approval,
    before: list[Vote],
    who: People,
    decision: Decision,
) -> Vote:
    ballot = Ballot(task.stage or "", decision.answer, uow.actor.id, decision.digest)
    taken = cast(approval, before, who, ballot)
    if isinstance(taken, Refusal):
        if taken.code == "approval.digest_missing":
            raise DigestMissing((Fault("/digest", "task.digest_missing", taken.message),))
        if taken.code == "approval.changed":
            raise SubjectChanged(task.id, task.digest or "")
        raise NotYours(task.id, _code(uow, task, taken))
    return taken


def _code(uow: UnitOfWork, task: Task, refusal: Refusal) -> str:
    """Say of a stage that takes no votes whether that is because of one that waits to count."""
    if refusal.code != "approval.not_open":
        return refusal.code
    waiting = waiting_votes(uow, task)
    if any(row.voter_id == uow.actor.id for row in waiting):
        return "approval.already_voted"
    return "approval.vote_waits" if waiting else refusal.code


def _must_be_asked(uow: UnitOfWork, task: Task) -> None:
    names = {("member", str(uow.actor.id)), *(("role", role) for role in uow.actor.roles)}
    rows = uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id))
    if not any((row.kind, row.name) in names for row in rows):
        raise NotYours(task.id, "approval.not_a_candidate")
