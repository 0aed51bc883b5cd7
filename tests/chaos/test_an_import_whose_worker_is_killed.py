"""A worker is killed with -9 in the middle of an import: another goes on, and no row is twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from sqlalchemy import select

from commerce.catalog.imports import service
from commerce.catalog.imports.tables import ImportRun
from commerce.catalog.tables import Product, Sku
from kernel.access import operator_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.commerce.catalog.import_files import again, checked, csv_of, importing_runtime, mug_rows
from tests.conftest import ACME, Cluster

ROOT = Path(__file__).parents[2]
ROWS = 600
PATIENCE_SECONDS = 60
OPERATOR = operator_actor("tests")

WORKER = """
import os
from commerce.catalog.imports.chunks import JOB_KINDS
from kernel.config import Config
from kernel.ports import Ports
from kernel.runtime import Runtime
Runtime(Config.from_env(os.environ), ports=Ports(), job_kinds=JOB_KINDS).drain_all()
"""


def a_worker(config: Config) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "WAREFLOW_VAR": str(config.var_dir),
        "DATABASE_URL": config.database_url,
        "DATABASE_OWNER_URL": config.database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": config.secret_keys[0],
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, stdout=subprocess.DEVNULL
    )


def chunks_ended(database: Cluster) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute("SELECT chunks_ended FROM import_run").fetchone()
    assert row is not None
    return int(row[0])


def test_another_worker_goes_on_and_no_row_is_written_twice(
    runtime: Runtime, config: Config, clock: StoppedClock, database: Cluster
) -> None:
    """REL-03, REL-05: kill -9 between any two lines of a chunk loses and repeats nothing."""
    importing = importing_runtime(config, clock)
    run = checked(importing, csv_of(*mug_rows(ROWS)), OPERATOR)
    with importing.unit_of_work(ACME, OPERATOR) as uow:
        service.accept(uow, run.id)
    worker = a_worker(config)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while chunks_ended(database) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(PATIENCE_SECONDS)
    survived = chunks_ended(database)
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        # What thirty seconds would do: the dead worker's lease runs out.
        connection.execute("UPDATE job SET lease_until = NULL WHERE state = 'waiting'")
    importing.drain_all()

    assert 2 <= survived < ROWS // 100, "the worker was killed in the middle"
    done: ImportRun = again(importing, run)
    assert (done.state, done.counts["create"], done.counts["bad"]) == ("done", ROWS, 0)
    with importing.unit_of_work(ACME, OPERATOR) as uow:
        products = uow.session.scalars(select(Product.code).order_by(Product.code)).all()
        skus = uow.session.scalars(select(Sku.code).order_by(Sku.code)).all()
    assert products == [row[0] for row in mug_rows(ROWS)]
    assert skus == [row[3] for row in mug_rows(ROWS)]
    importing.close()
