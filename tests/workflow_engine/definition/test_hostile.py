"""Whatever is written into a definition, only faults come of it, quickly.

A hundred thousand spoiled definitions are met by `make soak`.
"""

from __future__ import annotations

from tests.workflow_engine.definition.hostile import BASE, THREAD_SECONDS_MAX, meet, meet_fairly


def test_the_definition_that_is_spoiled_is_sound() -> None:
    assert not meet(BASE).refused


def test_two_thousand_spoiled_definitions_are_refused_or_run_within_their_budget() -> None:
    met = [meet_fairly(seed) for seed in range(2000)]

    assert max(each.seconds for each in met) < THREAD_SECONDS_MAX
    assert 50 < len([each for each in met if not each.refused]) < 1000
