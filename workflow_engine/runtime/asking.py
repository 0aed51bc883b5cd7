"""Opening tasks: when a run asks people something, or comes back to what it asked before."""

from typing import Any

from sqlalchemy import select

from kernel.audit import Subject
from kernel.canonical import canonical_bytes, to_json
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.approvals import decide, shortages
from workflow_engine.approvals.deadlines import Calendars
from workflow_engine.interpreter import (
    CancelInvoke,
    InvokeApproval,
    InvokeHuman,
)
from workflow_engine.runtime.candidates import ask, people
from workflow_engine.runtime.events import TaskOpened
from workflow_engine.runtime.stages import enter_stage
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_deadlines import catch_up
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.task_timers import forget_deadlines, set_deadlines
from workflow_engine.runtime.tasks import approval_of, close


def open_approval(
    uow: UnitOfWork, run: Run, effect: InvokeApproval, calendars: Calendars | None
) -> list[Completion]:
    """Open an approval at its first stage, or take up the parked one with its votes.

    One that the people who exist cannot give is raised as an exception: it waits for people.
    """
    if effect.reattaches is not None:
        return _take_up(uow, run, effect)
    subject = effect.subject
    task = _new_task(uow, run, effect, "approval", f"Approve {_words(subject['type'])}")
    task.subject_kind, task.subject_id = str(subject["type"]), str(subject["id"])
    task.subject_version = subject.get("version")
    task.digest, task.requester_id = subject.get("digest"), subject.get("requester")
    approval, who = approval_of(task), people(uow)
    uow.session.add(task)
    uow.session.flush()
    enter_stage(uow, task, approval, decide(approval, (), who).stage, calendars)
    uow.emit(TaskOpened(task.id, run.id, task.kind, task.subject_kind, task.subject_id))
    for short in shortages(approval, who):
        raise_exception(
            uow,
            kind=short.code,
            subject=Subject("task", task.id),
            cause=f"Stage {short.stage} of “{task.title}” needs {short.needed} people who may"
            f" approve, and there are {short.available}.",
        )
    return []


def open_question(
    uow: UnitOfWork, run: Run, effect: InvokeHuman, calendars: Calendars | None
) -> list[Completion]:
    """Put a question before people; its form's answer completes it."""
    if effect.reattaches is not None:
        return _take_up(uow, run, effect)
    task = _new_task(uow, run, effect, "human", effect.title)
    task.subject_kind, task.subject_id = run.subject_kind, run.subject_id
    uow.session.add(task)
    uow.session.flush()
    document = {
        "due": effect.due,
        "on_expire": effect.on_expire,
        "remind_every": effect.remind_every,
        "escalate": effect.escalate,
    }
    set_deadlines(uow, task, to_json(document), calendars)
    ask(uow, task, effect.candidates, None)
    uow.emit(TaskOpened(task.id, run.id, task.kind, task.subject_kind, task.subject_id))
    return []


def withdraw_task(uow: UnitOfWork, run: Run, effect: CancelInvoke) -> None:
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
        forget_deadlines(uow, task)


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
        escalated=[],
        missed=[],
    )


def _take_up(uow: UnitOfWork, run: Run, effect: InvokeApproval | InvokeHuman) -> list[Completion]:
    task = uow.session.scalars(
        select(Task).where(
            Task.run_id == run.id,
            Task.invoke_id == effect.invoke_id,
            Task.epoch == effect.reattaches,
        )
    ).one()
    task.epoch, task.state = effect.epoch, "open"
    return catch_up(uow, task)


def _words(kind: Any) -> str:
    return str(kind).replace("_", " ")
