"""A run and its inbox: lock, receive, drain.

Lock order: the run first; only then its tasks, timers and steps, and what its local steps touch.
Several runs are locked in the order of their ids.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select, update

from kernel.audit import Subject
from kernel.canonical import canonical_bytes, read_json, to_json
from kernel.errors import NotFound
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    Compiled,
    Event,
    Outcome,
    Snapshot,
    event_from_json,
    event_to_json,
    read_snapshot,
    step,
    write_snapshot,
)
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.performing import Performance, perform
from workflow_engine.runtime.tables import Run, RunHistory, RunInbox

EVENTS_PER_DRAIN = 20
INBOX_MAX = 1000


def lock_run(uow: UnitOfWork, run_id: str) -> Run:
    """Take a run's lock, and read it as it then stands; NotFound where there is none."""
    run = uow.session.scalar(
        select(Run)
        .where(Run.id == run_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound("run", run_id)
    return run


def receive(uow: UnitOfWork, run: Run, event: Event, dedupe_key: str) -> RunInbox | None:
    """Put an event into the inbox of a locked run; None where it was received before."""
    known = exists().where(RunInbox.run_id == run.id, RunInbox.dedupe_key == dedupe_key)
    if uow.session.scalar(select(known)):
        return None
    run.received += 1
    message = RunInbox(
        tenant_id=uow.tenant_id,
        run_id=run.id,
        number=run.received,
        dedupe_key=dedupe_key,
        event=event_to_json(event),
        received_at=uow.now,
    )
    uow.session.add(message)
    return message


def begin(uow: UnitOfWork, engine: Engine, run: Run, compiled: Compiled, outcome: Outcome) -> None:
    """Store and perform what starting a run asked for, and go on while it has local work."""
    stand = _Stand(compiled, outcome.snapshot)
    _advance(uow, engine, run, stand, Event("run.started"), outcome)
    drain(uow, engine, run, stand)


def drain(uow: UnitOfWork, engine: Engine, run: Run, stand: "_Stand | None" = None) -> None:
    """Give a locked run the events that wait in its inbox, in their order, up to twenty.

    Local steps run here, in the same transaction; their completions are received and taken in
    the same drain. What is left wakes a worker. A run that is an incident takes nothing: what
    arrives waits until a person has it tried again.
    """
    if stand is None:
        compiled = engine.compiled(uow, run.definition_id)
        stand = _Stand(compiled, read_snapshot(compiled, read_json(run.snapshot)))
    taken: list[str] = []
    while len(taken) < EVENTS_PER_DRAIN and run.state != "incident":
        message = _next_message(uow, run)
        if message is None:
            break
        event = event_from_json(message.event)
        outcome = step(stand.compiled, stand.snapshot, event, uow.now, trace="decisions")
        message.disposition = outcome.disposition
        _advance(uow, engine, run, stand, event, outcome)
        taken.append(event.name)
    run.snapshot = canonical_bytes(write_snapshot(stand.compiled, stand.snapshot)).decode()
    _note_readiness(uow, run)
    uow.record(
        "run.advance",
        Subject("run", run.id),
        authority=stand.compiled.hash,
        facts={"events": taken, "outcome": run.outcome},
    )


class _Stand:
    """A run's compiled definition and its snapshot while it is moved."""

    def __init__(self, compiled: Compiled, snapshot: Snapshot) -> None:
        self.compiled = compiled
        self.snapshot = snapshot


def _advance(
    uow: UnitOfWork, engine: Engine, run: Run, stand: _Stand, event: Event, outcome: Outcome
) -> None:
    stand.snapshot = outcome.snapshot
    performance = Performance(uow, engine, run)
    for effect in outcome.effects:
        perform(performance, effect)
    if outcome.disposition == "halted":
        run.state = "incident"
    run.recorded += 1
    uow.session.add(
        RunHistory(
            tenant_id=uow.tenant_id,
            run_id=run.id,
            number=run.recorded,
            at=uow.now,
            event=event.name,
            disposition=outcome.disposition,
            states=list(stand.compiled.leaves(stand.snapshot.configuration)),
            trace=[dict(to_json(record)) for record in outcome.trace],
            effects=[_told(effect) for effect in outcome.effects],
            actor_id=uow.actor.id,
        )
    )
    for completion in performance.completions():
        receive(uow, run, completion.event, completion.dedupe_key)


def _told(effect: object) -> dict[str, Any]:
    fields: Mapping[str, Any] = to_json(effect)
    return {"effect": type(effect).__name__, **fields}


def _next_message(uow: UnitOfWork, run: Run) -> RunInbox | None:
    return uow.session.scalar(
        select(RunInbox)
        .where(RunInbox.run_id == run.id, RunInbox.disposition.is_(None))
        .order_by(RunInbox.number)
        .limit(1)
    )


def _note_readiness(uow: UnitOfWork, run: Run) -> None:
    is_ready = run.state != "incident" and _next_message(uow, run) is not None
    uow.session.execute(
        update(Run).where(Run.id == run.id).values(ready=is_ready, attempts=0, lease_until=None)
    )
    if is_ready:
        uow.wake_workers()


def stop_with_incident(uow: UnitOfWork, run: Run, code: str, cause: str) -> None:
    """Halt a locked run that cannot go on by itself, and give it to a person.

    A run that has ended stays as it is: then only what it left behind is a person's.
    """
    run.incident = code
    if run.state == "active":
        run.state = "incident"
    uow.session.execute(update(Run).where(Run.id == run.id).values(ready=False, lease_until=None))
    uow.record("run.halt", Subject("run", run.id), outcome="failed", reason=cause)
    raise_exception(
        uow,
        kind="run.incident",
        subject=Subject("run", run.id),
        cause=f"{code}: {cause}"[:500],
        due_within=timedelta(hours=8),
        severity="high",
    )
