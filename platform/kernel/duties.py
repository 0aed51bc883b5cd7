"""The two background processes: a worker that answers the doorbell, a ticker that rings it."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog
from sqlalchemy.exc import DBAPIError

from kernel.metrics import WORK_DUE
from kernel.runtime import Runtime

log = structlog.get_logger(__name__)

TICK_SECONDS = 2.0
FALLBACK_TICKS = 2
"""With Redis gone, the ticker itself drains after this many ticks (REL-04: within 5 s)."""


@dataclass(frozen=True)
class Chore:
    """Something the ticker does now and then, safe to do in several tickers at once."""

    name: str
    every_ticks: int
    run: Callable[[Runtime], None]


def run_worker(runtime: Runtime, queue_name: str) -> None:
    """Answer rings on one queue until SIGTERM; the piece of work in hand is finished first."""
    runtime.drain_all()
    runtime.doorbell.work(queue_name, runtime.drain)


def run_ticker(runtime: Runtime, chores: Sequence[Chore] = ()) -> None:
    """Every two seconds: count what is due, ring for it, do the chores; until SIGTERM."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ticks, unheard = 0, 0
    while not stopping.wait(TICK_SECONDS):
        ticks += 1
        try:
            unheard = 0 if tick(runtime) else unheard + 1
            if unheard >= FALLBACK_TICKS:
                runtime.drain()
            for chore in chores:
                if ticks % chore.every_ticks == 0:
                    chore.run(runtime)
        except DBAPIError as error:
            log.warning("ticker.database_away", error=type(error).__name__)


def tick(runtime: Runtime) -> bool:
    """Ring if anything is due; tell whether the ring was heard (or none was needed)."""
    is_due = False
    for source in runtime.sources:
        count = source.due(runtime.database.engine)
        WORK_DUE.labels(source.name).set(count)
        is_due = is_due or count > 0
    return runtime.doorbell.ring() if is_due else True
