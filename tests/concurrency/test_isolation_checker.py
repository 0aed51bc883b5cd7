"""The checker of histories finds what it is there to find: invented histories, and real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Barrier

import psycopg
import pytest
from psycopg import IsolationLevel

from kernel.clock import monotonic_seconds
from tests.concurrency.isolation import Taking, Transaction, anomalies, out_of_turn
from tests.concurrency.racing import race
from tests.conftest import Cluster

X, Y = "x", "y"


def kinds(*history: Transaction, in_real_time: bool = False) -> list[str]:
    return [each.kind for each in anomalies(history, in_real_time=in_real_time)]


def test_a_serial_history_is_sound() -> None:
    """REL-13"""
    assert kinds(
        Transaction("a", {X: []}, [(X, 1)]),
        Transaction("b", {X: [1]}, [(X, 2), (Y, 3)]),
        Transaction("c", {X: [1, 2], Y: [3]}),
    ) == []  # fmt: skip


def test_writes_that_cross_are_found() -> None:
    """G0: a before b in one list, b before a in the other."""
    assert kinds(
        Transaction("a", {}, [(X, 1), (Y, 1)]),
        Transaction("b", {}, [(X, 2), (Y, 2)]),
        Transaction("reader", {X: [1, 2], Y: [2, 1]}),
    ) == ["G0"]  # fmt: skip


def test_a_dirty_read_is_found() -> None:
    """G1a: what was read was undone."""
    assert kinds(
        Transaction("a", {}, [(X, 1)], is_committed=False), Transaction("b", {X: [1]})
    ) == ["G1a"]  # fmt: skip


def test_a_read_from_the_middle_of_a_transaction_is_found() -> None:
    assert kinds(
        Transaction("a", {}, [(X, 1), (X, 2)]),
        Transaction("b", {X: [1]}),
        Transaction("c", {X: [1, 2]}),
    )[0] == "G1b"  # fmt: skip


def test_two_that_read_each_other_are_found() -> None:
    """G1c"""
    assert kinds(
        Transaction("a", {Y: [2]}, [(X, 1)]), Transaction("b", {X: [1]}, [(Y, 2)])
    ) == ["G1c"]  # fmt: skip


def test_a_lost_update_is_found() -> None:
    """G-single: both read the empty list, and one of them wrote over the other."""
    (anomaly,) = anomalies(
        [
            Transaction("a", {X: []}, [(X, 1)]),
            Transaction("b", {X: []}, [(X, 2)]),
            Transaction("later", {X: [2]}),
        ]
    )

    assert anomaly.kind in ("G-single", "G2")
    assert {"a", "b"} <= set(anomaly.names)


def test_a_skewed_read_is_found() -> None:
    """G-single: one list before, the other after the same transaction."""
    assert kinds(
        Transaction("a", {}, [(X, 1), (Y, 1)]),
        Transaction("b", {X: [], Y: [1]}),
        Transaction("c", {X: [1], Y: [1]}),
    ) == ["G-single"]  # fmt: skip


def test_a_skewed_write_is_found() -> None:
    """G2: each reads what the other writes."""
    assert kinds(
        Transaction("a", {X: [], Y: []}, [(X, 1)]),
        Transaction("b", {X: [], Y: []}, [(Y, 2)]),
        Transaction("c", {X: [1], Y: [2]}),
    ) == ["G2"]  # fmt: skip


def test_readers_who_saw_different_orders_are_found() -> None:
    assert "incompatible order" in kinds(
        Transaction("a", {}, [(X, 1)]),
        Transaction("b", {}, [(X, 2)]),
        Transaction("c", {X: [1, 2]}),
        Transaction("d", {X: [2]}),
    )


def test_an_append_that_nobody_saw_afterwards_is_found() -> None:
    assert "lost append" in kinds(
        Transaction("a", {}, [(X, 1)], began=0, ended=1),
        Transaction("b", {X: []}, began=2, ended=3),
    )


def test_a_stale_read_is_wrong_only_in_real_time() -> None:
    history = (
        Transaction("a", {X: []}, [(X, 1)], began=0, ended=1),
        Transaction("b", {X: [1]}, began=1.5, ended=2),
        Transaction("late", {X: []}, began=3, ended=4),
    )

    assert kinds(*history) == []
    assert kinds(*history, in_real_time=True) == ["G-single"]


def test_numbers_in_turn_are_sound() -> None:
    """Of two at once either may be first; who was undone took none."""
    assert (
        out_of_turn([Taking(2, 0, 5), Taking(1, 1, 4), Taking(None, 2, 3), Taking(3, 6, 7)]) == []
    )


@pytest.mark.parametrize(
    "takings",
    [
        pytest.param([Taking(1, 0, 1), Taking(1, 0, 1)], id="twice"),
        pytest.param([Taking(1, 0, 1), Taking(3, 2, 3)], id="a gap"),
        pytest.param([Taking(2, 0, 1), Taking(1, 2, 3)], id="an older clerk, a newer number"),
    ],
)
def test_numbers_out_of_turn_are_found(takings: list[Taking]) -> None:
    """REL-13: each once, no gap, and nobody is overtaken by who came after."""
    assert len(out_of_turn(takings)) == 1


@pytest.fixture
def lists(database: Cluster) -> Iterator[str]:
    """A table of lists, as an endpoint that appends to them would keep it; its address."""
    with psycopg.connect(database.superuser_url, autocommit=True) as admin:
        admin.execute("CREATE TABLE test_list (key text PRIMARY KEY, said int[] NOT NULL)")
        admin.execute("INSERT INTO test_list VALUES ('x', '{}'), ('y', '{}')")
        yield database.superuser_url
        admin.execute("DROP TABLE test_list")


def appends(
    url: str,
    number: int,
    history: list[Transaction],
    *,
    level: IsolationLevel,
    lock: str = "",
    reads: str = "xy",
    hurdle: Barrier | None = None,
) -> Callable[[], None]:
    """Somebody who reads some lists, thinks, and writes one back with a number of their own."""

    def run() -> None:
        key, read, began = reads[number % len(reads)], {}, monotonic_seconds()
        is_committed = True
        try:
            # The driver leaves a connection open whose COMMIT is refused.
            with closing(psycopg.connect(url)) as opened, opened as connection:
                connection.isolation_level = level
                query = f"SELECT key, said FROM test_list WHERE key = ANY(%s) ORDER BY key {lock}"
                for name, said in connection.execute(query, [list(reads)]):
                    read[name] = said
                if hurdle is not None:
                    hurdle.wait(10)
                connection.execute(
                    "UPDATE test_list SET said = %s WHERE key = %s", [[*read[key], number], key]
                )
        except psycopg.OperationalError:
            is_committed = False
        history.append(
            Transaction(
                f"t{number}", read, [(key, number)], is_committed, began, monotonic_seconds()
            )
        )

    return run


def played(lists: str, count: int, **how: object) -> list[Transaction]:
    history: list[Transaction] = []
    told = race([appends(lists, number, history, **how) for number in range(count)])  # type: ignore[arg-type] # Passed on.
    assert [each for each in told if each is not None] == []
    with psycopg.connect(lists) as connection:
        rows: dict[str, list[int]] = dict(
            connection.execute("SELECT key, said FROM test_list").fetchall()
        )
    now = monotonic_seconds()
    return [*history, Transaction("last", rows, began=now, ended=now)]


def test_read_then_write_without_a_lock_is_flagged(lists: str) -> None:
    """REL-13: READ COMMITTED lets the second writer forget the first."""
    history = played(lists, 2, level=IsolationLevel.READ_COMMITTED, reads="x", hurdle=Barrier(2))

    assert all(each.is_committed for each in history)
    assert anomalies(history) != []


def test_write_skew_under_snapshots_is_flagged(lists: str) -> None:
    history = played(lists, 2, level=IsolationLevel.REPEATABLE_READ, hurdle=Barrier(2))

    assert all(each.is_committed for each in history)
    assert [each.kind for each in anomalies(history)] == ["G2"]


def test_read_then_write_under_a_lock_is_sound(lists: str) -> None:
    history = played(lists, 12, level=IsolationLevel.READ_COMMITTED, lock="FOR UPDATE")

    assert all(each.is_committed for each in history)
    assert anomalies(history, in_real_time=True) == []


def test_serializable_refuses_one_of_two_and_the_rest_is_sound(lists: str) -> None:
    history = played(lists, 2, level=IsolationLevel.SERIALIZABLE, hurdle=Barrier(2))

    assert [each.is_committed for each in history].count(False) == 1
    assert anomalies(history, in_real_time=True) == []
