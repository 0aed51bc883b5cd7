"""The engine's work for any worker: ready runs, due timers, steps that are not local."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, update

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.errors import Refusal
from kernel.log import without_secrets
from kernel.retry import with_retries
from kernel.uow import UnitOfWork
from kernel.work import LEASE_SECONDS, Claim, LostLease, OpenUnit, WorkSource, backoff
from workflow_engine.interpreter import timer_due
from workflow_engine.runtime.calling import Answer, Plan, conclude, make_call, plan_call
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.leases import kept_alive
from workflow_engine.runtime.runs import drain, drain_or_leave, stop_with_incident
from workflow_engine.runtime.steps import Completion, do_step
from workflow_engine.runtime.tables import Run, RunStep, RunTimer
from workflow_engine.runtime.task_deadlines import reach

ATTEMPTS_MAX = 8

Result = TypeVar("Result")


class RunWork:
    """Moves runs on in the background."""

    def __init__(
        self, engine: Engine, open_unit: OpenUnit, *, lease_seconds: int = LEASE_SECONDS
    ) -> None:
        """Take the engine, the way to units of work, and how long claims are held."""
        self._engine = engine
        self._open_unit = open_unit
        self._lease_seconds = lease_seconds

    def sources(self) -> list[WorkSource]:
        """Return the kinds of work, as the database names them."""
        return [
            WorkSource("run_timer", lambda claim: self._do(claim, RunTimer, self._fire)),
            WorkSource(
                "run_step",
                lambda claim: self._do(claim, RunStep, self._do_step),
                takes_turns=True,
            ),
            WorkSource("run", lambda claim: self._do(claim, Run, self._drain), takes_turns=True),
        ]

    def _do(
        self,
        claim: Claim,
        table: type[Run | RunTimer | RunStep],
        attempt: Callable[[Claim], None],
    ) -> None:
        """Try; what keeps failing halts its run, and no other."""
        try:
            attempt(claim)
        except LostLease:
            raise
        except Exception as error:
            with self._open_unit(claim.tenant_id, system_actor("workflow")) as uow:
                self._postpone(uow, claim, table, error)

    def _unit(self, claim: Claim, verb: Callable[[UnitOfWork], Result]) -> Result:
        """Do something in a transaction of its own, again on a deadlock."""

        def unit() -> Result:
            with self._open_unit(claim.tenant_id, system_actor("workflow")) as uow:
                return verb(uow)

        return with_retries(unit)

    def _drain(self, claim: Claim) -> None:
        def unit(uow: UnitOfWork) -> None:
            run = lock_run(uow, claim.id)
            if run.fence != claim.fence:
                raise LostLease(claim.id)
            drain(uow, self._engine, run)

        self._unit(claim, unit)

    def _fire(self, claim: Claim) -> None:
        def unit(uow: UnitOfWork) -> None:
            timer = uow.session.get_one(RunTimer, (uow.tenant_id, claim.id))
            run = lock_run(uow, timer.run_id)
            uow.session.refresh(timer)
            if timer.fence != claim.fence or timer.state != "waiting":
                raise LostLease(claim.id)
            timer.state = "fired"
            if timer.about is not None:
                told = reach(uow, timer)
            else:
                told = Completion(timer_due(timer.timer_id), timer.id)
            uow.record("timer.fire", Subject("run", run.id))
            drain_or_leave(uow, self._engine, run, told)

        self._unit(claim, unit)

    def _do_step(self, claim: Claim) -> None:
        """Do a step in one transaction, or in the three moves of a call outside of any."""
        plan = self._unit(claim, lambda uow: self._begin_step(uow, claim))
        if plan is None:
            return
        with kept_alive(self._open_unit, claim, self._lease_seconds):
            answer = make_call(plan)
        self._unit(claim, lambda uow: self._end_call(uow, claim, plan, answer))

    def _begin_step(self, uow: UnitOfWork, claim: Claim) -> Plan | None:
        run, step = _held(uow, claim)
        if self._engine.catalogue[step.action].outside is None:
            self._tell(uow, run, step, do_step(uow, self._engine, run, step))
            return None
        planned = plan_call(uow, self._engine, run, step)
        if isinstance(planned, Plan):
            return planned
        self._tell(uow, run, step, planned)
        return None

    def _end_call(self, uow: UnitOfWork, claim: Claim, plan: Plan, answer: Answer) -> None:
        run, step = _held(uow, claim)
        self._tell(uow, run, step, conclude(uow, run, step, plan, answer))

    def _tell(
        self, uow: UnitOfWork, run: Run, step: RunStep, completion: Completion | None
    ) -> None:
        uow.record("step.conclude", Subject("run", run.id), facts={"step": step.id})
        drain_or_leave(uow, self._engine, run, completion)

    def _postpone(
        self,
        uow: UnitOfWork,
        claim: Claim,
        table: type[Run | RunTimer | RunStep],
        error: Exception,
    ) -> None:
        row = uow.session.get_one(table, (uow.tenant_id, claim.id))
        assert isinstance(row, (Run, RunTimer, RunStep))
        attempts = row.attempts + 1
        held = uow.session.execute(
            update(table)
            .where(table.id == claim.id, table.fence == claim.fence)
            .values(
                attempts=attempts,
                lease_until=None,
                next_at=func.clock_timestamp() + backoff(attempts),
                last_error=_told(error),
            )
            .returning(table.id)
        )
        if held.one_or_none() is None:
            raise LostLease(claim.id)
        if attempts >= ATTEMPTS_MAX:
            self._give_up(uow, row, error)

    def _give_up(self, uow: UnitOfWork, row: Run | RunTimer | RunStep, error: Exception) -> None:
        run = lock_run(uow, row.id if isinstance(row, Run) else row.run_id)
        if not isinstance(row, Run):
            row.state = "parked"
        stop_with_incident(uow, run, "run.cannot_go_on", _told(error))


def _held(uow: UnitOfWork, claim: Claim) -> tuple[Run, RunStep]:
    """Lock a step's run and read the step; LostLease where another worker holds it by now."""
    step = uow.session.get_one(RunStep, (uow.tenant_id, claim.id))
    run = lock_run(uow, step.run_id)
    uow.session.refresh(step)
    if step.fence != claim.fence or step.state not in ("waiting", "abandoned"):
        raise LostLease(claim.id)
    return run, step


def _told(error: Exception) -> str:
    if isinstance(error, Refusal):
        return str(error)
    return without_secrets(f"{type(error).__name__}: {error}")[:500]
