"""What an answer means, and when a message that was not taken is sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

PAUSES = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause before each attempt; the last is followed by none."""

JITTER_SHARE = 0.1
GIVE_UP_AFTER = timedelta(days=5)
"""An endpoint that fails for so long without a success between is switched off."""
THROTTLE = timedelta(seconds=30)
THROTTLE_MAX = timedelta(hours=1)
_THROTTLES = frozenset({429, 502, 504})
_REST_MAX_SECONDS = 120

Verdict = Literal["taken", "failed", "gone"]


@dataclass(frozen=True)
class Judgement:
    """What an attempt came to; `wait` is how long the endpoint asked to be left alone."""

    verdict: Verdict
    wait: timedelta | None = None


def pause_before(attempt: int, share: float) -> timedelta | None:
    """Return the pause before the next attempt when `attempt` were made, or None after the last.

    `share`, from 0 to 1, is chance: up to a tenth is added, so that what failed together does not
    come again together.
    """
    assert attempt >= 0, "attempts are counted from none"
    assert 0 <= share <= 1, "a share is at most the whole"
    if attempt >= len(PAUSES):
        return None
    return PAUSES[attempt] * (1 + JITTER_SHARE * share)


def rest_after(failures: int) -> timedelta:
    """Return how long an endpoint is left alone after so many failures in a row: 2 s to 2 min.

    A receiver that does not answer costs a sender 15 s for each message; so it gets few.
    """
    return timedelta(seconds=min(2 ** min(failures, 10), _REST_MAX_SECONDS))


def judged(status: int | None, headers: Mapping[str, str], now: datetime) -> Judgement:
    """Judge an answer: only 2xx takes a message, 410 wants no more, a redirect is a failure.

    None is no answer at all. `headers` have names in lower case.
    """
    if status is None:
        return Judgement("failed")
    if 200 <= status < 300:
        return Judgement("taken")
    wait = _retry_after(headers.get("retry-after"), now)
    if wait is None and status in _THROTTLES:
        wait = THROTTLE
    return Judgement("gone" if status == 410 else "failed", wait)


def _retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Read seconds or an HTTP date; what is unreadable or long past says nothing."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(timedelta(seconds=int(text)), THROTTLE_MAX)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(at - now, THROTTLE_MAX) if at > now else None
