"""Cancelling a run: a person's decision, with a reason; what it did is undone."""

from kernel.audit import Subject
from kernel.uow import UnitOfWork
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.errors import EndedAlready
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.reasons import reason_given
from workflow_engine.runtime.retrying import MEND_RUNS
from workflow_engine.runtime.runs import cancel_run
from workflow_engine.runtime.tables import Run


def cancel(uow: UnitOfWork, engine: Engine, run_id: str, reason: str) -> Run:
    """Withdraw everything a run has open, undo what it did, and end it as `cancelled`.

    What can be undone here is undone in this transaction; the rest by workers, one step after
    the other, latest first. An undoing that fails leaves the run an incident. EndedAlready where
    the run has ended or is being cancelled.
    """
    uow.actor.must(MEND_RUNS)
    reason = reason_given(reason)
    run = lock_run(uow, run_id)
    if run.state in ("finished", "undoing"):
        raise EndedAlready(run.id, run.state, run.outcome)
    cancel_run(uow, engine, run, undoes=True)
    uow.record("run.cancel", Subject("run", run.id), reason=reason)
    return run
