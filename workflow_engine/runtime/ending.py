"""The end of a run: nobody finds it any more, and everybody is told."""

from sqlalchemy import select

from kernel.uow import UnitOfWork
from workflow_engine.runtime.events import RunFinished
from workflow_engine.runtime.tables import Run, RunWait


def finish(uow: UnitOfWork, run: Run, outcome: str) -> None:
    """Note that a locked run has ended."""
    run.state, run.outcome, run.ended_at = "finished", outcome, uow.now
    run.exclusive_subject = None
    forget_waits(uow, run)
    uow.emit(RunFinished(run.id, run.key, run.subject_kind, run.subject_id, outcome))


def forget_waits(uow: UnitOfWork, run: Run) -> None:
    """Let no event find the run any more."""
    for wait in uow.session.scalars(select(RunWait).where(RunWait.run_id == run.id)):
        uow.session.delete(wait)
