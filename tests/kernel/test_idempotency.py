"""Same key, same answer, one effect: proved with real transactions (API-11, API-12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.idempotency import KEPT_FOR, Answer, KeyReused, StillRunning, remember, replayed
from kernel.idempotency import fingerprint as fingerprint_of
from kernel.ids import TenantId
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.verification import verify
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX
from tests.kernel.test_uow import ANA, a_setting

PRINT = fingerprint_of("POST", "/api/mugs", b'{"count":3}')
CREATED = Answer(201, '{"id":"mug_1"}')


def ask(
    runtime: Runtime,
    key: str = "k-1",
    *,
    client: str = "cli_till",
    print_: str = PRINT,
    tenant_id: TenantId = ACME,
    crashes: bool = False,
) -> tuple[Answer, bool]:
    """Send one request; return its answer, and whether it was a replay."""
    with runtime.unit_of_work(tenant_id, ANA) as uow:
        known = replayed(uow, client, key, print_)
        if known is not None:
            return known, True
        make_a_mug(uow)
        remember(uow, client, key, print_, CREATED)
        if crashes:
            raise RuntimeError("the till caught fire")
    return CREATED, False


def make_a_mug(uow: UnitOfWork) -> None:
    a_setting(uow, scope=uow.new_id("mug"))
    uow.record("mugs.make", Subject("mug", "some"))


def mugs(runtime: Runtime, tenant_id: TenantId = ACME) -> int:
    with runtime.unit_of_work(tenant_id, ANA) as uow:
        return len(uow.session.scalars(select(Setting)).all())


@contextmanager
def first_request_under_way(runtime: Runtime, key: str = "k-1") -> Iterator[None]:
    """Keep a request of this key between its effect and its commit while the block runs."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        assert replayed(uow, "cli_till", key, PRINT) is None
        make_a_mug(uow)
        remember(uow, "cli_till", key, PRINT, CREATED)
        uow.session.flush()
        yield


def test_the_second_request_gets_the_first_answer_and_does_nothing(runtime: Runtime) -> None:
    """API-11: replayed, status and body."""
    answers = [ask(runtime) for _ in range(3)]

    assert answers == [(CREATED, False), (CREATED, True), (CREATED, True)]
    assert mugs(runtime) == 1


def test_of_sixteen_at_once_one_has_its_effect_and_all_are_told(runtime: Runtime) -> None:
    """API-11: who comes while the first runs is told so; who comes after gets its answer."""
    outcomes = race([lambda: ask(runtime) for _ in range(16)])

    refused = raised(outcomes, StillRunning)
    answers = [each for each in outcomes if not isinstance(each, StillRunning)]
    assert {answer for answer, _ in answers} == {CREATED}
    assert [is_replay for _, is_replay in answers].count(False) == 1
    assert refused + len(answers) == 16
    assert mugs(runtime) == 1


def test_while_the_first_runs_the_second_is_told_at_once(runtime: Runtime) -> None:
    """API-11: 409, without waiting for the first."""
    with first_request_under_way(runtime), pytest.raises(StillRunning):
        ask(runtime)

    assert ask(runtime) == (CREATED, True)
    assert mugs(runtime) == 1


def test_a_key_holds_up_nobody_else(runtime: Runtime) -> None:
    """The scope of a key is the tenant and the client."""
    with first_request_under_way(runtime):
        assert ask(runtime, "k-2") == (CREATED, False)
        assert ask(runtime, client="cli_other") == (CREATED, False)
        assert ask(runtime, tenant_id=GLOBEX) == (CREATED, False)

    assert (mugs(runtime), mugs(runtime, GLOBEX)) == (3, 1)


def test_another_request_with_the_same_key_is_refused(runtime: Runtime) -> None:
    """API-11: 422, and nothing is done."""
    ask(runtime)

    for other in (
        fingerprint_of("POST", "/api/mugs", b'{"count":4}'),
        fingerprint_of("POST", "/api/lamps", b'{"count":3}'),
        fingerprint_of("PUT", "/api/mugs", b'{"count":3}'),
    ):
        with pytest.raises(KeyReused):
            ask(runtime, print_=other)

    assert mugs(runtime) == 1


def test_after_a_crash_before_the_commit_the_retry_has_the_effect_once(runtime: Runtime) -> None:
    """API-12: an answer is kept only with its effect."""
    with pytest.raises(RuntimeError):
        ask(runtime, crashes=True)
    assert mugs(runtime) == 0

    assert ask(runtime) == (CREATED, False)
    assert ask(runtime) == (CREATED, True)
    assert mugs(runtime) == 1


def test_a_crash_lets_go_of_the_key(runtime: Runtime) -> None:
    """API-12: who was told to wait comes back, and is the first."""
    with pytest.raises(RuntimeError), first_request_under_way(runtime):
        with pytest.raises(StillRunning):
            ask(runtime)
        raise RuntimeError("the till caught fire")

    assert ask(runtime) == (CREATED, False)
    assert mugs(runtime) == 1


def test_an_answer_is_kept_for_thirty_days(runtime: Runtime, clock: StoppedClock) -> None:
    """API-11: afterwards the key is free again, and the log knows why."""
    ask(runtime)
    clock.pass_time(KEPT_FOR)
    assert ask(runtime) == (CREATED, True)

    clock.pass_time(timedelta(seconds=1))

    other = fingerprint_of("POST", "/api/mugs", b'{"count":4}')
    assert ask(runtime, print_=other) == (CREATED, False)
    assert mugs(runtime) == 2
    with runtime.unit_of_work(ACME, ANA, work_class="batch") as uow:
        assert verify(uow, runtime.seal).faults == []


def test_the_fingerprint_keeps_its_parts_apart() -> None:
    prints = {
        fingerprint_of("POST", "/api/mugs", b""),
        fingerprint_of("POST", "/api/mug", b"s"),
        fingerprint_of("PUT", "/api/mugs", b""),
        fingerprint_of("POST", "/api/mugs", b'""'),
    }

    assert len(prints) == 4
