"""Where histories are simulated: the real engine on a real PostgreSQL whose clock we turn.

The database asks `clock_timestamp()` for its time. In the laboratory that name means a function of
ours, which reads a row; leases, pauses and timers so pass when the simulator says, and in no other
way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from kernel import embedded
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.events import DeliveredEvent, Event
from kernel.feed import Place, read_feed
from kernel.outbox import Consumer, OutboxEvent
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.verification import verify
from kernel.work import OpenUnit, WorkSource
from tests.chaos import backorders
from tests.chaos.storm import PERSON
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.simulation import definition
from tests.simulation.strikes import Strikes
from tests.workflow_engine.runtime.buying import PeopleOfTheShop
from workflow_engine.runtime.consuming import consumer, job_kinds
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.sources import RunWork

COUNTED = "simulation.counted"


@dataclass(frozen=True)
class LineSeen(Event):
    """An event that only the counter and the reader of the stream care for."""

    name: ClassVar[str] = "line.seen"

    line: int


class TickingClock(StoppedClock):
    """The clock of the workers' machine: no two readings of it are equal."""

    def now(self) -> datetime:
        self.pass_time(timedelta(milliseconds=1))
        return super().now()


_SWEEP = (
    "UPDATE outbox SET settled_at = simulated.clock_timestamp() WHERE settled_at IS NULL",
    "UPDATE job SET state = 'done' WHERE state = 'waiting'",
    "UPDATE run_step SET state = 'withdrawn' WHERE state IN ('waiting','abandoned','doubtful')",
    "UPDATE run_timer SET state = 'cleared' WHERE state = 'waiting'",
    "UPDATE run SET state = 'finished', ready = false, incident = NULL WHERE state <> 'finished'",
)
Reader = Callable[[UnitOfWork, Place | None, int], list[OutboxEvent]]


@dataclass(frozen=True)
class Seams:
    """What a history is played with; a planted bug takes the place of one of them."""

    perform_as: Callable[[Laboratory, WorkSource], WorkSource] = lambda _laboratory, ours: ours
    read: Reader = read_feed
    forgets: tuple[str, ...] = ()
    """What the database loses after each deed."""


class World:
    """What stands outside the engine while one history is played."""

    def call(self, kind: str, key: str, request: Mapping[str, Any], seconds: float) -> int:
        """Take a call of the engine."""
        raise NotImplementedError

    def look_up(self, key: str, seconds: float) -> Any:
        """Say what a call has done."""
        raise NotImplementedError

    def stumbles(self) -> bool:
        """Tell whether a consumer fails this time."""
        raise NotImplementedError


class Laboratory:
    """One tenant, its engine, and hands on the database that nothing else has."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.world = World()
        self.now = MONDAY
        self.clock = TickingClock(MONDAY)
        self.admin = psycopg.connect(cluster.superuser_url, autocommit=True)
        _let_us_turn_the_clock(self.admin, MONDAY)
        self.engine = Engine(backorders.catalogue(_Door(self)))
        config = Config.from_env(
            {
                "WAREFLOW_VAR": str(folder / "var"),
                "DATABASE_URL": cluster.app_url,
                "DATABASE_OWNER_URL": cluster.owner_url,
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
            }
        )
        self.runtime = Runtime(
            config,
            ports=Ports(directory=PeopleOfTheShop(), engine=self.engine),
            consumers=[consumer(self.engine), _counter(self)],
            job_kinds=job_kinds(self.engine),
            sources=self._sources,
            clock=self.clock,
        )
        self.strikes = Strikes(self.runtime, self.admin)
        self._lines = 0
        found_tenant(self.runtime, ACME, "Acme Mugs")
        with self.unit() as uow:
            publish(uow, self.engine, definition.backorder())

    def unit(self) -> UnitOfWork:
        """Return a unit of work of somebody who may do anything here."""
        return self.runtime.unit_of_work(ACME, PERSON)

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the database and for the workers."""
        self.now += by
        self.clock.pass_time(by)
        self.admin.execute("UPDATE simulated.clock SET at = %s", [self.now])

    def new_line(self, kind: int, *, is_refused: bool) -> int:
        """Return the number of a line that no other history has, of this kind modulo 15."""
        self._lines += 1
        wanted = (each for each in range(15) if each % 3 == kind and (each % 5 == 0) == is_refused)
        return 15 * self._lines + next(wanted)

    def sweep(self) -> None:
        """End what a history that went wrong has left, so that the next one starts in peace."""
        for statement in _SWEEP:
            self.admin.execute(statement)

    def audit_faults(self) -> list[str]:
        """Return what the audit log cannot prove of all that was played here."""
        with self.runtime.unit_of_work(ACME, PERSON, work_class="batch") as uow:
            return [str(fault) for fault in verify(uow, self.runtime.seal).faults]

    def close(self) -> None:
        self.strikes.close()
        self.runtime.close()
        self.admin.close()

    def _sources(self, open_unit: OpenUnit) -> Sequence[WorkSource]:
        return RunWork(self.engine, open_unit).sources()


@dataclass(frozen=True)
class _Door:
    """Brings calls to the world of the history that is being played."""

    laboratory: Laboratory

    def call(self, kind: str, key: str, request: Mapping[str, Any], seconds: float) -> int:
        return self.laboratory.world.call(kind, key, request, seconds)

    def look_up(self, key: str, seconds: float) -> Any:
        return self.laboratory.world.look_up(key, seconds)


class Stumble(Exception):
    """A consumer that cannot go on this time."""


def _counter(laboratory: Laboratory) -> Consumer:
    """A consumer that does not notice by itself that it gets an event twice."""
    wanted = {LineSeen.name, backorders.LineShort.name, backorders.GoodsArrived.name}

    def wants(_uow: UnitOfWork, names: Collection[str]) -> Collection[str]:
        return wanted.intersection(names)

    def receive(uow: UnitOfWork, event: DeliveredEvent) -> None:
        row = uow.session.get(Setting, (uow.tenant_id, event.id, COUNTED))
        if row is None:
            row = Setting(
                tenant_id=uow.tenant_id, scope_id=event.id, key=COUNTED, value=0, locked=False
            )
            uow.session.add(row)
        row.value = row.value + 1
        uow.record("simulation.count", Subject("event", event.id))
        if laboratory.world.stumbles():
            raise Stumble

    return Consumer("counter", wants, receive)


def _let_us_turn_the_clock(admin: psycopg.Connection[Any], at: datetime) -> None:
    admin.execute("CREATE SCHEMA simulated")
    admin.execute("CREATE TABLE simulated.clock (at timestamptz NOT NULL)")
    admin.execute("INSERT INTO simulated.clock VALUES (%s)", [at])
    admin.execute(
        "CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE"
        " AS 'SELECT at FROM simulated.clock'"
    )
    admin.execute("GRANT USAGE ON SCHEMA simulated TO PUBLIC")
    admin.execute("GRANT SELECT ON simulated.clock TO PUBLIC")
    path = "simulated, pg_catalog, public"
    admin.execute(f"ALTER ROLE wareflow_app SET search_path = {path}")
    functions = admin.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE r.rolname = 'wareflow_scheduler'"
    ).fetchall()
    for (function,) in functions:
        admin.execute(f"ALTER FUNCTION {function} SET search_path = {path}")


@contextmanager
def a_laboratory(folder: Path) -> Iterator[Laboratory]:
    """Set up a database of our own, because its clock is not the others'."""
    with embedded.postgres(folder / "postgres", durable=False) as server:
        laboratory = Laboratory(Cluster(server), folder)
        try:
            yield laboratory
        finally:
            laboratory.close()
