"""Redis as a doorbell: a ring says that there is work, never what the work is.

Each worker process listens on one queue of its own (RQ loses the job of a worker that dies after
the pop when it listens on two). Rings are coalesced by a short-lived key, so that a flood of
commits is one wake-up. Losing Redis loses nothing: the ticker derives rings from PostgreSQL.
"""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from kernel.clock import monotonic_seconds

log = structlog.get_logger(__name__)

WAKE_KEY_SECONDS = 2
BUSY_KEY_SECONDS = 5
ANSWER_SECONDS = 30
RECONNECT_SECONDS_MAX = 2.0


class Doorbell:
    """Wakes the workers of this installation."""

    def __init__(self, redis_url: str, queue_names: list[str]) -> None:
        """Take the names of the queues: one for each worker process."""
        self._redis = Redis.from_url(
            redis_url, socket_timeout=2, socket_connect_timeout=1, health_check_interval=15
        )
        self._queues = [
            Queue(name, connection=self._redis, serializer=JSONSerializer) for name in queue_names
        ]

    def ring(self) -> bool:
        """Wake one worker, an idle one if there is one; tell whether Redis took it.

        Never raises: the work is committed, and the ticker will ring again.
        """
        return self._ring(self._idle_or_first)

    def ring_all(self) -> bool:
        """Wake every worker, like `ring`: there is more to do than one does in a slice."""
        return self._ring(lambda: self._queues)

    def ring_for(self, queue_name: str) -> bool:
        """Wake one worker, like `ring`."""
        return self._ring(lambda: [each for each in self._queues if each.name == queue_name])

    def _idle_or_first(self) -> list[Queue]:
        are_busy = self._redis.mget([_busy_key(queue.name) for queue in self._queues])
        idle = [queue for queue, busy in zip(self._queues, are_busy, strict=True) if not busy]
        return (idle or self._queues)[:1]

    def _ring(self, chosen: Callable[[], list[Queue]]) -> bool:
        try:
            for queue in chosen():
                if self._redis.set(_wake_key(queue.name), b"1", nx=True, ex=WAKE_KEY_SECONDS):
                    # The id is random and the outcome not kept: a fixed id whose job failed
                    # would block every later ring. No timeout of RQ's: its alarm would go off
                    # in the middle of whatever transaction is open then.
                    queue.enqueue(
                        "kernel.doorbell.answer",
                        queue.name,
                        result_ttl=0,
                        failure_ttl=0,
                        job_timeout=-1,
                    )
        except (RedisError, OSError) as error:
            log.warning("doorbell.unheard", error=type(error).__name__)
            return False
        return True

    def is_connected(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(self._redis.ping())
        except (RedisError, OSError):
            return False

    def work(
        self,
        queue_name: str,
        answer: Callable[[], bool],
        stopping: threading.Event | None = None,
    ) -> None:
        """Listen on one queue until told to stop; `answer` drains and tells whether more is left.

        SIGTERM and SIGINT set `stopping`; it then ends when `answer` next returns, however much
        is left. It also ends where Redis dies or forgets everything under it. The worker does not
        fork: a wake-up is cheaper than a fork, and forks inherit sockets.
        """
        global _answer
        queue = next(queue for queue in self._queues if queue.name == queue_name)
        worker = _Listener([queue], connection=self._redis, serializer=JSONSerializer)
        worker.stopping = stopping or worker.stopping
        _answer = (self, lambda: answer() and not worker.stopping.is_set())
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with suppress(StopRequested):
                worker.work(with_scheduler=False, logging_level="WARNING")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def begin_answer(self, queue_name: str) -> None:
        """Let the next ring through, before draining, so that none is lost; be busy meanwhile."""
        self._redis.delete(_wake_key(queue_name))
        self._redis.set(_busy_key(queue_name), b"1", ex=BUSY_KEY_SECONDS)

    def end_answer(self, queue_name: str) -> None:
        """Be idle again."""
        self._redis.delete(_busy_key(queue_name))

    def close(self) -> None:
        """Drop the connections."""
        self._redis.close()


class _Listener(SimpleWorker):
    """A worker that knows, while it works, that it was told to stop."""

    # After Redis was away, rings are heard again before people notice.
    max_connection_wait_time = RECONNECT_SECONDS_MAX

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.stopping = threading.Event()
        super().__init__(*arguments, **options)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Note the signal and nothing else: RQ would speak with Redis, in the middle of a unit
        of work, and would let a second signal break off what the first let finish."""
        del signum, frame
        self.stopping.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call] # RQ leaves it untyped.
        self._stop_requested = self._stop_requested or self.stopping.is_set()


_answer: tuple[Doorbell, Callable[[], bool]] | None = None


def answer(queue_name: str) -> None:
    """Drain until nothing is due, then wait for the next ring. RQ calls this in the worker.

    After half a minute it rings for itself and ends, so that RQ sees the worker alive.
    """
    assert _answer is not None, "only a worker answers the doorbell"
    doorbell, drain = _answer
    doorbell.begin_answer(queue_name)
    end = monotonic_seconds() + ANSWER_SECONDS
    while drain():
        if monotonic_seconds() > end:
            doorbell.ring_for(queue_name)
            break
        doorbell.begin_answer(queue_name)
    doorbell.end_answer(queue_name)


def _busy_key(queue_name: str) -> str:
    return f"wareflow:busy:{queue_name}"


def _wake_key(queue_name: str) -> str:
    return f"wareflow:rung:{queue_name}"
