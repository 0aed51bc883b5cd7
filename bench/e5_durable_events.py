"""E4 and E5: durable workflows and durable events, beside DBOS and the floor of plain SQL.

    python -m bench.e5_durable_events [--seconds 3] [--repeats 3]

Everything waits in the outbox when the clock starts; one process drains it, as a worker does. With
each event go its consumer's inbox, the run's inbox, run, history, audit entry and pending row.
The floor writes six rows an event and knows no tenants' walls (`sql_floor.py` beside the clone).
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.counting_flows import Begun, Counted, catalogue, counting, three_steps
from bench.measuring import cpu_of_descendants
from bench.saying import say, spread
from bench.wishes import Wishes, wishes
from bench.yardsticks import dbos, floor
from kernel import embedded
from kernel.access import operator_actor
from kernel.actions import Effect
from kernel.audit import Subject
from kernel.clock import monotonic_seconds
from kernel.config import Config
from kernel.events import Event
from kernel.log import configure_logging
from kernel.ports import Ports
from kernel.runtime import Runtime
from tests.conftest import ACME, Cluster, found_tenant
from workflow_engine.runtime.consuming import consumer, job_kinds
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.sources import RunWork

BENCH = operator_actor("bench")
WORKFLOWS, CASES, EVENTS_A_CASE = 150, 40, 10
E4, E5 = "E4 three durable steps", "E5 durable events"


def composed(cluster: Cluster, folder: Path, effect: Effect) -> Runtime:
    """Return the engine over a database of its own, with nothing around it."""
    environment = {
        **os.environ,
        "WAREFLOW_VAR": str(folder / "var"),
        "DATABASE_URL": cluster.app_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a-key-for-benches-that-is-long-enough-by-far",
    }
    engine = Engine(catalogue(effect))
    return Runtime(
        Config.from_env(environment),
        ports=Ports(engine=engine),
        consumers=[consumer(engine)],
        job_kinds=job_kinds(engine),
        sources=lambda open_unit: RunWork(engine, open_unit).sources(),
    )


def emit(runtime: Runtime, events: list[Event]) -> None:
    """Leave events in the outbox."""
    with runtime.unit_of_work(ACME, BENCH, work_class="batch") as uow:
        for each in events:
            uow.emit(each)
        uow.record("bench.emit", Subject("bench", "events"))


def timed(
    prepare: Callable[[int], None], runtime: Runtime, count: int, wish: Wishes
) -> dict[str, Any]:
    """Drain what `prepare` leaves, again and again; return rates and CPU of one of `count`."""
    rates, client, apart = [], [], []
    for repeat in range(wish.repeats):
        prepare(repeat)
        cpu, there, began = time.process_time(), cpu_of_descendants(), monotonic_seconds()
        runtime.drain_all()
        rates.append(count / (monotonic_seconds() - began))
        client.append((time.process_time() - cpu) * 1000 / count)
        apart.append((cpu_of_descendants() - there) * 1000 / count)
    return {
        "library": "Wareflow",
        "per_s": spread(rates),
        "cpu_ms_client": round(statistics.median(client), 2),
        "cpu_ms_server": round(statistics.median(apart), 2),
        "load": round(os.getloadavg()[0], 2),
        "errors": 0,
    }


def workflows(cluster: Cluster, folder: Path, wish: Wishes) -> Iterator[dict[str, Any]]:
    """Yield E4: with steps done in the run's transaction, and by workers."""
    effects: dict[Effect, str] = {"local": "local steps", "idempotent": "steps of workers"}
    for effect, told in effects.items():
        cluster.empty()
        runtime = composed(cluster, folder, effect)
        found_tenant(runtime, ACME, "Acme Mugs")
        _publish(runtime, three_steps())

        def prepare(repeat: int, runtime: Runtime = runtime) -> None:
            emit(runtime, [Begun(f"{repeat}/{number}") for number in range(WORKFLOWS)])

        found = timed(prepare, runtime, WORKFLOWS, wish)
        runtime.close()
        yield {"case": f"{E4}, {told}", **found}


def events(cluster: Cluster, folder: Path, wish: Wishes) -> Iterator[dict[str, Any]]:
    """Yield E5: ten events for each of forty runs that wait."""
    cluster.empty()
    runtime = composed(cluster, folder, "local")
    found_tenant(runtime, ACME, "Acme Mugs")
    _publish(runtime, counting())
    emit(runtime, [Begun(f"case-{number}") for number in range(CASES)])
    runtime.drain_all()

    def prepare(_repeat: int) -> None:
        cases = [f"case-{number}" for number in range(CASES)]
        emit(runtime, [Counted(case) for case in cases for _n in range(EVENTS_A_CASE)])

    found = timed(prepare, runtime, CASES * EVENTS_A_CASE, wish)
    runtime.close()
    yield {"case": E5, **found}


def _publish(runtime: Runtime, document: dict[str, Any]) -> None:
    with runtime.unit_of_work(ACME, BENCH) as uow:
        engine = uow.ports.engine
        assert isinstance(engine, Engine), "composed with one"
        publish(uow, engine, document)


def peers(cluster: Cluster, wish: Wishes) -> Iterator[dict[str, Any]]:
    """Yield what the floor and DBOS do on the same server."""
    cases = ["--connections", "1,2", "--per-tx", "1,10"]
    for told in floor("sql_floor.py", cluster, [*cases, *wish.of_floor]):
        name = f"plain SQL, {told['connections']} connections, {told['per_tx']} a transaction"
        yield {"case": E5, "library": name, **told["shown"]}
    for name, shown in dbos(cluster, WORKFLOWS, wish.repeats):
        yield {"case": f"{E4}, local steps", "library": name, **shown}


def main() -> None:
    """Print one line a case."""
    configure_logging("ERROR")
    wish = wishes(__doc__)
    with tempfile.TemporaryDirectory(prefix="wareflow-e5-") as name:
        folder = Path(name)
        with embedded.postgres(folder / "postgres", durable=True) as server:
            cluster = Cluster(server)
            for found in (workflows, events):
                for line in found(cluster, folder, wish):
                    say({"benchmark": line["case"][:2], **line})
            try:
                for line in peers(cluster, wish):
                    say({"benchmark": line["case"][:2], **line})
            except (OSError, subprocess.SubprocessError) as error:
                say({"benchmark": "E4", "library": "peers", "errors": 1, "error": str(error)[:200]})


if __name__ == "__main__":
    main()
