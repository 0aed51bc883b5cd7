"""The moments that a task waits for, kept as timers of its run."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from kernel.uow import UnitOfWork
from workflow_engine.approvals import Deadline, deadlines
from workflow_engine.approvals.deadlines import Calendars
from workflow_engine.runtime.tables import RunTimer
from workflow_engine.runtime.task_tables import Task


def set_deadlines(
    uow: UnitOfWork, task: Task, document: Mapping[str, Any], calendars: Calendars | None
) -> None:
    """Fix when a task (at its present stage) reminds, escalates and expires."""
    for row in timers_of(uow, task):
        row.state = "cleared"
    task.due_at = None
    for each in deadlines(document, uow.now, calendars):
        if each.kind == "expire":
            task.due_at = each.at
        wait_for(uow, task, each)
    uow.wake_workers()


def wait_for(uow: UnitOfWork, task: Task, deadline: Deadline) -> None:
    """Let a moment of a task at its present stage have its effect when it comes."""
    identity = uow.new_id("tmr")
    uow.session.add(
        RunTimer(
            tenant_id=uow.tenant_id,
            id=identity,
            run_id=task.run_id,
            timer_id=identity,
            due_at=deadline.at,
            state="waiting",
            about={
                "task": task.id,
                "stage": task.stage,
                "kind": deadline.kind,
                "id": deadline.id,
                "decides": deadline.decides,
            },
        )
    )


def forget_deadlines(uow: UnitOfWork, task: Task) -> None:
    """Nobody waits for the task any more."""
    for row in timers_of(uow, task):
        row.state = "cleared"


def timers_of(uow: UnitOfWork, task: Task) -> list[RunTimer]:
    """Return what a task still waits for."""
    timers = uow.session.scalars(
        select(RunTimer).where(
            RunTimer.run_id == task.run_id,
            RunTimer.state == "waiting",
            RunTimer.about["task"].astext == task.id,
        )
    )
    return list(timers)
