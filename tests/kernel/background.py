"""A worker or a ticker of a small shop; run as a program by tests that kill, stop and starve it.

python background.py worker QUEUE
python background.py ticker
"""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from kernel.audit import Subject
from kernel.clock import Clock
from kernel.config import Config
from kernel.duties import Chore, run_ticker, run_worker
from kernel.jobs import JobKind
from kernel.log import configure_logging
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork

LEASE_SECONDS = 2
KEY = "mugs.counted"


def count(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    """Count one mug on a shelf."""
    row = uow.session.get(Setting, (uow.tenant_id, payload["shelf"], KEY))
    if row is None:
        row = Setting(
            tenant_id=uow.tenant_id, scope_id=payload["shelf"], key=KEY, value=0, locked=False
        )
        uow.session.add(row)
    row.value = row.value + 1
    uow.record("mugs.count", Subject("shelf", payload["shelf"]))


def count_slowly(uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
    """Say that it began, take its time unless it began before, and count."""
    began = Path(payload["began"])
    if not began.exists():
        # How long the database waits for somebody who stands still with a lock in hand.
        wait = text("SELECT set_config('idle_in_transaction_session_timeout', :wait, true)")
        uow.session.execute(wait, {"wait": payload["patience"]})
        began.write_text(str(os.getpid()))
        time.sleep(payload["seconds"])
    count(uow, payload)


JOB_KINDS = (JobKind("mugs.count", count), JobKind("mugs.count_slowly", count_slowly))


def compose(config: Config, clock: Clock | None = None) -> Runtime:
    """Return the shop: two kinds of job, leases that end soon."""
    return Runtime(
        config, ports=Ports(), job_kinds=JOB_KINDS, clock=clock, lease_seconds=LEASE_SECONDS
    )


def _break(_runtime: Runtime) -> None:
    raise RuntimeError("the broom broke")


def _sweep(_runtime: Runtime) -> None:
    print("swept", flush=True)


def main(duty: str, *queue: str) -> None:
    """Do one duty until told to stop."""
    config = Config.from_env(os.environ)
    configure_logging(config.log_level)
    if duty == "worker":
        run_worker(compose(config), *queue)
    else:
        run_ticker(compose(config), [Chore("break", 1, _break), Chore("sweep", 1, _sweep)])
    print("ended", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
