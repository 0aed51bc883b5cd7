"""Ends a process or a connection just before or just after a commit, as the dice say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from kernel.runtime import Runtime

Kind = Literal["dies before", "dies after", "is cut off before", "is cut off after"]
KINDS: tuple[Kind, ...] = ("dies before", "dies after", "is cut off before", "is cut off after")


class Died(BaseException):
    """The process is gone from one line to the next: no `except Exception` of it runs."""


@dataclass
class Strike:
    """What happens to a worker at its n-th commit from now."""

    kind: Kind
    commit: int

    def __str__(self) -> str:
        return f"{self.kind} its commit {self.commit}"


class Strikes:
    """Listens to the commits of a runtime, and strikes where that was asked for."""

    def __init__(self, runtime: Runtime, admin: psycopg.Connection[Any]) -> None:
        self._engine = runtime.database.engine
        self._admin = admin
        self._armed: list[Strike | None] = []
        event.listen(self._engine, "commit", self._on_commit)

    def close(self) -> None:
        event.remove(self._engine, "commit", self._on_commit)

    @contextmanager
    def armed(self, strike: Strike | None) -> Iterator[None]:
        """Have a strike ready for the commits of the block; inner blocks have their own."""
        self._armed.append(strike)
        try:
            yield
        finally:
            self._armed.pop()

    def _on_commit(self, connection: Connection) -> None:
        strike = self._armed[-1] if self._armed else None
        if strike is None or connection.get_isolation_level() == "AUTOCOMMIT":
            return
        strike.commit -= 1
        if strike.commit == 0:
            self._hit(connection, strike.kind)

    def _hit(self, connection: Connection, kind: Kind) -> None:
        beneath: Any = connection.connection.dbapi_connection
        if kind.endswith("after"):
            beneath.commit()
        if kind.startswith("dies"):
            raise Died
        # A server that ends a session rolls it back before its process is gone.
        self._admin.execute("SELECT pg_terminate_backend(%s, 5000)", [beneath.info.backend_pid])
        try:
            beneath.execute("SELECT 1")
        except psycopg.OperationalError as error:
            connection.invalidate(error)
            raise OperationalError("COMMIT", None, error, connection_invalidated=True) from error
