"""Performs what a step asked for: each effect becomes rows of the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.db import prepared
from kernel.exceptions import raise_exception
from kernel.jobs import enqueue
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    CancelInvoke,
    ClearTimer,
    Dropped,
    Effect,
    Emit,
    Event,
    Finished,
    Incident,
    InvokeApproval,
    InvokeFlow,
    InvokeHuman,
    InvokeStep,
    Log,
    SearchAttributes,
    Send,
    SetTimer,
    StatusChanged,
    event_to_json,
)
from workflow_engine.runtime import asking, flows
from workflow_engine.runtime.calendars import TenantCalendars
from workflow_engine.runtime.ending import finish
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.steps import Completion, ask_step, withdraw_step
from workflow_engine.runtime.tables import Run, RunTimer

DELIVER_TO_RUN = "run.deliver"


@dataclass
class Performance:
    """One locked run whose effects are performed; `sent` collects what it tells itself."""

    uow: UnitOfWork
    engine: Engine
    run: Run
    calendars: TenantCalendars
    cancel_child: Callable[[Run], None]
    sent: list[Completion] = field(default_factory=list)

    def completions(self) -> list[Completion]:
        """What the run must now receive: results of local steps, and events to itself."""
        return self.sent


def perform(at: Performance, effect: Effect) -> None:
    """Perform one effect; effects are performed in the order in which they were asked for."""
    _PERFORMERS[type(effect)](at, effect)


def _emit(at: Performance, effect: Emit) -> None:
    at.uow.emit_named(effect.event, effect.data)


def _step(at: Performance, effect: InvokeStep) -> None:
    completion = ask_step(at.uow, at.engine, at.run, effect)
    if completion is not None:
        at.sent.append(completion)


def _approval(at: Performance, effect: InvokeApproval) -> None:
    at.sent.extend(asking.open_approval(at.uow, at.run, effect, at.calendars))


def _human(at: Performance, effect: InvokeHuman) -> None:
    at.sent.extend(asking.open_question(at.uow, at.run, effect, at.calendars))


def _flow(at: Performance, effect: InvokeFlow) -> None:
    at.sent.extend(flows.start_child(at.uow, at.engine, at.run, effect))


def _cancel(at: Performance, effect: CancelInvoke) -> None:
    withdraw_step(at.uow, at.run, effect)
    asking.withdraw_task(at.uow, at.run, effect)
    child = flows.child_of(at.uow, at.run, effect.invoke_id, effect.epoch)
    if child is not None and child.state != "undoing":
        at.cancel_child(child)


def _set_timer(at: Performance, effect: SetTimer) -> None:
    at.uow.session.add(
        RunTimer(
            tenant_id=at.uow.tenant_id,
            id=at.uow.new_id("tmr"),
            run_id=at.run.id,
            timer_id=effect.timer_id,
            due_at=effect.at,
            state="waiting",
        )
    )
    at.uow.wake_workers()


def _clear_timer(at: Performance, effect: ClearTimer) -> None:
    timer = at.uow.session.scalar(_TIMER, {"run_id": at.run.id, "timer_id": effect.timer_id})
    if timer is not None and timer.state == "waiting":
        timer.state = "cleared"


_TIMER = prepared(
    select(RunTimer).where(
        RunTimer.run_id == bindparam("run_id"), RunTimer.timer_id == bindparam("timer_id")
    )
)


def _send(at: Performance, effect: Send) -> None:
    event = Event(effect.event, data=effect.data, sendid=effect.send_id, origin=f"run:{at.run.id}")
    identity = at.uow.new_id("snd")
    if effect.target in ("self", f"run:{at.run.id}"):
        at.sent.append(Completion(event, identity))
        return
    if effect.target == "parent" or effect.target.startswith("invoke:"):
        if not flows.send_within_family(at.uow, at.run, effect, identity):
            fault = {"code": "send.unreachable", "message": f"{effect.target} is not there."}
            back = Event("error.communication", type="platform", data=fault, sendid=effect.send_id)
            at.sent.append(Completion(back, identity))
        return
    # Another run is locked in a transaction of its own: two runs that write to each other must
    # not wait for each other's lock.
    letter = {
        "to": effect.target.removeprefix("run:"),
        "from": at.run.id,
        "event": event_to_json(event),
        "dedupe_key": identity,
    }
    enqueue(at.uow, DELIVER_TO_RUN, letter)


def _incident(at: Performance, effect: Incident) -> None:
    at.run.incident = effect.code
    raise_exception(
        at.uow,
        kind="run.incident",
        subject=Subject("run", at.run.id),
        cause=f"{effect.code}: {effect.message} ({effect.where})",
        due_within=timedelta(hours=8),
        severity="high",
    )


def _status(at: Performance, effect: StatusChanged) -> None:
    at.run.status, at.run.phase = effect.status, effect.phase


def _search(at: Performance, effect: SearchAttributes) -> None:
    at.run.search = dict(to_json(effect.values))


def _finished(at: Performance, effect: Finished) -> None:
    finish(at.uow, at.run, effect.outcome)
    flows.tell_end(at.uow, at.run, effect.outcome, effect.donedata)


def _only_history(_at: Performance, _effect: Effect) -> None:
    """The run's history tells it; nothing else happens."""


_PERFORMERS: dict[type, Callable[[Performance, Any], None]] = {
    Emit: _emit,
    InvokeStep: _step,
    InvokeApproval: _approval,
    InvokeHuman: _human,
    InvokeFlow: _flow,
    CancelInvoke: _cancel,
    SetTimer: _set_timer,
    ClearTimer: _clear_timer,
    Send: _send,
    Log: _only_history,
    Incident: _incident,
    StatusChanged: _status,
    SearchAttributes: _search,
    Dropped: _only_history,
    Finished: _finished,
}
