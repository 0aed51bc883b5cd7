"""E7: how long one merchant's events wait while a neighbour floods the same workers.

    python -m bench.e7_neighbour [--flood 10000]

Two worker processes serve both. GLOBEX tells something every 50 ms, alone at first, then while ACME
has thousands of events waiting and writes more. A wait is from the event to the beginning of its
effect. TEN-11: the p95 under the flood is at most 2 x (the unloaded p95 + one slice of a drain).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psycopg

from bench.saying import say
from kernel import embedded
from kernel.access import system_actor
from kernel.audit import Subject
from kernel.config import Config
from kernel.duties import run_ticker, run_worker
from kernel.events import DeliveredEvent, Event
from kernel.ids import TenantId
from kernel.log import configure_logging
from kernel.outbox import consumer_of
from kernel.ports import Ports
from kernel.runtime import WORKER_QUEUES, Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.work import SLICE_SECONDS
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "e7_neighbour.jsonl"
EVERY_SECONDS = 0.05
MEASURED = 200
BATCH = 200
SHOP = system_actor("bench")

_WAITS = """
SELECT 1000 * extract(epoch FROM i.received_at - o.occurred_at)
FROM outbox o JOIN inbox i ON i.tenant_id = o.tenant_id AND i.message_id = o.id
WHERE o.tenant_id = %s AND o.data ->> 'round' = %s
"""


@dataclass(frozen=True)
class Said(Event):
    """Somebody said something."""

    name: ClassVar[str] = "bench.said"

    round: str


def hear(uow: UnitOfWork, event: DeliveredEvent) -> None:
    """Have a small effect: a row of one's own."""
    uow.session.add(
        Setting(
            tenant_id=uow.tenant_id, scope_id=event.id, key="bench.heard", value=1, locked=False
        )
    )
    uow.record("bench.hear", Subject("event", event.id))


def compose(config: Config) -> Runtime:
    """Return the kernel with one consumer."""
    return Runtime(config, ports=Ports(), consumers=[consumer_of("hearer", [Said], hear)])


def tell(runtime: Runtime, tenant_id: TenantId, name: str, count: int = 1) -> None:
    """Write events, together in one transaction."""
    with runtime.unit_of_work(tenant_id, SHOP, work_class="batch") as uow:
        for _ in range(count):
            uow.emit(Said(name))
        uow.record("bench.tell", Subject("round", name))


def measure(runtime: Runtime, admin: psycopg.Connection[tuple[float]], name: str) -> list[float]:
    """Tell at an even pace, wait until all was heard, and return the waits in milliseconds."""
    for _ in range(MEASURED):
        began = time.perf_counter()
        tell(runtime, GLOBEX, name)
        time.sleep(max(0.0, EVERY_SECONDS - (time.perf_counter() - began)))
    until = time.perf_counter() + 600
    while time.perf_counter() < until:
        waits = [float(row[0]) for row in admin.execute(_WAITS, [GLOBEX, name])]
        if len(waits) == MEASURED:
            return waits
        time.sleep(0.2)
    raise SystemExit(f"{name}: not all was heard within ten minutes")


@contextmanager
def flood(runtime: Runtime, count: int) -> Iterator[None]:
    """Have ACME tell so much at once, and go on telling meanwhile."""
    for _ in range(count // BATCH):
        tell(runtime, ACME, "flood", BATCH)
    is_over = threading.Event()

    def go_on() -> None:
        while not is_over.wait(1):
            tell(runtime, ACME, "flood", BATCH)

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextmanager
def workers(environment: Mapping[str, str]) -> Iterator[None]:
    """Run the two workers and the ticker as processes."""
    duties = [*WORKER_QUEUES, "ticker"]
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.e7_neighbour", "--duty", duty],
            cwd=ROOT,
            env={
                **os.environ, **environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
                "LOG_LEVEL": "error",
            },
        )
        for duty in duties
    ]  # fmt: skip
    try:
        yield
    finally:
        for each in programs:
            each.send_signal(signal.SIGTERM)
        for each in programs:
            each.wait(30)


def main() -> int:
    """Measure, and say whether the neighbour was left in peace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood", type=int, default=10_000)
    parser.add_argument("--duty", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.duty is not None:
        return serve(chosen.duty)
    with tempfile.TemporaryDirectory() as folder:
        line = compare(Path(folder), chosen.flood)
    say(line)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(line) + "\n")
    return 0 if line["holds"] else 1


def serve(duty: str) -> int:
    """Be one of the processes."""
    config = Config.from_env(os.environ)
    configure_logging(config.log_level)
    runtime = compose(config)
    if duty == "ticker":
        run_ticker(runtime)
    else:
        run_worker(runtime, duty)
    return 0


def compare(folder: Path, count: int) -> dict[str, object]:
    """Return the waits without and with a flood."""
    with (
        embedded.postgres(folder / "postgres", durable=True) as server,
        embedded.valkey(folder / "valkey") as bell,
    ):
        cluster = Cluster(server)
        environment = {
            "WAREFLOW_VAR": str(folder / "var"),
            "DATABASE_URL": cluster.app_url,
            "REDIS_URL": bell.url,
            "SECRET_KEY": "a-key-for-benchmarks-that-is-long-enough",
        }
        runtime = compose(Config.from_env(environment))
        for tenant_id in (ACME, GLOBEX):
            found_tenant(runtime, tenant_id, tenant_id)
        with (
            psycopg.connect(cluster.superuser_url, autocommit=True) as admin,
            workers(environment),
        ):
            measure(runtime, admin, "warm")
            alone = measure(runtime, admin, "alone")
            with flood(runtime, count):
                beside = measure(runtime, admin, "beside")
            left = admin.execute("SELECT count(*) FROM outbox WHERE settled_at IS NULL").fetchone()
        runtime.close()
    bound = 2 * (p95(alone) + 1000 * SLICE_SECONDS)
    return {
        "benchmark": "E7 neighbour",
        "flood": count,
        "measured": MEASURED,
        "alone_p50_ms": round(statistics.median(alone), 1),
        "alone_p95_ms": round(p95(alone), 1),
        "beside_p50_ms": round(statistics.median(beside), 1),
        "beside_p95_ms": round(p95(beside), 1),
        "bound_ms": round(bound, 1),
        "flood_left": left[0] if left else 0,
        "load": round(os.getloadavg()[0], 1),
        "holds": p95(beside) <= bound,
    }


def p95(values: list[float]) -> float:
    """The value that one in twenty passes."""
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    sys.exit(main())
