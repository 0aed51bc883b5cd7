"""A storm over a merchant's processes: one is killed again and again, and all are started anew."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import select

from kernel import embedded
from kernel.access import system_actor
from kernel.audit import Subject
from kernel.config import Config
from kernel.errors import Conflict
from kernel.ids import TenantId
from kernel.runtime import WORKER_QUEUES
from tests.chaos import backorders, ledger
from tests.conftest import Cluster, found_tenant
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.retrying import Verdict, retry
from workflow_engine.runtime.tables import Run, RunHistory, RunStep

ROOT = Path(__file__).parents[2]
PERSON = system_actor("storm")
DUTIES = (("worker", WORKER_QUEUES[0]), ("worker", WORKER_QUEUES[1]), ("ticker",))


class Storm:
    """The merchant's processes, its outside world, and the dice that decide who is killed."""

    def __init__(self, config: Config, bell: embedded.Valkey, folder: Path, seed: int) -> None:
        self.book = folder / "ledger.jsonl"
        self._ready = folder / "ready"
        self._ready.mkdir()
        self._dice = random.Random(seed)
        self._ledger = self._begin(ROOT / "tests/chaos/ledger.py", str(self.book), env={})
        assert self._ledger.stdout is not None
        self.port = int(self._ledger.stdout.readline())
        self._config = replace(config, redis_url=bell.url)
        self.runtime = backorders.compose(self._config, self.port)
        self._redis: Any = redis.Redis.from_url(bell.url)
        self._processes: dict[tuple[str, ...], subprocess.Popen[str]] = {}
        self.kills = 0

    def found(self, tenant_id: TenantId) -> None:
        found_tenant(self.runtime, tenant_id, tenant_id)
        with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
            publish(uow, engine_of(uow), backorders.backorder())

    def tell(self, tenant_id: TenantId, event: Any) -> None:
        with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
            uow.emit(event)
            uow.record("storm.tell", Subject("line", str(event.line)))

    def keep_all_running(self) -> None:
        """Start whoever is not there."""
        for duty in DUTIES:
            known = self._processes.get(duty)
            if known is None or known.poll() is not None:
                self._processes[duty] = self._begin(
                    ROOT / "tests/chaos/backorders.py", *duty, env=self._environment()
                )

    def kill_one(self) -> None:
        """Kill somebody who works, whatever they are in the middle of.

        Who has not begun to work yet is left alone: on a busy machine nobody ever would.
        """
        living = [
            each
            for each in self._processes.values()
            if each.poll() is None and (self._ready / str(each.pid)).exists()
        ]
        if living:
            victim = self._dice.choice(living)
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait(10)
            self.kills += 1

    def forget_the_doorbell(self) -> None:
        """Empty Redis."""
        self._redis.flushall()

    def runs(self, tenant_id: TenantId) -> list[Run]:
        with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
            return list(uow.session.scalars(select(Run)))

    def stand(self, tenant_id: TenantId) -> dict[str, tuple[str, str | None]]:
        """Where each line's run stands: state and outcome."""
        return {run.subject_id: (run.state, run.outcome) for run in self.runs(tenant_id)}

    def path(self, tenant_id: TenantId, line: int) -> list[str]:
        """The states that a line's run rested in, each once, in their order."""
        with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
            query = (
                select(RunHistory)
                .join(Run, (Run.tenant_id == RunHistory.tenant_id) & (Run.id == RunHistory.run_id))
                .where(Run.subject_id == str(line))
                .order_by(RunHistory.number)
            )
            rested = [",".join(each.states) for each in uow.session.scalars(query)]
        return [
            each for place, each in enumerate(rested) if place == 0 or rested[place - 1] != each
        ]

    def settle_doubts(self, tenant_id: TenantId) -> int:
        """Do what a person would: look into the ledger, and say what happened."""
        settled = 0
        with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
            doubtful = uow.session.scalars(select(RunStep).filter_by(state="doubtful")).all()
        for step in doubtful:
            assert step.call_ends_at is not None
            with self.runtime.unit_of_work(tenant_id, PERSON) as uow:
                if uow.real_now < step.call_ends_at:
                    continue
                found = ledger.Caller(self.port).look_up(step.id, 5)
                verdict = Verdict(found is not None, found or {}, step.id)
                try:
                    retry(uow, engine_of(uow), step.run_id, "The ledger says so.", verdict)
                except Conflict:
                    continue
                settled += 1
        return settled

    def end(self) -> None:
        for program in (*self._processes.values(), self._ledger):
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
            program.communicate(timeout=10)
        self.runtime.close()
        self._redis.close()

    def _environment(self) -> dict[str, str]:
        return {
            "WAREFLOW_VAR": str(self._config.var_dir),
            "DATABASE_URL": self._config.database_url,
            "REDIS_URL": self._config.redis_url,
            "SECRET_KEY": self._config.secret_keys[0],
            "LEDGER_PORT": str(self.port),
            "READY_FOLDER": str(self._ready),
            "LOG_LEVEL": "error",
        }

    def _begin(self, path: Path, *words: str, env: dict[str, str]) -> subprocess.Popen[str]:
        listens = path.name == "ledger.py"
        return subprocess.Popen(
            [sys.executable, str(path), *words],
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", **env},
            stdout=subprocess.PIPE if listens else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )


@contextmanager
def a_storm(folder: Path, seed: int) -> Iterator[Storm]:
    """Serve a merchant on a database that keeps every promise to the disk."""
    with (
        embedded.postgres(folder / "postgres", durable=True) as server,
        embedded.valkey(folder / "bell") as bell,
    ):
        cluster = Cluster(server)
        config = Config.from_env(
            {
                "WAREFLOW_VAR": str(folder / "var"),
                "DATABASE_URL": cluster.app_url,
                "DATABASE_OWNER_URL": cluster.owner_url,
                "REDIS_URL": bell.url,
                "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
            }
        )
        storm = Storm(config, bell, folder, seed)
        try:
            yield storm
        finally:
            storm.end()


def patience(seconds: float, told: Callable[[], str]) -> Iterator[float]:
    """Give the seconds that passed, until patience is at an end; `told` says what was awaited."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        yield passed
        time.sleep(0.25)
    raise AssertionError(f"not done within {seconds} s: {told()}")
