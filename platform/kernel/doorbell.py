"""Redis as a doorbell: a ring says that there is work, never what the work is.

Each worker process listens on one queue of its own (RQ loses the job of a worker that dies after
the pop when it listens on two). Rings are coalesced by a short-lived key, so that a flood of
commits is one wake-up. A worker that has just answered waits a moment longer at a list of its
own: to be rung there costs it a tenth of a job of RQ. Losing Redis loses nothing: the ticker
derives rings from PostgreSQL.
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
STATE_KEY_SECONDS = 5
LINGER_SECONDS = 0.2
ANSWER_SECONDS = 30
RECONNECT_SECONDS_MAX = 2.0

_WORKS, _WAITS = b"works", b"waits"


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
        """Wake one worker, the readiest; tell whether Redis took it.

        Never raises: the work is committed, and the ticker will ring again.
        """
        return self._ring(self._readiest)

    def ring_all(self) -> bool:
        """Wake every worker, like `ring`: there is more to do than one does in a slice."""
        return self._ring(lambda: self._queues)

    def ring_for(self, queue_name: str) -> bool:
        """Wake one worker, like `ring`."""
        return self._ring(lambda: [each for each in self._queues if each.name == queue_name])

    def is_answered(self) -> bool:
        """Tell whether every ring was answered and no worker works, as far as Redis knows.

        A hint, not a proof: what is due stands in PostgreSQL. True where Redis is away.
        """
        names = [queue.name for queue in self._queues]
        try:
            rung = [*map(_wake_key, names)]
            said = self._redis.mget([*rung, *map(_state_key, names)])
            return not any(said[: len(rung)]) and _WORKS not in said
        except (RedisError, OSError):
            return True

    def _readiest(self) -> list[Queue]:
        """Return a worker that waits, else one that is idle, else the first of those that work."""
        states = self._redis.mget([_state_key(queue.name) for queue in self._queues])
        order: dict[object, int] = {_WAITS: 0, None: 1, _WORKS: 2}
        ranked = sorted(zip(states, self._queues, strict=True), key=lambda each: order[each[0]])
        return [queue for _state, queue in ranked[:1]]

    def _ring(self, chosen: Callable[[], list[Queue]]) -> bool:
        try:
            for queue in chosen():
                if self._redis.set(_wake_key(queue.name), b"1", nx=True, ex=WAKE_KEY_SECONDS):
                    self._wake(queue)
        except (RedisError, OSError) as error:
            log.warning("doorbell.unheard", error=type(error).__name__)
            return False
        return True

    def _wake(self, queue: Queue) -> None:
        # First the ring, then the look whether anybody is there; who leaves does the reverse.
        # So of two that meet, at least one sees the other, and no ring is lost between them.
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.lpush(_rings_key(queue.name), b"1")
        pipeline.expire(_rings_key(queue.name), STATE_KEY_SECONDS)
        pipeline.exists(_state_key(queue.name))
        _pushed, _expires, is_there = pipeline.execute()
        if is_there:
            return
        # The id is random and the outcome not kept: a fixed id whose job failed would block
        # every later ring. No timeout of RQ's: its alarm would go off in the middle of whatever
        # transaction is open then.
        queue.enqueue(
            "kernel.doorbell.answer", queue.name, result_ttl=0, failure_ttl=0, job_timeout=-1
        )

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
        """Let the next ring through, before draining, so that none is lost; be at work."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.delete(_wake_key(queue_name), _rings_key(queue_name))
        pipeline.set(_state_key(queue_name), _WORKS, ex=STATE_KEY_SECONDS)
        pipeline.execute()

    def hears_another(self, queue_name: str) -> bool:
        """Wait for a moment at the worker's own list; tell whether it was rung."""
        self._redis.set(_state_key(queue_name), _WAITS, ex=STATE_KEY_SECONDS)
        return self._redis.blpop([_rings_key(queue_name)], timeout=LINGER_SECONDS) is not None

    def end_answer(self, queue_name: str) -> None:
        """Be idle again; a ring that came at the last moment is rung anew."""
        self._redis.delete(_state_key(queue_name))
        if self._redis.delete(_rings_key(queue_name)):
            self._redis.delete(_wake_key(queue_name))
            self.ring_for(queue_name)

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
    """Drain until nothing is due and nobody rings for a moment. RQ calls this in the worker.

    After half a minute it rings for itself and ends, so that RQ sees the worker alive.
    """
    assert _answer is not None, "only a worker answers the doorbell"
    doorbell, drain = _answer
    end = monotonic_seconds() + ANSWER_SECONDS
    doorbell.begin_answer(queue_name)
    while drain() or doorbell.hears_another(queue_name):
        doorbell.begin_answer(queue_name)
        if monotonic_seconds() > end:
            # What it would have drained now is rung for again.
            doorbell.end_answer(queue_name)
            doorbell.ring_for(queue_name)
            return
    doorbell.end_answer(queue_name)


def _state_key(queue_name: str) -> str:
    return f"wareflow:state:{queue_name}"


def _rings_key(queue_name: str) -> str:
    return f"wareflow:rings:{queue_name}"


def _wake_key(queue_name: str) -> str:
    return f"wareflow:rung:{queue_name}"
