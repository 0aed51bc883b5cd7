"""What a process has lately counted of each tenant's use, so that not everybody counts anew."""

from dataclasses import dataclass
from threading import Lock

from kernel.clock import monotonic_seconds
from kernel.ids import TenantId

SOFT_SHARE = 0.8
READING_SECONDS = 10.0
HEADROOM_MIN = 1_000
"""A limit with less than this above its soft share is always counted exactly."""


@dataclass
class _Reading:
    most: int
    used: int
    until_seconds: float


class Meter:
    """What a process has lately counted; one belongs to each composed runtime."""

    def __init__(self) -> None:
        """Start without any reading."""
        self._readings: dict[tuple[TenantId, str], _Reading] = {}
        self._lock = Lock()

    def allows(self, tenant_id: TenantId, name: str, more: int) -> bool:
        """Tell whether so much more is far from the limit, by a fresh count; count it if so."""
        with self._lock:
            reading = self._readings.get((tenant_id, name))
            if reading is None or monotonic_seconds() > reading.until_seconds:
                return False
            if not is_far(reading.used + more, reading.most):
                return False
            reading.used += more
            return True

    def note(self, tenant_id: TenantId, name: str, most: int, used: int) -> None:
        """Keep a count for some seconds."""
        with self._lock:
            until = monotonic_seconds() + READING_SECONDS
            self._readings[tenant_id, name] = _Reading(most, used, until)

    def last_limit(self, tenant_id: TenantId, name: str) -> int | None:
        """Return the limit that was read in the last seconds, or None."""
        with self._lock:
            reading = self._readings.get((tenant_id, name))
            fresh = reading is not None and monotonic_seconds() <= reading.until_seconds
            return reading.most if reading is not None and fresh else None

    def forget(self, tenant_id: TenantId) -> None:
        """Have everything of a tenant counted anew: its limits were changed here."""
        with self._lock:
            for key in [each for each in self._readings if each[0] == tenant_id]:
                del self._readings[key]


def is_far(used: int, most: int) -> bool:
    """Tell whether a limit is too far away for an old count to be wrong about it."""
    return used <= most * SOFT_SHARE and most - most * SOFT_SHARE >= HEADROOM_MIN
