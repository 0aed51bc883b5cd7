"""Whatever is written into a definition, only faults come of it, quickly."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.workflow_engine.definition.hostile import (
    BASE,
    THREAD_SECONDS_MAX,
    a_hostile,
    meet,
)


def test_the_definition_that_is_spoiled_is_sound() -> None:
    assert not meet(BASE).refused


def test_two_thousand_spoiled_definitions_are_refused_or_run_within_their_budget() -> None:
    met = [meet(a_hostile(seed)) for seed in range(2000)]

    assert sorted(each.seconds for each in met)[-10] < THREAD_SECONDS_MAX
    assert 50 < len([each for each in met if not each.refused]) < 1000


@pytest.mark.soak
@pytest.mark.parametrize("batch", range(49))
def test_a_hundred_thousand_spoiled_definitions_leave_the_memory_flat(batch: int) -> None:
    first = 2000 * (batch + 1)
    meet(a_hostile(first))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    for seed in range(first, first + 2000):
        meet(a_hostile(seed))

    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 4_000_000
