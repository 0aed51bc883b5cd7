"""The engine as a consumer of the outbox: events start runs, and find the runs they are for."""

from collections.abc import Collection

from sqlalchemy import select

from kernel.events import DeliveredEvent
from kernel.jobs import JobKind
from kernel.outbox import Consumer
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import ContentFault, Event, event_from_json, event_key
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.inbox import lock_run, receive
from workflow_engine.runtime.performing import DELIVER_TO_RUN
from workflow_engine.runtime.runs import drain_or_leave
from workflow_engine.runtime.starting import start_runs
from workflow_engine.runtime.tables import Run, RunTrigger, RunWait


def consumer(engine: Engine) -> Consumer:
    """Return the engine's ear on the outbox."""

    def receive_event(uow: UnitOfWork, event: DeliveredEvent) -> None:
        start_runs(uow, engine, event)
        deliver_to_waiting_runs(uow, engine, event)

    return Consumer("workflow", _listened_for, receive_event)


def job_kinds(engine: Engine) -> list[JobKind]:
    """Return the engine's kinds of job: a letter from one run to another."""

    def deliver(uow: UnitOfWork, letter: object) -> None:
        assert isinstance(letter, dict)
        _deliver_letter(uow, engine, letter)

    return [JobKind(DELIVER_TO_RUN, deliver)]


def deliver_to_waiting_runs(uow: UnitOfWork, engine: Engine, event: DeliveredEvent) -> None:
    """Give an event to every run that waits for it by key, runs locked in the order of ids."""
    for run_id in sorted(_waiting_runs(uow, engine, event)):
        run = lock_run(uow, run_id)
        if run.state == "finished":
            continue
        told = Event(event.name, data=event.data, id=event.id)
        if receive(uow, run, told, event.id) is not None and run.state == "active":
            drain_or_leave(uow, engine, run)


def _listened_for(uow: UnitOfWork, names: Collection[str]) -> Collection[str]:
    starts = select(RunTrigger.event).where(RunTrigger.event.in_(names)).distinct()
    awaited = select(RunWait.event).where(RunWait.event.in_(names)).distinct()
    return {*uow.session.scalars(starts), *uow.session.scalars(awaited)}


def _waiting_runs(uow: UnitOfWork, engine: Engine, event: DeliveredEvent) -> set[str]:
    definitions = (
        select(Run.definition_id)
        .join(RunWait, (RunWait.tenant_id == Run.tenant_id) & (RunWait.run_id == Run.id))
        .where(RunWait.event == event.name)
        .distinct()
    )
    found: set[str] = set()
    for definition_id in uow.session.scalars(definitions):
        compiled = engine.compiled(uow, definition_id)
        seen = {"name": event.name, "id": event.id, "data": event.data}
        try:
            keys = event_key(compiled, seen, uow.now)
        except ContentFault:
            # The event has not the field that this definition correlates by: it is not for it.
            continue
        for correlation_id, key in keys.items():
            found.update(
                uow.session.scalars(
                    select(RunWait.run_id)
                    .join(Run, (Run.tenant_id == RunWait.tenant_id) & (Run.id == RunWait.run_id))
                    .where(
                        RunWait.event == event.name,
                        RunWait.key == key,
                        RunWait.correlation_id == correlation_id,
                        Run.definition_id == definition_id,
                    )
                )
            )
    return found


def _deliver_letter(uow: UnitOfWork, engine: Engine, letter: dict[str, object]) -> None:
    event = event_from_json(letter["event"])  # type: ignore[arg-type] # As performing wrote it.
    target = uow.session.get(Run, (uow.tenant_id, letter["to"]))
    if target is None or target.state == "finished":
        fault = {"code": "send.no_such_run", "message": f"There is no run {letter['to']}."}
        back = Event("error.communication", type="platform", data=fault, sendid=event.sendid)
        _give(uow, engine, str(letter["from"]), back, f"{letter['dedupe_key']}:returned")
    else:
        _give(uow, engine, target.id, event, str(letter["dedupe_key"]))


def _give(uow: UnitOfWork, engine: Engine, run_id: str, event: Event, dedupe_key: str) -> None:
    run = lock_run(uow, run_id)
    if run.state == "active" and receive(uow, run, event, dedupe_key) is not None:
        drain_or_leave(uow, engine, run)
