"""Where a run stands, read from its row and written back."""

from datetime import datetime

from kernel.canonical import canonical_bytes, read_json
from workflow_engine.interpreter import Compiled, Snapshot, read_snapshot, write_snapshot
from workflow_engine.runtime.standing import moved_on
from workflow_engine.runtime.tables import Run

NOT_BEGUN = "{}"


def snapshot_of(compiled: Compiled, run: Run) -> Snapshot | None:
    """Return where a run stands; None where it has not begun yet."""
    if run.snapshot == NOT_BEGUN:
        return None
    return read_snapshot(compiled, read_json(run.snapshot))


def keep_snapshot(compiled: Compiled, run: Run, snapshot: Snapshot, now: datetime) -> None:
    """Write down where a locked run stands now; what is over stands nowhere."""
    run.snapshot = canonical_bytes(write_snapshot(compiled, snapshot)).decode()
    states = () if snapshot.finished else compiled.leaves(snapshot.configuration)
    run.standing = moved_on(run.standing, states, now)
