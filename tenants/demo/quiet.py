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
GLANCE_SECONDS = 0.002
LOOKS_AT_LEAST_EVERY_SECONDS = 0.25
PATIENCE_SECONDS = 300

_LOOK = text(
    # What a worker may still do at this instant of the tenant's business time; the tasks that
    # wait for a person; and the next instant at which something becomes due.
    "SELECT (SELECT count(*) FROM outbox WHERE settled_at IS NULL)"
    " + (SELECT count(*) FROM job WHERE state = 'waiting')"
    " + (SELECT count(*) FROM run WHERE ready)"
    " + (SELECT count(*) FROM run_step WHERE state = 'waiting')"
    " + (SELECT count(*) FROM run_timer WHERE state = 'waiting' AND due_at <= :now)"
    " + (SELECT count(*) FROM scheduled_answer WHERE state = 'waiting' AND due_at <= :now)"
    " AS busy,"
    " (SELECT count(*) FROM task WHERE state = 'open') AS tasks,"
    " (SELECT min(due_at) FROM (SELECT due_at FROM run_timer WHERE state = 'waiting'"
    " UNION ALL SELECT due_at FROM scheduled_answer WHERE state = 'waiting') AS waiting)"
    " AS next_due"
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
        _wait_for_the_workers(runtime)
        busy, quiet = _look(runtime, tenant_id)
        if not busy:
            return quiet
        if monotonic_seconds() > end:
            raise NeverQuiet(f"{busy} pieces of work are still due after {PATIENCE_SECONDS} s")
        time.sleep(PAUSE_SECONDS)


def _wait_for_the_workers(runtime: Runtime) -> None:
    """Wait a moment while workers work: to ask Redis costs less than to ask the database."""
    end = monotonic_seconds() + LOOKS_AT_LEAST_EVERY_SECONDS
    while not runtime.doorbell.is_answered() and monotonic_seconds() < end:
        time.sleep(GLANCE_SECONDS)


def _look(runtime: Runtime, tenant_id: TenantId) -> tuple[int, Quiet]:
    with runtime.unit_of_work(tenant_id, WATCHER) as uow:
        seen = uow.session.execute(_LOOK, {"now": uow.now}).one()
        return seen.busy, Quiet(seen.tasks, seen.next_due)
