"""Starts runs: an event that a definition listens for becomes a case, once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from kernel.audit import Subject
from kernel.events import DeliveredEvent
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    Compiled,
    ContentFault,
    Event,
    InputRefused,
    StartRequest,
    match_start,
    run_keys,
    subject_key,
)
from workflow_engine.interpreter.defaults import read_input
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.runs import BEGIN, drain_or_leave, receive
from workflow_engine.runtime.snapshots import NOT_BEGUN
from workflow_engine.runtime.tables import Run, RunTrigger, RunWait


def start_runs(uow: UnitOfWork, engine: Engine, event: DeliveredEvent) -> None:
    """Start the runs that an event asks for; one that cannot be started is given to a person."""
    triggered = select(RunTrigger.definition_id).where(RunTrigger.event == event.name).distinct()
    for definition_id in sorted(uow.session.scalars(triggered)):
        compiled = engine.compiled(uow, definition_id)
        try:
            requests = match_start(compiled, _seen(event), uow.now)
            for request in requests:
                _start(uow, engine, definition_id, compiled, event, request)
        except (ContentFault, InputRefused) as fault:
            raise_exception(
                uow,
                kind="run.not_started",
                subject=Subject("event", event.id),
                cause=f"{compiled.definition.key}: {fault}"[:500],
                due_within=timedelta(hours=8),
                severity="high",
            )


def _start(
    uow: UnitOfWork,
    engine: Engine,
    definition_id: str,
    compiled: Compiled,
    event: DeliveredEvent,
    request: StartRequest,
) -> None:
    key = compiled.definition.key
    start_key = f"{request.trigger}:{request.dedupe or event.id}"
    subject_id = subject_key(compiled, request.input, uow.now) or event.id
    exclusive = subject_id if request.one_active_per == "subject" else None
    if _exists(uow, Run.key == key, Run.start_key == start_key):
        return
    if exclusive and _exists(uow, Run.key == key, Run.exclusive_subject == exclusive):
        return
    read_input(compiled.definition, compiled.input_type, request.input)
    subject = compiled.definition.subject
    run = Run(
        tenant_id=uow.tenant_id,
        id=uow.new_id("run"),
        definition_id=definition_id,
        key=key,
        subject_kind=subject.type if subject else "event",
        subject_id=subject_id,
        start_key=start_key,
        exclusive_subject=exclusive,
        principal_id=event.on_behalf_of or event.actor_id,
        state="active",
        search={},
        received=0,
        recorded=0,
        started_at=uow.now,
        snapshot=NOT_BEGUN,
        ready=False,
        fence=0,
        attempts=0,
    )
    uow.session.add(run)
    uow.session.flush()
    _wait(uow, run, compiled, request.input)
    receive(uow, run, Event(BEGIN, data=request.input), BEGIN)
    uow.record("run.start", Subject("run", run.id), authority=compiled.hash)
    drain_or_leave(uow, engine, run)


def _wait(uow: UnitOfWork, run: Run, compiled: Compiled, given: Mapping[str, Any]) -> None:
    for correlation_id, (event, key) in run_keys(compiled, given, uow.now).items():
        uow.session.add(
            RunWait(
                tenant_id=uow.tenant_id,
                run_id=run.id,
                correlation_id=correlation_id,
                event=event,
                key=key,
            )
        )
    uow.session.flush()


def _exists(uow: UnitOfWork, *conditions: Any) -> bool:
    return bool(uow.session.scalar(select(exists().where(*conditions))))


def _seen(event: DeliveredEvent) -> Mapping[str, Any]:
    return {
        "name": event.name,
        "id": event.id,
        "data": event.data,
        "time": event.occurred_at,
    }
