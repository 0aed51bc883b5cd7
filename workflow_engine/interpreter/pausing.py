"""Suspended runs: the timers marked pausable stand still, the others go on."""

from __future__ import annotations

from datetime import timedelta

from workflow_engine.expressions.values import read_timestamp, write_timestamp
from workflow_engine.interpreter.compiled import Compiled
from workflow_engine.interpreter.effects import ClearTimer, Effect, SetTimer
from workflow_engine.interpreter.snapshot import Snapshot
from workflow_engine.interpreter.timing import FIRED


def resume_timers(
    compiled: Compiled, snapshot: Snapshot, suspended_for: timedelta
) -> tuple[Snapshot, tuple[Effect, ...]]:
    """Move the pausable timers of a run that was suspended; every one gets a new id.

    Clocks that are fixed for longer than a state (`first_entry`, `run`) move with them. Delayed
    sends and all other timers keep their times, and may be due at once.
    """
    timers, anchors = dict(snapshot.timers), dict(snapshot.anchors)
    epoch, effects = snapshot.epoch, list[Effect]()
    for anchor, fixed in snapshot.anchors.items():
        if compiled.timers[anchor].model.pausable and fixed != FIRED:
            anchors[anchor] = write_timestamp(read_timestamp(fixed) + suspended_for)
    for timer_id, record in snapshot.timers.items():
        name = record.get("after")
        if name is None or not compiled.timers[name].model.pausable:
            continue
        at = read_timestamp(record["at"]) + suspended_for
        epoch += 1
        del timers[timer_id]
        timers[f"{name}.{epoch}"] = {"at": write_timestamp(at), "after": name}
        model = compiled.timers[name].model
        effects += [
            ClearTimer(timer_id),
            SetTimer(f"{name}.{epoch}", at, source=name, pausable=True, sla=model.sla),
        ]
    moved = snapshot._replace(timers=timers, anchors=anchors, epoch=epoch)
    return moved, tuple(effects)
