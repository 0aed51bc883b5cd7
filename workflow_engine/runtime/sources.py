"""The engine's work for any worker: ready runs, due timers, steps that are not local."""

from collections.abc import Callable

from sqlalchemy import func, update

from kernel.access import system_actor
from kernel.errors import Refusal
from kernel.log import without_secrets
from kernel.retry import with_retries
from kernel.uow import UnitOfWork
from kernel.work import Claim, LostLease, OpenUnit, WorkSource, backoff
from workflow_engine.interpreter import timer_due
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.runs import drain, lock_run, receive, stop_with_incident
from workflow_engine.runtime.steps import do_step
from workflow_engine.runtime.tables import Run, RunStep, RunTimer

ATTEMPTS_MAX = 8

Attempt = Callable[[UnitOfWork, Claim], None]


class RunWork:
    """Moves runs on in the background."""

    def __init__(self, engine: Engine, open_unit: OpenUnit) -> None:
        """Take the engine and the way to units of work."""
        self._engine = engine
        self._open_unit = open_unit

    def sources(self) -> list[WorkSource]:
        """Return the kinds of work, as the database names them."""
        return [
            WorkSource("run_timer", lambda claim: self._do(claim, self._fire)),
            WorkSource("run_step", lambda claim: self._do(claim, self._do_step)),
            WorkSource("run", lambda claim: self._do(claim, self._drain)),
        ]

    def _do(self, claim: Claim, attempt: Attempt) -> None:
        """Try in a transaction, again on a deadlock; what keeps failing halts its run."""

        def unit() -> None:
            with self._open_unit(claim.tenant_id, system_actor("workflow")) as uow:
                attempt(uow, claim)

        try:
            with_retries(unit)
        except LostLease:
            raise
        except Exception as error:
            with self._open_unit(claim.tenant_id, system_actor("workflow")) as uow:
                self._postpone(uow, claim, error)

    def _drain(self, uow: UnitOfWork, claim: Claim) -> None:
        run = lock_run(uow, claim.id)
        if run.fence != claim.fence:
            raise LostLease(claim.id)
        drain(uow, self._engine, run)

    def _fire(self, uow: UnitOfWork, claim: Claim) -> None:
        timer = uow.session.get_one(RunTimer, (uow.tenant_id, claim.id))
        run = lock_run(uow, timer.run_id)
        uow.session.refresh(timer)
        if timer.fence != claim.fence or timer.state != "waiting":
            raise LostLease(claim.id)
        timer.state = "fired"
        receive(uow, run, timer_due(timer.timer_id), timer.id)
        drain(uow, self._engine, run)

    def _do_step(self, uow: UnitOfWork, claim: Claim) -> None:
        step = uow.session.get_one(RunStep, (uow.tenant_id, claim.id))
        run = lock_run(uow, step.run_id)
        uow.session.refresh(step)
        if step.fence != claim.fence or step.state != "waiting":
            raise LostLease(claim.id)
        completion = do_step(uow, self._engine, run, step)
        if completion is not None:
            receive(uow, run, completion.event, completion.dedupe_key)
        drain(uow, self._engine, run)

    def _postpone(self, uow: UnitOfWork, claim: Claim, error: Exception) -> None:
        row = _claimed(uow, claim)
        attempts = row.attempts + 1
        table = type(row)
        uow.session.execute(
            update(table)
            .where(table.id == claim.id, table.fence == claim.fence)
            .values(
                attempts=attempts,
                lease_until=None,
                next_at=func.clock_timestamp() + backoff(attempts),
                last_error=_told(error),
            )
        )
        if attempts >= ATTEMPTS_MAX:
            self._give_up(uow, row, error)

    def _give_up(self, uow: UnitOfWork, row: Run | RunTimer | RunStep, error: Exception) -> None:
        run = lock_run(uow, row.id if isinstance(row, Run) else row.run_id)
        if isinstance(row, RunTimer):
            row.state = "fired"
        elif isinstance(row, RunStep):
            row.state = "failed"
        stop_with_incident(uow, run, "run.cannot_go_on", _told(error))


def _claimed(uow: UnitOfWork, claim: Claim) -> Run | RunTimer | RunStep:
    key = (uow.tenant_id, claim.id)
    found = (
        uow.session.get(Run, key) or uow.session.get(RunTimer, key) or uow.session.get(RunStep, key)
    )
    assert found is not None, f"{claim.id} was claimed and is gone"
    return found


def _told(error: Exception) -> str:
    if isinstance(error, Refusal):
        return str(error)
    return without_secrets(f"{type(error).__name__}: {error}")[:500]
