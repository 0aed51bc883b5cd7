"""When a message comes again, and what answers mean."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.webhooks.retrying import (
    GIVE_UP_AFTER,
    PAUSES,
    Judgement,
    judged,
    pause_before,
    rest_after,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_ten_attempts_are_made_over_three_days() -> None:
    """WH-05: the table, from at once to a day later."""
    pauses = [pause_before(attempt, 0) for attempt in range(11)]

    assert [each and each.total_seconds() for each in pauses[1:]] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None,
    ]  # fmt: skip
    assert pauses[0] == timedelta(0)
    assert timedelta(days=3) < sum(PAUSES, timedelta(0)) < GIVE_UP_AFTER


@given(st.integers(0, 9), st.floats(0, 1))
def test_chance_adds_at_most_a_tenth_and_takes_nothing(attempt: int, share: float) -> None:
    """WH-05: jitter."""
    pause = pause_before(attempt, share)

    assert pause is not None
    assert PAUSES[attempt] <= pause <= PAUSES[attempt] * 1.1


def test_a_failing_endpoint_rests_longer_each_time_and_never_longer_than_two_minutes() -> None:
    rests = [rest_after(failures) for failures in range(1, 40)]

    assert rests[0] == timedelta(seconds=2)
    assert all(before <= after for before, after in pairwise(rests))
    assert rests[-1] == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Judgement("taken")),
        (204, {}, Judgement("taken")),
        (299, {"retry-after": "60"}, Judgement("taken")),
        (199, {}, Judgement("failed")),
        (301, {"location": "https://elsewhere.example"}, Judgement("failed")),
        (304, {}, Judgement("failed")),
        (400, {}, Judgement("failed")),
        (410, {}, Judgement("gone")),
        (429, {}, Judgement("failed", timedelta(seconds=30))),
        (429, {"retry-after": "7"}, Judgement("failed", timedelta(seconds=7))),
        (502, {}, Judgement("failed", timedelta(seconds=30))),
        (503, {}, Judgement("failed")),
        (503, {"retry-after": "99999999"}, Judgement("failed", timedelta(hours=1))),
        (503, {"retry-after": "Mon, 02 Mar 2026 09:00:40 GMT"},
         Judgement("failed", timedelta(seconds=40))),
        (503, {"retry-after": "Mon, 02 Mar 2020 09:00:00 GMT"}, Judgement("failed")),
        (503, {"retry-after": "-1"}, Judgement("failed")),
        (504, {"retry-after": "soon"}, Judgement("failed", timedelta(seconds=30))),
        (None, {}, Judgement("failed")),
    ],
)  # fmt: skip
def test_only_2xx_takes_a_message(
    status: int | None, headers: dict[str, str], expected: Judgement
) -> None:
    """WH-05: redirects fail, 410 wants no more, 429, 502, 504 and Retry-After ask for a rest."""
    assert judged(status, headers, NOW) == expected
