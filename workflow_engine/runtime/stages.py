"""An approval comes to a stage: its people are asked, and its deadlines begin."""

from kernel.uow import UnitOfWork
from workflow_engine.approvals import Approval
from workflow_engine.approvals.deadlines import Calendars
from workflow_engine.runtime.candidates import ask
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.task_timers import set_deadlines


def enter_stage(
    uow: UnitOfWork,
    task: Task,
    approval: Approval,
    stage_id: str | None,
    calendars: Calendars | None,
) -> None:
    """Ask the people of a stage, and fix its deadlines."""
    stage = approval.stage(stage_id or "")
    assert stage is not None, f"an open approval has a stage, not {stage_id}"
    task.stage = stage.id
    set_deadlines(uow, task, stage.document, calendars)
    ask(uow, task, stage.candidates, approval)
