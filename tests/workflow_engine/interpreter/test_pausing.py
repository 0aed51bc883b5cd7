"""A suspended run: its pausable timers stand still."""

from __future__ import annotations

from datetime import timedelta

from tests.workflow_engine.interpreter.charts import END, NOON, begun, compiled
from workflow_engine.interpreter import ClearTimer, SetTimer, resume_timers, step, timer_due

DAY = timedelta(days=1)
CHART = compiled(
    {
        "id": "waiting",
        "after": [
            {"id": "nudge", "delay": "P1D", "pausable": True},
            {"id": "sla", "delay": "P3D", "sla": "breach", "pausable": True, "target": "end"},
            {"id": "deadline", "delay": "P2D", "target": "end"},
        ],
    },
    END,
)


def test_pausable_timers_move_by_the_time_of_the_suspension() -> None:
    snapshot = begun(CHART).snapshot

    moved, effects = resume_timers(CHART, snapshot, 5 * DAY)

    assert effects == (
        ClearTimer("nudge.1"),
        SetTimer("nudge.4", NOON + 6 * DAY, source="nudge", pausable=True),
        ClearTimer("sla.2"),
        SetTimer("sla.5", NOON + 8 * DAY, source="sla", pausable=True, sla="breach"),
    )
    assert set(moved.timers) == {"nudge.4", "sla.5", "deadline.3"}


def test_the_old_timers_are_stale_and_the_new_ones_fire() -> None:
    moved, _ = resume_timers(CHART, begun(CHART).snapshot, DAY)

    assert step(CHART, moved, timer_due("sla.2"), NOON).disposition == "stale"
    assert step(CHART, moved, timer_due("sla.5"), NOON).snapshot.outcome == "success"
