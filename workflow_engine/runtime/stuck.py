"""Finds runs that are active and wait for nothing, and gives each to a person."""

from datetime import timedelta

from sqlalchemy import text

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.duties import Chore
from kernel.exceptions import raise_exception
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.queries import in_hand

STUCK = "run.stuck"
FOUND_MAX = 200
EVERY_TICKS = 15

_STUCK = text(
    # Runs of all tenants that nothing will ever move; oldest plans first costs nothing here.
    "SELECT tenant_id, id FROM stuck_runs(:most)"
)


def find_stuck_runs(runtime: Runtime) -> int:
    """Raise an exception for each run that stands still without an incident; tell how many.

    A run that moved since it was found is left alone: it is looked at again under its lock.
    """
    with runtime.database.engine.begin() as connection:
        found = connection.execute(_STUCK, {"most": FOUND_MAX}).all()
    for row in found:
        with runtime.unit_of_work(
            TenantId(row.tenant_id), system_actor("workflow"), work_class="job"
        ) as uow:
            _give_to_a_person(uow, row.id)
    return len(found)


def _give_to_a_person(uow: UnitOfWork, run_id: str) -> None:
    run = lock_run(uow, run_id)
    left = in_hand(uow, run_id)
    waits = (left.steps, left.timers, left.tasks, left.waits, left.children)
    is_waiting = any(map(len, waits)) or left.untaken
    if is_waiting or run.state not in ("active", "undoing") or run.incident is not None:
        return
    run.incident = STUCK
    uow.record("run.stuck", Subject("run", run.id), outcome="failed")
    raise_exception(
        uow,
        kind=STUCK,
        subject=Subject("run", run.id),
        cause="The run is active, yet waits for no event, time, step, person or other run.",
        due_within=timedelta(hours=8),
        severity="high",
    )


def _look(runtime: Runtime) -> None:
    find_stuck_runs(runtime)


STUCK_RUNS = Chore(STUCK, EVERY_TICKS, _look)
