"""Token buckets: so many in a minute, shared by all processes, and never without a limit."""

from __future__ import annotations

import pytest

from kernel.rates import Buckets, Grant, Level, pour


def test_a_full_bucket_gives_a_minutes_worth_at_once_and_then_one_at_a_time() -> None:
    """API-17: the maths, on a clock that stands still."""
    level: Level | None = None
    grants: list[Grant] = []
    for _ in range(7):
        level, grant = pour(level, 100.0, 6)
        grants.append(grant)
    assert level is not None

    assert [each.is_granted for each in grants] == [True] * 6 + [False]
    assert [each.left for each in grants] == [5, 4, 3, 2, 1, 0, 0]
    assert grants[-1].retry_after_seconds == 10
    assert pour(level, 109.9, 6)[1].is_granted is False
    assert pour(level, 110.0, 6)[1] == Grant(True, 6, 0, 0)


def test_a_bucket_never_holds_more_than_a_minutes_worth() -> None:
    level, _ = pour(None, 0.0, 6)

    assert pour(level, 86_400.0, 6)[1].left == 5


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    level, _ = pour(None, 1_000.0, 6)

    assert pour(level, 10.0, 6)[1].left == 4


def test_nothing_may_pass_where_the_limit_is_nothing() -> None:
    assert pour(None, 0.0, 0)[1] == Grant(False, 0, 0, 60)


def test_two_processes_pour_from_one_bucket(valkey_url: str) -> None:
    """TEN-10, API-17: the limit is the installation's, not each process's."""
    processes = [Buckets(valkey_url), Buckets(valkey_url)]

    granted = [processes[turn % 2].take("test:shared", 5).is_granted for turn in range(8)]
    other = processes[0].take("test:other", 5)

    assert granted == [True] * 5 + [False] * 3
    assert other == Grant(True, 5, 4, 0)
    for each in processes:
        each.close()


def test_without_redis_a_process_pours_from_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """API-17: never unlimited."""
    alone = Buckets("redis://127.0.0.1:1/0", lambda: 7.0)

    granted = [alone.take("acme", 3).is_granted for _ in range(5)]

    assert granted == [True, True, True, False, False]
    assert alone.take("globex", 3).is_granted
    alone.close()
