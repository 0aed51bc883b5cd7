"""Starts runs: an event that a definition listens for becomes a case, once."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select

from kernel.audit import Subject
from kernel.events import DeliveredEvent
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    Compiled,
    ContentFault,
    InputRefused,
    StartRequest,
    match_start,
    subject_key,
)
from workflow_engine.runtime.beginning import Birth, begin_with, create_run
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.runs import drain_or_leave
from workflow_engine.runtime.tables import Run


def start_runs(
    uow: UnitOfWork, engine: Engine, event: DeliveredEvent, triggered: Collection[str]
) -> None:
    """Start the runs that an event asks for, by the definitions that it triggers.

    One that cannot be started is given to a person.
    """
    for definition_id in sorted(triggered):
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
    before = [exists().where(Run.key == key, Run.start_key == start_key)]
    if exclusive is not None:
        before.append(exists().where(Run.key == key, Run.exclusive_subject == exclusive))
    if uow.session.scalar(select(or_(*before))):
        return
    birth = Birth(start_key, subject_id, event.on_behalf_of or event.actor_id, exclusive)
    run = create_run(uow, definition_id, compiled, request.input, birth)
    drain_or_leave(uow, engine, run, begin_with(request.input))


def _seen(event: DeliveredEvent) -> Mapping[str, Any]:
    return {
        "name": event.name,
        "id": event.id,
        "data": event.data,
        "time": event.occurred_at,
    }
