"""Keeps a step's lease alive while its call takes long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from kernel.access import system_actor
from kernel.work import Claim, OpenUnit
from workflow_engine.runtime.tables import RunStep

log = structlog.get_logger(__name__)


@contextmanager
def kept_alive(open_unit: OpenUnit, claim: Claim, lease_seconds: int) -> Iterator[None]:
    """Extend a claimed step's lease while the block runs, three times in its length.

    A lease that another worker has taken over is left alone; the fence tells so at the end.
    """
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(lease_seconds / 3):
            try:
                _extend(open_unit, claim, lease_seconds)
            except (DBAPIError, PoolExhausted) as error:
                log.warning("lease.not_extended", id=claim.id, error=type(error).__name__)

    heart = threading.Thread(target=beat, name="lease", daemon=True)
    heart.start()
    try:
        yield
    finally:
        is_over.set()
        heart.join()


def _extend(open_unit: OpenUnit, claim: Claim, lease_seconds: int) -> None:
    with open_unit(claim.tenant_id, system_actor("workflow")) as uow:
        uow.session.execute(
            update(RunStep)
            .where(RunStep.id == claim.id, RunStep.fence == claim.fence)
            .values(lease_until=func.clock_timestamp() + timedelta(seconds=lease_seconds))
        )
