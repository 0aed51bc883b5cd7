"""The two background processes: a worker that answers the doorbell, a ticker that rings it."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from kernel.clock import monotonic_seconds
from kernel.garbage import collect_garbage_seldom
from kernel.metrics import WORK_DUE
from kernel.runtime import Runtime

log = structlog.get_logger(__name__)

TICK_SECONDS = 2.0
FALLBACK_TICKS = 2
"""With Redis gone, the ticker itself drains after this many ticks (REL-04: within 5 s)."""

_AWAY = (DBAPIError, PoolExhausted, RedisError, OSError)


@dataclass(frozen=True)
class Chore:
    """Something the ticker does now and then, safe to do in several tickers at once."""

    name: str
    every_ticks: int
    run: Callable[[Runtime], None]


def run_worker(runtime: Runtime, queue_name: str) -> None:
    """Answer rings on one queue until SIGTERM; the piece of work in hand is finished first.

    Ends by itself, saying so, where the database or Redis are away: whoever supervises it starts
    it again, and until then the ticker does what is due.
    """
    stopping = _told_to_stop()
    collect_garbage_seldom()
    try:
        while not stopping.is_set():
            if not runtime.drain(stopping.is_set) and not stopping.is_set():
                answer = partial(runtime.drain, stopping.is_set)
                # Ends before it is told to where Redis forgot what it had rung for: look what is
                # due, and listen again.
                runtime.doorbell.work(queue_name, answer, stopping)
    except _AWAY as error:
        log.warning("worker.ended", error=type(error).__name__)


def run_ticker(runtime: Runtime, chores: Sequence[Chore] = ()) -> None:
    """Every two seconds: count what is due, ring for it, do the chores; until SIGTERM."""
    stopping = _told_to_stop()
    ticks, unheard = 0, 0
    while not stopping.wait(TICK_SECONDS):
        ticks += 1
        try:
            unheard = 0 if tick(runtime) else unheard + 1
            if unheard >= FALLBACK_TICKS:
                _stand_in(runtime, stopping)
        except (DBAPIError, PoolExhausted) as error:
            log.warning("ticker.database_away", error=type(error).__name__)
            continue
        for chore in chores:
            if ticks % chore.every_ticks == 0:
                _do_chore(runtime, chore)


def _told_to_stop() -> threading.Event:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def _stand_in(runtime: Runtime, stopping: threading.Event) -> None:
    """Do what no worker was woken for, until nothing is left or the next tick is due."""
    end = monotonic_seconds() + TICK_SECONDS
    while runtime.drain(stopping.is_set) and monotonic_seconds() < end and not stopping.is_set():
        continue


def _do_chore(runtime: Runtime, chore: Chore) -> None:
    """Do a chore; one that fails is reported, keeps no other from its turn, and has its own."""
    try:
        chore.run(runtime)
    except Exception as error:
        log.error("chore.failed", chore=chore.name, error=type(error).__name__, exc_info=error)


def tick(runtime: Runtime) -> bool:
    """Ring if anything is due; tell whether the ring was heard (or none was needed)."""
    is_due = False
    for source in runtime.sources:
        count = source.due(runtime.database.single_statements)
        WORK_DUE.labels(source.name).set(count)
        is_due = is_due or count > 0
    return runtime.doorbell.ring_all() if is_due else True
