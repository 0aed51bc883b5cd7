"""When a sandbox is quiet: nothing of it is due, so its clock may move and change no result."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from kernel.access import system_actor
from kernel.clock import monotonic_seconds
from kernel.ids import TenantId
from kernel.runtime import Runtime

WATCHER = system_actor("demo")
PAUSE_SECONDS = 0.004
PATIENCE_SECONDS = 300

_BUSY = text(
    # Whatever a worker may still do at this instant of the tenant's business time.
    "SELECT (SELECT count(*) FROM outbox WHERE settled_at IS NULL)"
    " + (SELECT count(*) FROM job WHERE state = 'waiting')"
    " + (SELECT count(*) FROM run WHERE ready)"
    " + (SELECT count(*) FROM run_step WHERE state = 'waiting')"
    " + (SELECT count(*) FROM run_timer WHERE state = 'waiting' AND due_at <= :now)"
    " + (SELECT count(*) FROM scheduled_answer WHERE state = 'waiting' AND due_at <= :now)"
)
_UNDECIDED = text(
    # Tasks that wait for a person.
    "SELECT count(*) FROM task WHERE state = 'open'"
)
_NEXT_DUE = text(
    # The next instant of business time at which something becomes due.
    "SELECT min(due_at) FROM (SELECT due_at FROM run_timer WHERE state = 'waiting'"
    " UNION ALL SELECT due_at FROM scheduled_answer WHERE state = 'waiting') AS waiting"
)


class NeverQuiet(Exception):
    """The sandbox did not come to rest; the message says how much is still due."""


@dataclass(frozen=True)
class Quiet:
    """A sandbox at rest: the tasks that wait for people, and when something is due next."""

    tasks: int
    next_due: datetime | None


def wait_until_quiet(runtime: Runtime, tenant_id: TenantId) -> Quiet:
    """Wait for the workers to finish what is due. NeverQuiet after five minutes."""
    end = monotonic_seconds() + PATIENCE_SECONDS
    while True:
        busy, quiet = _look(runtime, tenant_id)
        if not busy:
            return quiet
        if monotonic_seconds() > end:
            raise NeverQuiet(f"{busy} pieces of work are still due after {PATIENCE_SECONDS} s")
        time.sleep(PAUSE_SECONDS)


def _look(runtime: Runtime, tenant_id: TenantId) -> tuple[int, Quiet]:
    with runtime.unit_of_work(tenant_id, WATCHER) as uow:
        busy = int(uow.session.execute(_BUSY, {"now": uow.now}).scalar_one())
        if busy:
            return busy, Quiet(0, None)
        tasks = int(uow.session.execute(_UNDECIDED).scalar_one())
        return 0, Quiet(tasks, uow.session.execute(_NEXT_DUE).scalar_one())
