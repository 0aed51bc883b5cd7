"""The engine as a consumer of the outbox: events start runs, and find the runs they are for."""

from collections.abc import Collection

from sqlalchemy import bindparam, exists, or_, select, text, tuple_

from kernel.db import prepared
from kernel.events import DeliveredEvent
from kernel.jobs import JobKind
from kernel.outbox import Consumer, OutboxEvent
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import ContentFault, Event, event_from_json, event_key
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.inbox import append, is_received, lock_run
from workflow_engine.runtime.performing import DELIVER_TO_RUN
from workflow_engine.runtime.runs import drain_or_leave
from workflow_engine.runtime.starting import start_runs
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import Run, RunTrigger, RunWait

# The versions that an event triggers, and those that have living runs: one look into ix_run_open
# for each of them, however many runs there are.
_DEFINITIONS = text(
    "WITH RECURSIVE living AS ("
    " SELECT min(definition_id) AS id FROM run"
    " WHERE tenant_id = :tenant_id AND state <> 'finished' UNION ALL"
    " SELECT (SELECT min(definition_id) FROM run WHERE tenant_id = :tenant_id"
    " AND state <> 'finished' AND definition_id > living.id)"
    " FROM living WHERE living.id IS NOT NULL)"
    " SELECT DISTINCT definition_id AS id, TRUE AS is_triggered FROM run_trigger"
    " WHERE tenant_id = :tenant_id AND event = :event"
    " UNION ALL SELECT id, FALSE FROM living WHERE id IS NOT NULL"
)


# It starts a run here, or a run waits for it.
_LISTENED_FOR = or_(
    exists().where(
        RunTrigger.tenant_id == OutboxEvent.tenant_id, RunTrigger.event == OutboxEvent.name
    ),
    exists().where(RunWait.tenant_id == OutboxEvent.tenant_id, RunWait.event == OutboxEvent.name),
)


def consumer(engine: Engine) -> Consumer:
    """Return the engine's ear on the outbox."""

    def receive_event(uow: UnitOfWork, event: DeliveredEvent) -> None:
        told = {"tenant_id": uow.tenant_id, "event": event.name}
        found = uow.session.execute(_DEFINITIONS, told).all()
        start_runs(uow, engine, event, {row.id for row in found if row.is_triggered})
        # With the triggered: a run that was started just now may wait for the same event.
        _deliver_to_waiting_runs(uow, engine, event, {row.id for row in found})

    return Consumer("workflow", _LISTENED_FOR, receive_event)


def job_kinds(engine: Engine) -> list[JobKind]:
    """Return the engine's kinds of job: a letter from one run to another."""

    def deliver(uow: UnitOfWork, letter: object) -> None:
        assert isinstance(letter, dict)
        _deliver_letter(uow, engine, letter)

    return [JobKind(DELIVER_TO_RUN, deliver)]


def _deliver_to_waiting_runs(
    uow: UnitOfWork, engine: Engine, event: DeliveredEvent, definition_ids: Collection[str]
) -> None:
    """Give an event to every run that waits for it by key, runs locked in the order of ids."""
    for run_id in sorted(_waiting_runs(uow, engine, event, definition_ids)):
        run = lock_run(uow, run_id)
        if run.state == "finished":
            continue
        # This transaction proves that the engine received the event for the first time.
        told = Completion(Event(event.name, data=event.data, id=event.id), event.id)
        if run.state == "active":
            drain_or_leave(uow, engine, run, told)
        else:
            append(uow, run, told.event, told.dedupe_key)


def _waiting_runs(
    uow: UnitOfWork, engine: Engine, event: DeliveredEvent, definition_ids: Collection[str]
) -> set[str]:
    found: set[str] = set()
    for definition_id in sorted(definition_ids):
        compiled = engine.compiled(uow, definition_id)
        seen = {"name": event.name, "id": event.id, "data": event.data}
        try:
            keys = event_key(compiled, seen, uow.now)
        except ContentFault:
            # The event has not the field that this definition correlates by: it is not for it.
            continue
        if not keys:
            continue
        told = {"event": event.name, "keys": list(keys.items()), "definition_id": definition_id}
        found.update(uow.session.scalars(_WAITING, told))
    return found


_WAITING = prepared(
    select(RunWait.run_id)
    .join(Run, (Run.tenant_id == RunWait.tenant_id) & (Run.id == RunWait.run_id))
    .where(
        RunWait.event == bindparam("event"),
        tuple_(RunWait.correlation_id, RunWait.key).in_(bindparam("keys", expanding=True)),
        Run.definition_id == bindparam("definition_id"),
    )
)


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
    if run.state == "active" and not is_received(uow, run, dedupe_key):
        drain_or_leave(uow, engine, run, Completion(event, dedupe_key))
