"""A run's lock and its inbox.

Lock order: a family of runs (a run, those it started, and so on) has one lock, its first run's
row; then the run's own row; only then its tasks, timers and steps, and what its local steps
touch. Several families are locked in the order of their ids.
"""

from sqlalchemy import String, any_, bindparam, cast, exists, select
from sqlalchemy.dialects.postgresql import array

from kernel.db import prepared
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.interpreter import Event, event_to_json
from workflow_engine.runtime.tables import Run, RunInbox

_ID = bindparam("id", type_=String)
_ROOT = select(Run.root_id).where(Run.id == _ID).scalar_subquery()
_LOCK = prepared(
    select(Run)
    .where(Run.id == any_(array([cast(_ID, String), _ROOT])))
    # The first run of a family has no parent: it is locked before any other of them.
    .order_by(Run.parent_id.is_not(None), Run.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def lock_run(uow: UnitOfWork, run_id: str) -> Run:
    """Take the lock of a run's family, and read the run as it then stands; NotFound if none."""
    rows = uow.session.scalars(_LOCK, {"id": run_id}).all()
    run = next((row for row in rows if row.id == run_id), None)
    if run is None:
        raise NotFound("run", run_id)
    return run


def receive(uow: UnitOfWork, run: Run, event: Event, dedupe_key: str) -> RunInbox | None:
    """Put an event into the inbox of a locked run; None where it was received before."""
    if is_received(uow, run, dedupe_key):
        return None
    return append(uow, run, event, dedupe_key)


def is_received(uow: UnitOfWork, run: Run, dedupe_key: str) -> bool:
    """Tell whether a locked run was given an event under this key before."""
    known = exists().where(RunInbox.run_id == run.id, RunInbox.dedupe_key == dedupe_key)
    return bool(uow.session.scalar(select(known)))


def append(uow: UnitOfWork, run: Run, event: Event, dedupe_key: str) -> RunInbox:
    """Put an event into the inbox of a locked run under a key that was certainly never used.

    Where it was used after all, the database refuses, and the transaction fails.
    """
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


def receive_for_worker(uow: UnitOfWork, run: Run, event: Event, dedupe_key: str) -> None:
    """Put an event into the inbox of a run of the same locked family, and leave it to a worker."""
    if receive(uow, run, event, dedupe_key) is not None and run.state != "incident":
        run.ready = True
        uow.wake_workers()
