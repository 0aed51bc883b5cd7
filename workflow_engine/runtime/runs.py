"""Moving runs: drained of the events in their inbox, cancelled, halted."""

import dataclasses
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import (
    Compiled,
    Event,
    Finished,
    Outcome,
    Snapshot,
    cancel,
    event_from_json,
    resume,
    start,
    step,
)
from workflow_engine.runtime.beginning import BEGIN
from workflow_engine.runtime.calendars import TenantCalendars
from workflow_engine.runtime.ending import finish, forget_waits
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.flows import tell_cancelled
from workflow_engine.runtime.inbox import append
from workflow_engine.runtime.performing import Performance, perform
from workflow_engine.runtime.snapshots import keep_snapshot, snapshot_of
from workflow_engine.runtime.steps import Completion
from workflow_engine.runtime.tables import Run, RunHistory, RunInbox
from workflow_engine.runtime.undoing import CANCELLED, undo_next

EVENTS_PER_DRAIN = 20

log = structlog.get_logger(__name__)


def drain_or_leave(
    uow: UnitOfWork, engine: Engine, run: Run, told: Completion | None = None
) -> None:
    """Drain a locked run as part of something else, which must not fail because of it.

    `told` is what it receives first, under a key that was certainly never used. Where the run
    breaks on the way, nothing of the drain is left but what it received, and a worker tries it
    on its own: what others did in this transaction stands (REL-24).
    """
    try:
        with uow.savepoint():
            drain(uow, engine, run, received=_received(uow, run, told))
    except (OperationalError, InternalError, InterfaceError):
        # A deadlock or a lost connection: the whole transaction is over, and is tried again.
        raise
    except Exception as error:
        log.warning("run.left", run_id=run.id, error=type(error).__name__)
        _received(uow, run, told)
        uow.session.execute(update(Run).where(Run.id == run.id).values(ready=True))
        uow.wake_workers()


def _received(uow: UnitOfWork, run: Run, told: Completion | None) -> RunInbox | None:
    return None if told is None else append(uow, run, told.event, told.dedupe_key)


def drain(
    uow: UnitOfWork,
    engine: Engine,
    run: Run,
    stand: "_Stand | None" = None,
    received: RunInbox | None = None,
) -> None:
    """Give a locked run the events that wait in its inbox, in their order, up to twenty.

    Local steps run here, in the same transaction; their completions are received and taken in
    the same drain. What is left wakes a worker. A run that is an incident takes nothing: what
    arrives waits until a person has it tried again.
    """
    stand = stand or _stand_of(uow, engine, run)
    taken: list[str] = []
    waiting = _begin_with(uow, run, received)
    while waiting and len(taken) < EVENTS_PER_DRAIN and run.state != "incident":
        message = waiting.popleft()
        event = event_from_json(message.event)
        outcome = _outcome(uow, run, stand, event)
        message.disposition = outcome.disposition
        waiting += _advance(uow, engine, run, stand, event, outcome)
        taken.append(event.name)
        if run.state == "undoing":
            waiting += _undo_next(uow, engine, run, stand)
        if run.ready and not waiting:
            waiting = _waiting_messages(uow, run)
    if stand.snapshot is not None:
        keep_snapshot(stand.compiled, run, stand.snapshot, uow.now)
    _note_readiness(uow, run, is_ready=bool(waiting))
    uow.record(
        "run.advance",
        Subject("run", run.id),
        authority=stand.compiled.hash,
        facts={"events": taken, "outcome": run.outcome},
    )


def _outcome(uow: UnitOfWork, run: Run, stand: "_Stand", event: Event) -> Outcome:
    if stand.snapshot is not None:
        return step(
            stand.compiled,
            stand.snapshot,
            event,
            uow.now,
            trace="decisions",
            calendars=stand.calendars,
        )
    assert event.name == BEGIN, "the first event of a run is the one that begins it"
    return start(
        stand.compiled,
        event.data,
        uow.now,
        run_id=run.id,
        has_parent=run.parent_id is not None,
        trace="decisions",
        calendars=stand.calendars,
    )


def cancel_run(uow: UnitOfWork, engine: Engine, run: Run, *, undoes: bool) -> None:
    """End a locked run from outside: everything open is withdrawn, its children are cancelled.

    With `undoes`, what it did is then undone, latest first, and only after that has it ended and
    its parent is told; without, its effects stay and nobody is told.
    """
    stand = _stand_of(uow, engine, run)
    stand.undoes = undoes
    if stand.snapshot is None:
        for message in _waiting_messages(uow, run):
            message.disposition = "finished"
        finish(uow, run, CANCELLED)
        _note_readiness(uow, run, is_ready=False)
        if undoes:
            tell_cancelled(uow, run)
        return
    outcome = cancel(stand.compiled, resume(stand.snapshot), uow.now, outcome=CANCELLED)
    kept = tuple(each for each in outcome.effects if not isinstance(each, Finished))
    run.state = "undoing"
    forget_waits(uow, run)
    moved = dataclasses.replace(outcome, effects=kept)
    _advance(uow, engine, run, stand, Event("run.cancelled"), moved)
    if undoes:
        _undo_next(uow, engine, run, stand)
    else:
        finish(uow, run, CANCELLED)
    drain(uow, engine, run, stand)


def _undo_next(uow: UnitOfWork, engine: Engine, run: Run, stand: "_Stand") -> list[RunInbox]:
    assert stand.snapshot is not None
    stand.snapshot, completion = undo_next(uow, engine, run, stand.compiled, stand.snapshot)
    if completion is None:
        return []
    return [append(uow, run, completion.event, completion.dedupe_key)]


class _Stand:
    """A run's compiled definition and its snapshot while it is moved; None before it begins."""

    def __init__(
        self, compiled: Compiled, snapshot: Snapshot | None, calendars: TenantCalendars
    ) -> None:
        self.calendars = calendars
        self.undoes = False
        self.compiled = compiled
        self.snapshot = snapshot


def _stand_of(uow: UnitOfWork, engine: Engine, run: Run) -> _Stand:
    compiled = engine.compiled(uow, run.definition_id)
    return _Stand(compiled, snapshot_of(compiled, run), TenantCalendars(uow))


def _advance(
    uow: UnitOfWork, engine: Engine, run: Run, stand: _Stand, event: Event, outcome: Outcome
) -> list[RunInbox]:
    """Perform an outcome; return what the run itself was sent, new rows of its inbox."""
    stand.snapshot = outcome.snapshot
    performance = Performance(
        uow,
        engine,
        run,
        stand.calendars,
        lambda child: cancel_run(uow, engine, child, undoes=stand.undoes),
    )
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
            event="run.started" if event.name == BEGIN else event.name,
            disposition=outcome.disposition,
            states=list(stand.compiled.leaves(outcome.snapshot.configuration)),
            trace=[dict(to_json(record)) for record in outcome.trace],
            effects=[_told(effect) for effect in outcome.effects],
            actor_id=uow.actor.id,
        )
    )
    return [
        append(uow, run, completion.event, completion.dedupe_key)
        for completion in performance.completions()
    ]


def _told(effect: object) -> dict[str, Any]:
    fields: Mapping[str, Any] = to_json(effect)
    return {"effect": type(effect).__name__, **fields}


def _begin_with(uow: UnitOfWork, run: Run, received: RunInbox | None) -> deque[RunInbox]:
    """Return what a drain takes first, without asking the database where the row knows it.

    An active run whose inbox holds anything is ready: so one that is not has only what this
    transaction has just received.
    """
    if received is not None and run.state == "active" and not run.ready:
        return deque([received])
    return _waiting_messages(uow, run)


def _waiting_messages(uow: UnitOfWork, run: Run) -> deque[RunInbox]:
    """Return what waits in the inbox of a locked run: one more than a drain takes, at most.

    From then on it is ready only if somebody else of its family gives it more.
    """
    run.ready = False
    return deque(
        uow.session.scalars(
            select(RunInbox)
            .where(RunInbox.run_id == run.id, RunInbox.disposition.is_(None))
            .order_by(RunInbox.number)
            .limit(EVENTS_PER_DRAIN + 1)
        )
    )


def _note_readiness(uow: UnitOfWork, run: Run, *, is_ready: bool) -> None:
    is_ready = is_ready and run.state != "incident"
    # Attributes, not a statement of their own: they go out with what else changed in the row.
    run.ready, run.attempts, run.lease_until = is_ready, 0, None
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
