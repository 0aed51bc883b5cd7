"""A saboteur who cuts a transaction off after a chosen statement, and what is then found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import SessionTransaction

from kernel.db import TenantSession
from kernel.runtime import Runtime
from tests.conftest import Cluster

Strike = Callable[[Connection], None]


class PowerCut(Exception):
    """The process is gone from one line to the next."""


def power_cut(_connection: Connection) -> None:
    """Let nothing more of the process happen."""
    raise PowerCut


def connection_lost(database: Cluster) -> Strike:
    """Return a strike that ends the session's backend, as an operator or a failover would."""

    def strike(connection: Connection) -> None:
        pid = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr] # psycopg's.
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    return strike


@contextmanager
def struck_after(runtime: Runtime, number: int, strike: Strike) -> Iterator[list[str]]:
    """Strike after the n-th statement; the commit itself is the last that can be struck.

    Gives the statements that were reached, so that a test can tell when there are no more.
    """
    reached: list[str] = []

    def after_statement(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        reached.append(statement)
        if len(reached) == number:
            strike(connection)

    def before_commit(connection: Connection) -> None:
        after_statement(connection, None, "COMMIT")

    engine = runtime.database.engine
    event.listen(engine, "after_cursor_execute", after_statement)
    event.listen(engine, "commit", before_commit)
    try:
        yield reached
    finally:
        event.remove(engine, "after_cursor_execute", after_statement)
        event.remove(engine, "commit", before_commit)


@contextmanager
def power_cut_after_commit() -> Iterator[None]:
    """Let the process die when the database has committed and nobody was told yet."""

    def strike(_session: TenantSession, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            raise PowerCut

    event.listen(TenantSession, "after_transaction_end", strike)
    try:
        yield
    finally:
        event.remove(TenantSession, "after_transaction_end", strike)


def rows(database: Cluster) -> dict[str, int]:
    """Count the rows of every table that has any."""
    with psycopg.connect(database.superuser_url) as connection:
        found = {}
        for table in database.tables:
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row is not None
            if row[0]:
                found[table] = int(row[0])
        return found
