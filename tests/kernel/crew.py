"""Real background processes of a small shop, and what tests do to them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import redis

from kernel import embedded
from kernel.access import system_actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.jobs import Job, enqueue
from kernel.runtime import WORKER_QUEUES, Runtime
from kernel.settings import Setting
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.kernel import background

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 45
"""How long a busy machine may take before a test gives up; no requirement is as long."""

SHOP = system_actor("shop")


def until(
    is_so: Callable[[], bool], *, within_seconds: float = PATIENCE_SECONDS, what: str = "it"
) -> float:
    """Wait until something is so, and return how many seconds that took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_seconds, f"{what} did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - began


class Crew:
    """A shop with its own doorbell, and the processes started for it."""

    def __init__(self, config: Config, bell: embedded.Valkey, folder: Path) -> None:
        self.config = replace(config, redis_url=bell.url)
        self.bell = bell
        self.folder = folder
        self.runtime: Runtime = background.compose(self.config, StoppedClock(MONDAY))
        # Typed loosely: the library says that each answer may have to be awaited.
        self.redis: Any = redis.Redis.from_url(bell.url)
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a process in a group of its own."""
        program = subprocess.Popen(
            [sys.executable, str(Path(background.__file__)), *arguments],
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
                "WAREFLOW_VAR": str(self.config.var_dir),
                "DATABASE_URL": self.config.database_url,
                "REDIS_URL": self.config.redis_url,
                "SECRET_KEY": self.config.secret_keys[0],
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(program)
        return program

    def worker(self, number: int = 1) -> subprocess.Popen[str]:
        """Start a worker, and wait until it listens."""
        queue = WORKER_QUEUES[number - 1]
        known = len(self.listeners())
        program = self.start("worker", queue)
        until(lambda: len(self.listeners()) > known, what="the worker's listening")
        return program

    def listeners(self) -> list[tuple[str, str]]:
        """Return what RQ knows of its workers: queues and state, where they wait or work."""
        keys = self.redis.smembers("rq:workers")
        rows = [self.redis.hmget(key, "queues", "state") for key in keys]
        told = [(row[0].decode(), row[1].decode()) for row in rows if row[0] and row[1]]
        return [each for each in told if each[1] in ("idle", "busy")]

    def ask(self, shelf: str, kind: str = "mugs.count", **payload: Any) -> str:
        """Leave a job, as a request would; the commit rings."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            identity = enqueue(uow, kind, {"shelf": shelf, **payload})
            uow.record("mugs.ask", Subject("shelf", shelf))
        return identity

    def ask_slowly(self, shelf: str, seconds: int, *, patience: str = "60s") -> Path:
        """Leave a job that takes its time; the file that is returned appears when it begins.

        `patience` is how long the database lets it stand still in its transaction.
        """
        began = self.folder / f"{shelf}.began"
        self.ask(shelf, "mugs.count_slowly", seconds=seconds, began=str(began), patience=patience)
        return began

    def counted(self, shelf: str) -> int:
        """How many mugs were counted on a shelf: how often the job had its effect."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            row = uow.session.get(Setting, (ACME, shelf, background.KEY))
            return row.value if row is not None else 0

    def job(self, identity: str) -> Job:
        """Return a job as it stands."""
        with self.runtime.unit_of_work(ACME, SHOP) as uow:
            return uow.session.get_one(Job, (ACME, identity))

    def end(self) -> None:
        """Kill what still runs, by its process group, and let go of everything."""
        for program in self.started:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
            said, _ = program.communicate(timeout=PATIENCE_SECONDS)
            print(program.args, "ended with", program.returncode, said)
        self.runtime.close()
        self.redis.close()


@contextmanager
def a_crew(database: Cluster, config: Config, folder: Path) -> Iterator[Crew]:
    """Serve a shop for ACME with a doorbell of its own while the block runs."""
    del database
    with embedded.valkey(folder / "bell") as bell:
        crew = Crew(config, bell, folder)
        try:
            found_tenant(crew.runtime, ACME, "Acme Mugs")
            yield crew
        finally:
            crew.end()


@contextmanager
def database_away(database: Cluster) -> Iterator[None]:
    """Refuse every connection of the application while the block runs, and end those it has."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE wareflow_app NOLOGIN")
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'wareflow_app'"
            )
            yield
        finally:
            connection.execute("ALTER ROLE wareflow_app LOGIN")


def processes_of(group: int) -> list[int]:
    """Return the living processes of a group or session, zombies aside."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and str(group) in (fields[2], fields[3]):
            found.append(int(entry.name))
    return found
