"""The audit trail and the list of runs stay quick when they are very long, by their indexes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from commerce.keyset import PageWish, keyset_slice
from kernel.access import operator_actor
from kernel.uow import UnitOfWork
from tenants.audit_trail import TrailQuery, read_trail
from tests.builder_ui.portal.test_many_orders import nodes
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import ACME, MONDAY, Cluster
from tests.tenants.conftest import House
from workflow_engine.runtime import queries
from workflow_engine.runtime.queries import RunFilter
from workflow_engine.runtime.tables import Run

Read = Callable[[UnitOfWork], object]

# Copies of one row, each with an id of its own: every thousandth was made by somebody else,
# was refused or stands still, so that a filter finds few.
ENTRIES = """
    INSERT INTO audit_entry SELECT (jsonb_populate_record(one, jsonb_build_object(
        'id', left((one).id, 14) || lpad(number::text, 16, '0'),
        'subject_id', 'copy_' || number,
        'actor_id', CASE WHEN mod(number, 1000) = 0 THEN 'system:seldom' ELSE 'system:often' END,
        'action', CASE WHEN mod(number, 1000) = 0 THEN 'seldom.done' ELSE 'often.done' END,
        'outcome', CASE WHEN mod(number, 1000) = 0 THEN 'denied' ELSE 'done' END))).*
    FROM (SELECT e FROM audit_entry e WHERE tenant_id = %s ORDER BY id DESC LIMIT 1) found(one),
        generate_series(1, %s) number
"""
RUNS = """
    INSERT INTO run SELECT (jsonb_populate_record(one, jsonb_build_object(
        'id', left((one).id, 14) || lpad(number::text, 16, '0'),
        'subject_id', 'copy_' || number, 'start_key', 'copy-' || number, 'exclusive_subject', null,
        'ready', false,
        'state', CASE WHEN mod(number, 1000) = 0 THEN 'incident' ELSE 'finished' END,
        'incident', CASE WHEN mod(number, 1000) = 0 THEN 'run.cannot_go_on' END))).*
    FROM (SELECT r FROM run r WHERE tenant_id = %s ORDER BY id LIMIT 1) found(one),
        generate_series(1, %s) number
"""


def _runs(only: RunFilter, *, descending: bool = True) -> Read:
    wish = PageWish(descending=descending)
    return lambda uow: keyset_slice(uow, queries.runs_like(only), [Run.id], wish)


def _trail(**only: Any) -> Read:
    return lambda uow: read_trail(uow, TrailQuery(**only))


READS: Mapping[str, Read] = {
    "entries, newest": _trail(),
    "entries, oldest": lambda uow: read_trail(uow, TrailQuery(), oldest_first=True),
    "entries of one subject": _trail(subject_kind="order", subject_id="copy_7"),
    "entries of one actor": _trail(actor_id="system:seldom"),
    "entries of one action": _trail(action="seldom.done"),
    "entries that begin so": _trail(action="seldom"),
    "entries refused": _trail(outcome="denied"),
    "entries of a day": _trail(since=MONDAY, until=MONDAY + timedelta(days=1)),
    "entries of no day": _trail(since=MONDAY + timedelta(days=9)),
    "runs, newest": _runs(RunFilter()),
    "runs, oldest": _runs(RunFilter(), descending=False),
    "runs that need a person": _runs(RunFilter(has_incident=True)),
    "runs in one state": _runs(RunFilter(state="incident")),
    "runs in no state": _runs(RunFilter(state="undoing")),
    "runs not finished": _runs(RunFilter(is_open=True)),
    "runs of one workflow": _runs(RunFilter(key="buy-what-is-missing")),
    "runs about one thing": _runs(RunFilter(subject_id="copy_7")),
}
# No index knows actions and outcomes, which would cost every change a write: at fifty thousand
# entries the whole table is walked in a third of the 50 ms that a list may take.
WALKED = {"entries of one action", "entries that begin so", "entries refused"}


@pytest.fixture
def trade(house: House) -> Trade:
    return a_trade(house.runtime)


@contextmanager
def asked_of(uow: UnitOfWork) -> Iterator[list[tuple[str, Any]]]:
    """Collect what a block asks of the two tables, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM audit_entry" in statement or "FROM run" in statement:
            asked.append((statement, parameters))

    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def read_all(trade: Trade, database: Cluster, count: int) -> None:
    """Fill both tables, read each list, and find that an index walked the order of the list."""
    trade.order("A-1")
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for statement in (ENTRIES, RUNS):
            connection.execute(statement, (ACME, count))
        connection.execute("VACUUM ANALYZE audit_entry, run")
    slow = []
    with trade.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        for name, read in READS.items():
            with asked_of(uow) as asked:
                read(uow)
            for statement, parameters in asked:
                explained = uow.session.connection().exec_driver_sql(
                    f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
                )
                (plan,) = explained.scalar_one()
                print(f"{count} rows, {name}: {plan['Execution Time']:.1f} ms")
                kinds = {str(node["Node Type"]) for node in nodes(plan["Plan"])}
                lost = sum(node.get("Rows Removed by Filter", 0) for node in nodes(plan["Plan"]))
                if name not in WALKED and ("Seq Scan" in kinds or lost > count // 10):
                    slow.append((name, kinds, lost))
    assert slow == []


def test_trail_and_runs_are_read_by_an_index(trade: Trade, database: Cluster) -> None:
    """P3: the plan decides, and not the time of a busy machine."""
    read_all(trade, database, 5_000)


@pytest.mark.soak
def test_fifty_thousand_entries_and_runs_are_read_by_an_index(
    trade: Trade, database: Cluster
) -> None:
    """P3, in full."""
    read_all(trade, database, 50_000)
