"""Runs the floors and peers that lie beside the clone, against the database at hand."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from bench.installation import YARDSTICKS
from bench.peers import environment
from tests.conftest import Cluster

DBOS = "3.4.0"
_RATES = ("reservations_s", "events_s")


def floor(script: str, cluster: Cluster, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield a yardstick's lines; `shown` is what the page shows of each.

    CalledProcessError where it refuses the database or finds its own rows wrong.
    """
    for told in _said(sys.executable, script, cluster.superuser_url, arguments):
        yield {**told, "shown": _shown(told)}


def dbos(cluster: Cluster, workflows: int, repeats: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what DBOS does with three steps, alone and with eight callers, in its own database."""
    python = environment("dbos", f"dbos=={DBOS}", "psycopg[binary]")
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE dbos")
    url = cluster.superuser_url.replace("/wareflow?", "/dbos?")
    size = ["--n", str(workflows), "--repeat", str(repeats), "--processes", "1"]
    (told,) = _said(str(python), "dbos_wf.py", url, [*size, "--concurrency", "1,8"])
    for case, found in told["cases"].items():
        callers = case.rpartition("_c")[2]
        shown = {
            "per_s": {name: round(found["workflows_s"][name]) for name in ("min", "med", "max")},
            "cpu_ms_client": found["cpu_ms_app"]["med"],
            "cpu_ms_server": found["cpu_ms_postgres"]["med"],
            "load": told["load1"],
            "errors": 0,
        }
        yield f"DBOS {told['version']}, {callers} callers", shown


def _said(python: str, script: str, url: str, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    done = subprocess.run(
        [python, str(YARDSTICKS / script), *arguments],
        cwd=YARDSTICKS,
        env={**os.environ, "DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    yield from (json.loads(line) for line in done.stdout.splitlines())


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    rate = next(told[name] for name in _RATES if name in told)
    return {
        "per_s": {name: round(rate[name]) for name in ("min", "med", "max")},
        "cpu_ms_client": round(told["cpu_ms_client"]["med"], 3),
        "cpu_ms_server": round(told["cpu_ms_postgres"]["med"], 3),
        "load": told["load1"],
        "errors": 0,
    }
