"""What people have done to a run from outside: a failed invoke tried again, effects undone."""

from __future__ import annotations

from workflow_engine.interpreter.compensating import PREFIX
from workflow_engine.interpreter.compiled import Compiled
from workflow_engine.interpreter.effects import InvokeStep
from workflow_engine.interpreter.snapshot import Snapshot


def reopen(compiled: Compiled, snapshot: Snapshot, invoke_id: str, epoch: int) -> Snapshot | None:
    """The snapshot in which an invoke that failed is open again under its epoch.

    None where that would mean nothing: its state has been left, or it is open anyway.
    """
    invoke = compiled.invokes.get(invoke_id)
    if invoke is None or snapshot.finished or invoke_id in snapshot.invokes:
        return None
    if not snapshot.configuration >> invoke.state & 1:
        return None
    return snapshot._replace(invokes={**snapshot.invokes, invoke_id: epoch})


def undo_latest(compiled: Compiled, snapshot: Snapshot) -> tuple[Snapshot, InvokeStep | None]:
    """The step that undoes the latest effect of a run that was cancelled; None when none is left.

    Answer it as any undoing: its failure is an incident, and the effect before it comes next.
    """
    if not snapshot.compensations:
        return snapshot, None
    *kept, entry = snapshot.compensations
    compensation = compiled.invokes[entry["invoke"]].compensation
    assert compensation is not None, "only what can be undone is remembered"
    epoch = snapshot.epoch + 1
    asked = InvokeStep(
        f"{PREFIX}{entry['invoke']}",
        epoch,
        compensation.action,
        entry["input"],
        timeout=compensation.timeout,
        retry=compensation.retry,
        compensates=entry["invoke"],
    )
    return snapshot._replace(compensations=tuple(kept), epoch=epoch), asked
