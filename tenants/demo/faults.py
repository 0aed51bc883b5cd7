"""Faults put into a running demo: killed workers, a flushed Redis, a crashed database."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from redis import Redis

from kernel.config import Config
from kernel.runtime import WORKER_QUEUES
from kernel.supervision.survivors import mark_of, survivors

STANDS_STILL_SECONDS = 30


@dataclass(frozen=True)
class Fault:
    """What is broken once so many of a hundred happenings are in."""

    at_percent: int
    name: str
    inject: Callable[[Config], None]


def kill_workers(config: Config) -> None:
    """End every worker with SIGKILL, in the middle of whatever it does."""
    for number in range(1, len(WORKER_QUEUES) + 1):
        _kill(survivors(mark_of(config.var_dir, f"worker-{number}")))


def kill_web(config: Config) -> None:
    """End every process that serves the portal and the API with SIGKILL."""
    _kill(survivors(mark_of(config.var_dir, "web")))


def kill_ticker(config: Config) -> None:
    """End the ticker with SIGKILL."""
    _kill(survivors(mark_of(config.var_dir, "ticker")))


def flush_redis(config: Config) -> None:
    """Forget everything in Redis."""
    client = Redis.from_url(config.redis_url)
    client.flushall()
    client.close()


def crash_redis(config: Config) -> None:
    """End the embedded Valkey with SIGKILL; its supervisor starts it again."""
    _kill([_redis_pid(config)])


def stop_redis(config: Config) -> None:
    """Let the embedded Valkey stand still, connections open, and go on after half a minute."""
    pid = _redis_pid(config)
    os.kill(pid, signal.SIGSTOP)
    go_on = threading.Timer(STANDS_STILL_SECONDS, os.kill, (pid, signal.SIGCONT))
    go_on.daemon = True
    go_on.start()


def crash_database(config: Config) -> None:
    """End the embedded PostgreSQL with SIGKILL; its supervisor starts it again, it recovers."""
    path = config.var_dir / "postgres" / "data" / "postmaster.pid"
    _kill([int(path.read_text().splitlines()[0])])


FAULTS = (
    Fault(10, "every worker killed", kill_workers),
    Fault(20, "Redis flushed", flush_redis),
    Fault(25, f"Redis stopped for {STANDS_STILL_SECONDS} s", stop_redis),
    Fault(35, "PostgreSQL crashed", crash_database),
    Fault(45, "the web killed", kill_web),
    Fault(50, "every worker killed", kill_workers),
    Fault(60, "Redis crashed", crash_redis),
    Fault(70, "the ticker killed", kill_ticker),
    Fault(75, "the web killed", kill_web),
    Fault(80, "PostgreSQL crashed", crash_database),
    Fault(90, "every worker killed", kill_workers),
)


class FaultPlan:
    """Injects each fault once, when the replay has come so far."""

    def __init__(self, config: Config, faults: Iterable[Fault] = FAULTS) -> None:
        """Take the installation to break, and what to break when."""
        self._config = config
        self._waiting = sorted(faults, key=lambda fault: fault.at_percent)
        self.injected: list[str] = []

    def advance(self, done: int, whole: int) -> None:
        """Inject what is planned for this point."""
        while self._waiting and done * 100 >= self._waiting[0].at_percent * whole:
            fault = self._waiting.pop(0)
            fault.inject(self._config)
            self.injected.append(f"{fault.name} at happening {done}")


def _redis_pid(config: Config) -> int:
    client = Redis.from_url(config.redis_url)
    pid = int(client.info("server")["process_id"])
    client.close()
    return pid


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
