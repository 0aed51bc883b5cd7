"""Tasks: opened when a run asks people something, cancelled or parked when it moves on."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kernel.canonical import canonical_bytes, read_json, to_json
from kernel.uow import UnitOfWork
from workflow_engine.approvals import (
    Approval,
    People,
    Person,
    Vote,
    deadlines,
    decide,
    read_approval,
    resolve,
)
from workflow_engine.interpreter import CancelInvoke, InvokeApproval, InvokeHuman
from workflow_engine.runtime.events import TaskClosed, TaskOpened
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task, TaskCandidate, TaskVote


def open_approval(uow: UnitOfWork, run: Run, effect: InvokeApproval) -> Task:
    """Open an approval at its first stage, or take up the parked one with its votes."""
    if effect.reattaches is not None:
        return _take_up(uow, run, effect)
    subject = effect.subject
    task = _new_task(uow, run, effect, "approval", f"Approve {_words(subject['type'])}")
    task.subject_kind, task.subject_id = str(subject["type"]), str(subject["id"])
    task.subject_version = subject.get("version")
    task.digest, task.requester_id = subject.get("digest"), subject.get("requester")
    uow.session.add(task)
    uow.session.flush()
    enter_stage(uow, task, approval_of(task), decide(approval_of(task), (), people(uow)).stage)
    uow.emit(TaskOpened(task.id, run.id, task.kind, task.subject_kind, task.subject_id))
    return task


def open_question(uow: UnitOfWork, run: Run, effect: InvokeHuman) -> Task:
    """Put a question before people; its form's answer completes it."""
    if effect.reattaches is not None:
        return _take_up(uow, run, effect)
    task = _new_task(uow, run, effect, "human", effect.title)
    task.subject_kind, task.subject_id = run.subject_kind, run.subject_id
    spec = {"due": effect.due, "on_expire": effect.on_expire, "escalate": effect.escalate}
    task.due_at = _due_at(uow, to_json(spec))
    uow.session.add(task)
    uow.session.flush()
    _name_candidates(uow, task, effect.candidates, None)
    uow.emit(TaskOpened(task.id, run.id, task.kind, task.subject_kind, task.subject_id))
    return task


def cancel(uow: UnitOfWork, run: Run, effect: CancelInvoke) -> None:
    """Close the open task of an invoke that its run has left, or park it for a return."""
    task = uow.session.scalar(
        select(Task).where(
            Task.run_id == run.id,
            Task.invoke_id == effect.invoke_id,
            Task.epoch == effect.epoch,
            Task.state.in_(("open", "parked")),
        )
    )
    if task is None:
        return
    if effect.park:
        task.state = "parked"
    else:
        close(uow, task, "cancelled", "withdrawn")


def close(uow: UnitOfWork, task: Task, state: str, outcome: str) -> None:
    """End a task; nobody is asked any more."""
    task.state, task.outcome, task.closed_at, task.stage = state, outcome, uow.now, None
    _forget_candidates(uow, task)
    uow.emit(TaskClosed(task.id, task.run_id, outcome))


def enter_stage(uow: UnitOfWork, task: Task, approval: Approval, stage_id: str | None) -> None:
    """Ask the people of a stage, and fix when it is due."""
    stage = approval.stage(stage_id or "")
    assert stage is not None, f"an open approval has a stage, not {stage_id}"
    task.stage = stage.id
    task.due_at = _due_at(uow, stage.document)
    _forget_candidates(uow, task)
    _name_candidates(uow, task, stage.candidates, approval)


def approval_of(task: Task) -> Approval:
    """Return the rules of an approval as values."""
    spec = read_json(task.spec)
    return read_approval(
        spec["stages"],
        spec["subject"],
        separation=spec["separation"],
        delegation=spec["delegation"],
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


def people(uow: UnitOfWork) -> People:
    """Return the tenant's active members as approvals judge them."""
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    return People(
        {
            member.id: Person(member.id, member.roles, member.manager_id)
            for member in directory.members(uow)
        },
        now=uow.now,
    )


def _new_task(
    uow: UnitOfWork, run: Run, effect: InvokeApproval | InvokeHuman, kind: str, title: str
) -> Task:
    return Task(
        tenant_id=uow.tenant_id,
        id=uow.new_id("tsk"),
        run_id=run.id,
        invoke_id=effect.invoke_id,
        epoch=effect.epoch,
        kind=kind,
        title=title[:200],
        spec=canonical_bytes(to_json(effect)).decode(),
        state="open",
        opened_at=uow.now,
    )


def _take_up(uow: UnitOfWork, run: Run, effect: InvokeApproval | InvokeHuman) -> Task:
    task = uow.session.scalars(
        select(Task).where(
            Task.run_id == run.id,
            Task.invoke_id == effect.invoke_id,
            Task.epoch == effect.reattaches,
        )
    ).one()
    task.epoch, task.state = effect.epoch, "open"
    return task


def _name_candidates(
    uow: UnitOfWork,
    task: Task,
    rules: Sequence[Mapping[str, Any]],
    approval: Approval | None,
) -> None:
    by_role = {("role", str(rule["role"])) for rule in rules if "role" in rule}
    others = [rule for rule in rules if "role" not in rule]
    named = resolve(others, people(uow), approval, frozenset()) if others else frozenset()
    for kind, name in sorted(by_role | {("member", member) for member in named}):
        uow.session.add(
            TaskCandidate(tenant_id=uow.tenant_id, task_id=task.id, kind=kind, name=name)
        )


def _forget_candidates(uow: UnitOfWork, task: Task) -> None:
    for row in uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)):
        uow.session.delete(row)
    uow.session.flush()


def _due_at(uow: UnitOfWork, document: Mapping[str, Any]) -> Any:
    ends = [each.at for each in deadlines(document, uow.now, None) if each.kind == "expire"]
    return ends[0] if ends else None


def _words(kind: Any) -> str:
    return str(kind).replace("_", " ")
