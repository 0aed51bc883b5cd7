"""Token buckets: so many in a minute, and a minute's worth at once.

The buckets of an installation stand in Redis, so that all its processes pour from one. Where
Redis is away, each process has buckets of its own: then there are more, but never no limit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

from kernel.clock import monotonic_seconds

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
AWAY_SECONDS = 2.0
BUCKETS_MAX = 10_000


@dataclass(frozen=True)
class Grant:
    """Whether a request may pass, what is left, and when there is more."""

    is_granted: bool
    most: int
    left: int
    retry_after_seconds: int

    @property
    def is_nearly_used(self) -> bool:
        """Whether less than a fifth is left."""
        return self.left < self.most / 5


@dataclass(frozen=True)
class Level:
    """How full a bucket was, and when."""

    tokens: float
    at_seconds: float


def pour(level: Level | None, now_seconds: float, most: int) -> tuple[Level, Grant]:
    """Take one token, if there is one; `most` flow in during a window, and no more fit in."""
    speed = most / WINDOW_SECONDS
    tokens = float(most)
    if level is not None:
        passed = max(0.0, now_seconds - level.at_seconds)
        tokens = min(float(most), level.tokens + passed * speed)
    is_granted = tokens >= 1
    tokens -= is_granted
    wait = 0 if is_granted else _wait(tokens, most)
    return Level(tokens, now_seconds), Grant(is_granted, most, int(tokens), wait)


def _wait(tokens: float, most: int) -> int:
    return ceil((1 - tokens) * WINDOW_SECONDS / most) if most else WINDOW_SECONDS


# The same as `pour`, on the clock of Redis, in one step for all processes.
_POUR = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local tokens = most
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
if kept[1] then
  tokens = math.min(most, tonumber(kept[1]) + math.max(0, at - tonumber(kept[2])) * most / window)
end
local granted = 0
if tokens >= 1 then
  granted, tokens = 1, tokens - 1
end
local left = string.format('%.6f', tokens)
redis.call('HSET', KEYS[1], 'tokens', left, 'at', string.format('%.6f', at))
redis.call('EXPIRE', KEYS[1], window * 2)
return {granted, left}
"""


class Buckets:
    """The buckets of this installation, as this process reaches them."""

    def __init__(
        self, redis_url: str, now_seconds: Callable[[], float] = monotonic_seconds
    ) -> None:
        """Take the address of Redis; nothing is connected yet."""
        self._redis = Redis.from_url(redis_url, socket_timeout=0.25, socket_connect_timeout=0.25)
        self._script = self._redis.register_script(_POUR)
        self._now_seconds = now_seconds
        self._away_until = float("-inf")
        self._own: dict[str, Level] = {}
        self._lock = Lock()

    def take(self, name: str, most: int) -> Grant:
        """Take one token of a bucket; never raises."""
        if self._now_seconds() >= self._away_until:
            try:
                return self._shared(name, most)
            except (RedisError, OSError) as error:
                self._away_until = self._now_seconds() + AWAY_SECONDS
                log.warning("rates.on_my_own", error=type(error).__name__)
        return self._alone(name, most)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _shared(self, name: str, most: int) -> Grant:
        answer: Any = self._script(keys=[f"wareflow:rate:{name}"], args=[most, WINDOW_SECONDS])
        tokens = float(answer[1])
        wait = 0 if answer[0] else _wait(tokens, most)
        return Grant(bool(answer[0]), most, int(tokens), wait)

    def _alone(self, name: str, most: int) -> Grant:
        with self._lock:
            if len(self._own) >= BUCKETS_MAX:
                self._own.clear()
            self._own[name], grant = pour(self._own.get(name), self._now_seconds(), most)
        return grant
