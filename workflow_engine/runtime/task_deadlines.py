"""Tasks that wait too long: people are reminded, more of them are asked, and in the end the
definition decides."""

from collections.abc import Mapping
from typing import Any

from kernel.audit import Subject
from kernel.canonical import read_json, to_json
from kernel.uow import UnitOfWork
from workflow_engine.approvals import Deadline, candidates_of, decide, result_of
from workflow_engine.interpreter import Event, invoke_done, invoke_failed
from workflow_engine.runtime.candidates import ask_more, people
from workflow_engine.runtime.counting import count_vote, count_votes
from workflow_engine.runtime.events import TaskEscalated, TaskReminded
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import RunTimer
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.task_timers import forget_deadlines
from workflow_engine.runtime.tasks import approval_of, close, votes_of


def reach(uow: UnitOfWork, timer: RunTimer) -> Completion | None:
    """Let a deadline have its effect, under the run's lock; return what the run is told.

    One of a stage that is over means nothing any more; one of a task that is parked has its
    effect when the task is taken up again. Votes that wait to count were cast in time: they count
    before more people are asked, and before the definition decides.
    """
    about = timer.about or {}
    task = uow.session.get_one(Task, (uow.tenant_id, about["task"]))
    if task.state == "parked":
        task.missed = [*task.missed, about]
        return None
    return _pass(uow, task, about)


def catch_up(uow: UnitOfWork, task: Task) -> list[Completion]:
    """Let what a task missed while it was parked have its effect."""
    missed, task.missed = task.missed, []
    found = [_pass(uow, task, about) for about in missed]
    return [completion for completion in found if completion is not None]


def _pass(uow: UnitOfWork, task: Task, about: Mapping[str, Any]) -> Completion | None:
    if task.state != "open" or task.stage != about["stage"]:
        return None
    deadline = Deadline(uow.now, about["kind"], about["id"], about["decides"])
    if deadline.kind == "count":
        return count_vote(uow, task, deadline.id)
    if deadline.kind == "escalate" or deadline.decides is not None:
        told = count_votes(uow, task)
        if task.state != "open" or task.stage != about["stage"]:
            return told
    if deadline.kind == "remind":
        uow.emit(TaskReminded(task.id, task.run_id))
    elif deadline.kind == "escalate":
        _escalate(uow, task, deadline.id)
    elif deadline.decides is not None:
        return _expire(uow, task, deadline.decides)
    return None


def _escalate(uow: UnitOfWork, task: Task, rung_id: str) -> None:
    spec = read_json(task.spec)
    if task.kind == "approval":
        approval = approval_of(task)
        stage = approval.stage(task.stage or "")
        assert stage is not None, "an open approval has a stage"
        rungs, named = stage.document.get("escalate"), candidates_of(approval, stage, people(uow))
        context = approval
    else:
        rungs, named, context = spec["escalate"], None, None
    rung = next(each for each in rungs or () if each["id"] == rung_id)
    task.escalated = [*task.escalated, [task.stage or "", rung_id]]
    ask_more(uow, task, rung["to"], context, named)
    uow.emit(TaskEscalated(task.id, task.run_id, rung_id))
    uow.record("task.escalate", Subject("task", task.id), facts={"rung": rung_id})


def _expire(uow: UnitOfWork, task: Task, decides: str) -> Completion:
    facts: dict[str, Any] = {"decides": decides}
    event: Event
    if task.kind == "human" or decides == "fault":
        code = "task.expired" if task.kind == "human" else "approval.expired"
        event = invoke_failed(task.invoke_id, task.epoch, {"code": code})
    else:
        approval, votes = approval_of(task), votes_of(uow, task)
        # The whole input of the decision is kept, so that it can be replayed (AUD-15).
        facts |= {"approval": read_json(task.spec), "votes": to_json(votes)}
        outcome = "approved" if decides == "approve" else "expired"
        result = result_of(approval, decide(approval, votes, people(uow)), outcome)
        event = invoke_done(task.invoke_id, task.epoch, result)
    close(uow, task, "done", "expired")
    forget_deadlines(uow, task)
    uow.record("task.expire", Subject("task", task.id, task.subject_version), facts=facts)
    return Completion(event, f"{task.id}:expired")
