"""Undoing what a cancelled run did: latest first, one at a time, each an ordinary step."""

from sqlalchemy import exists, or_, select

from kernel.uow import UnitOfWork
from workflow_engine.interpreter import Compiled, Snapshot
from workflow_engine.interpreter.mending import undo_latest
from workflow_engine.runtime.ending import finish
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.flows import tell_cancelled
from workflow_engine.runtime.steps import Completion, ask_step
from workflow_engine.runtime.tables import Run, RunStep

CANCELLED = "cancelled"

_OPEN = ("waiting", "abandoned", "parked")


def undo_next(
    uow: UnitOfWork, engine: Engine, run: Run, compiled: Compiled, snapshot: Snapshot
) -> tuple[Snapshot, Completion | None]:
    """Ask for the next undoing of a locked run, or end the run where all are done.

    One that failed, or an effect of which nobody knows, keeps the run an incident: nothing that
    was done is forgotten. While an undoing is under way, nothing is asked.
    """
    if _exists(uow, run, RunStep.compensates.is_not(None), RunStep.state.in_(_OPEN)):
        return snapshot, None
    living = exists().where(Run.parent_id == run.id, Run.state != "finished")
    if uow.session.scalar(select(living)):
        # What its children did came later: it is undone first, and they tell when it is.
        return snapshot, None
    snapshot, effect = undo_latest(compiled, snapshot)
    if effect is not None:
        return snapshot, ask_step(uow, engine, run, effect)
    failed = (RunStep.compensates.is_not(None)) & (RunStep.state == "failed")
    if _exists(uow, run, or_(failed, RunStep.state == "doubtful")):
        run.state = "incident"
    else:
        run.incident = None
        finish(uow, run, CANCELLED)
        tell_cancelled(uow, run)
    return snapshot, None


def _exists(uow: UnitOfWork, run: Run, *conditions: object) -> bool:
    found = select(exists().where(RunStep.run_id == run.id, *conditions))  # type: ignore[arg-type] # Conditions.
    return bool(uow.session.scalar(found))
