"""What the database asks to be tried again is tried again (REL-14)."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.audit import Subject
from kernel.errors import Refusal
from kernel.retry import ATTEMPTS_MAX, with_retries
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from tests.concurrency.racing import race, raised
from tests.conftest import ACME
from tests.kernel.test_uow import ANA, a_setting

Step = Callable[[UnitOfWork], None]


def two_shelves(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        for scope in ("north", "south"):
            a_setting(uow, scope, 0)
        uow.record("settings.write", Subject("setting", "both"))


def values(runtime: Runtime) -> list[int]:
    with runtime.unit_of_work(ACME, ANA) as uow:
        keys = ((ACME, scope, "stock.buffer") for scope in ("north", "south"))
        return [uow.session.get_one(Setting, key).value for key in keys]


def add_one(uow: UnitOfWork, scope: str) -> None:
    row = uow.session.get_one(
        Setting, (ACME, scope, "stock.buffer"), with_for_update=True, populate_existing=True
    )
    row.value += 1
    uow.session.flush()


class Pair:
    """Two transactions that collide on their first attempt, for certain."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.meeting = Barrier(2)
        self.attempts: list[str] = []

    def run(self, first: tuple[Step, Step], second: tuple[Step, Step]) -> None:
        outcomes = race(
            [partial(self._transact, "first", first), partial(self._transact, "second", second)]
        )
        assert raised(outcomes, Refusal) == 0

    def _transact(self, name: str, steps: tuple[Step, Step]) -> None:
        def unit() -> None:
            self.attempts.append(name)
            with self.runtime.unit_of_work(ACME, ANA, work_class="batch") as uow:
                steps[0](uow)
                if self.attempts.count(name) == 1:
                    self.meeting.wait(20)
                steps[1](uow)
                uow.record("settings.write", Subject("setting", name))

        with_retries(unit)


def test_a_deadlock_is_tried_again_and_both_have_their_effect(runtime: Runtime) -> None:
    """REL-14: 40P01, forced by two transactions that lock in opposite orders."""
    two_shelves(runtime)
    pair = Pair(runtime)

    pair.run(
        (lambda uow: add_one(uow, "north"), lambda uow: add_one(uow, "south")),
        (lambda uow: add_one(uow, "south"), lambda uow: add_one(uow, "north")),
    )

    assert values(runtime) == [2, 2]
    assert len(pair.attempts) == 3


def test_a_serialization_failure_is_tried_again_and_the_result_is_as_if_in_turn(
    runtime: Runtime,
) -> None:
    """REL-14: 40001, forced by two that each read what the other writes."""
    two_shelves(runtime)
    engine = runtime.database.engine
    meeting = Barrier(2)
    attempts: list[str] = []

    def put_the_sum(scope: str) -> Callable[[], None]:
        def unit() -> None:
            attempts.append(scope)
            alone = engine.execution_options(isolation_level="SERIALIZABLE")
            with alone.begin() as connection:
                connection.execute(
                    text("SELECT set_config('app.tenant_id', :t, true)"), {"t": ACME}
                )
                more = "SELECT sum((value)::int) + 1 FROM setting"
                total = connection.execute(text(more)).scalar_one()
                if attempts.count(scope) == 1:
                    meeting.wait(20)
                write = "UPDATE setting SET value = to_jsonb((:n)::int) WHERE scope_id = :s"
                connection.execute(text(write), {"n": int(total), "s": scope})

        return unit

    outcomes = race([partial(with_retries, put_the_sum(scope)) for scope in ("north", "south")])

    assert raised(outcomes, Refusal) == 0
    assert sorted(values(runtime)) == [1, 2]
    assert len(attempts) == 3


class Failing:
    """A unit that fails a number of times before it succeeds."""

    def __init__(self, cause: psycopg.Error, times: int) -> None:
        self.cause = cause
        self.failures_left = times
        self.attempts = 0

    def __call__(self) -> str:
        self.attempts += 1
        if self.failures_left:
            self.failures_left -= 1
            raise DBAPIError("UPDATE", None, self.cause)
        return "done"


def test_it_is_tried_five_times_and_no_more() -> None:
    enough = Failing(errors.DeadlockDetected(), ATTEMPTS_MAX - 1)
    too_many = Failing(errors.SerializationFailure(), ATTEMPTS_MAX)

    assert with_retries(enough) == "done"
    with pytest.raises(DBAPIError):
        with_retries(too_many)

    assert (enough.attempts, too_many.attempts) == (5, 5)


@pytest.mark.parametrize(
    "cause",
    [
        errors.UniqueViolation(),
        errors.LockNotAvailable(),
        errors.QueryCanceled(),
        errors.AdminShutdown(),
    ],
)
def test_what_the_database_does_not_ask_for_is_not_tried_again(cause: psycopg.Error) -> None:
    unit = Failing(cause, 1)

    with pytest.raises(DBAPIError):
        with_retries(unit)

    assert unit.attempts == 1
