"""What somebody can still take back who has just voted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from builder_ui.portal.task_views import subject_of
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.withdrawing import waiting_vote


@dataclass(frozen=True)
class Undoable:
    """The viewer's vote that does not count yet: on what, which, and how long it waits still."""

    task_id: str
    subject: str
    is_approval: bool
    counts_at: datetime
    left_ms: int


def undoable_of(uow: UnitOfWork, task_id: str) -> Undoable | None:
    """Return what the viewer can take back on a task; None where there is nothing, or no task.

    The time that is left is the server's, so that a browser's clock does not matter.
    """
    if not task_id.replace("_", "").isalnum():
        return None  # Nobody's id, and perhaps nothing that a query can hold.
    try:
        task = queries.task(uow, task_id)
    except NotFound:
        return None
    row = waiting_vote(uow, task)
    if row is None:
        return None
    left = (row.counts_at - uow.now) // timedelta(milliseconds=1)
    return Undoable(task.id, subject_of(uow, task), row.decision == "approve", row.counts_at, left)
