"""E1 and E2: the interpreter on the flat machine and the order of 21 states, peers beside it.

Prints one JSON line a case. Run: python -m bench.e1_interpreter [--peers FOLDER]

With a folder of peers' scripts (`sm_bench.py` for Python libraries, `xstate/bench.mjs`), those run
in the same minute, from environments of their own under var/bench: events a CPU second are what can
be compared on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.machines import FLAT_EVENTS, ORDER_EVENTS, flat, order
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import (
    Compiled,
    Event,
    compile_definition,
    read_snapshot,
    start,
    step,
    write_snapshot,
)

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "backorder.flow.json"
HOME = ROOT / "var" / "bench"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CYCLES, REPEATS = 1_000, 7
PEERS = ("transitions", "sismic", "python-statemachine")


def order_events() -> list[Event]:
    """One cycle; `capture` is first sent with nothing paid, which its guard refuses."""
    found = []
    for name in ORDER_EVENTS:
        if name == "capture":
            found.append(Event(name, data={"paid": 0}))
        found.append(Event(name, data={"paid": 100}) if name == "capture" else Event(name))
    return found


def stepping(compiled: Compiled, events: Sequence[Event]) -> Callable[[], int]:
    """Snapshots in memory, one value to the next."""

    def run() -> int:
        snapshot = start(compiled, {}, NOW).snapshot
        for _ in range(CYCLES):
            for event in events:
                snapshot = step(compiled, snapshot, event, NOW).snapshot
        assert compiled.leaves(snapshot.configuration) == ("draft",)
        return CYCLES * len(events)

    return run


def restoring(compiled: Compiled, events: Sequence[Event]) -> Callable[[], int]:
    """Every event from a stored text to a stored text, checked as it is read."""

    def run() -> int:
        stored = json.dumps(write_snapshot(compiled, start(compiled, {}, NOW).snapshot))
        for _ in range(CYCLES // 5):
            for event in events:
                snapshot = read_snapshot(compiled, json.loads(stored))
                moved = step(compiled, snapshot, event, NOW)
                stored = json.dumps(write_snapshot(compiled, moved.snapshot))
        return CYCLES // 5 * len(events)

    return run


def compiling(document: dict[str, Any]) -> Callable[[], int]:
    """The reference example, its expressions and tables, from a parsed definition."""
    definition = parse_definition(document)

    def run() -> int:
        compile_definition(definition)
        return 1

    return run


def largest(compiled: Compiled, events: Sequence[Event]) -> int:
    """The bytes of the largest snapshot of a cycle."""
    snapshot, most = start(compiled, {}, NOW).snapshot, 0
    for event in events:
        snapshot = step(compiled, snapshot, event, NOW).snapshot
        most = max(most, len(json.dumps(write_snapshot(compiled, snapshot)).encode()))
    return most


def measure(case: str, run: Callable[[], int], **facts: Any) -> None:
    """Print one case: per second of wall and of CPU, least, median and most."""
    run()
    wall, cpu = [], []
    for _ in range(REPEATS):
        wall_before, cpu_before = time.perf_counter(), time.process_time()
        done = run()
        cpu.append(done / (time.process_time() - cpu_before))
        wall.append(done / (time.perf_counter() - wall_before))
    line = {
        "benchmark": case.split()[0],
        "case": case,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "per_s": _spread(wall),
        "per_cpu_s": _spread(cpu),
        "cpu_ms_each": round(1000 / max(cpu), 5),
        **facts,
        "errors": 0,
    }
    say(json.dumps(line))


def _spread(values: list[float]) -> dict[str, int]:
    found = (min(values), statistics.median(values), max(values))
    return dict(zip(("min", "med", "max"), (round(value) for value in found), strict=True))


def say(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def run_peers(folder: Path) -> None:
    """Run the peers' scripts; one that cannot be set up is named and left out."""
    for peer in PEERS:
        _guarded(peer, lambda peer=peer: _python_peer(folder, peer))  # type: ignore[misc]
    _guarded("xstate", lambda: _xstate(folder / "xstate"))


def _guarded(peer: str, run: Callable[[], str]) -> None:
    try:
        for line in run().splitlines():
            say(line)
    except (OSError, subprocess.SubprocessError) as error:
        say(json.dumps({"benchmark": "E1", "library": peer, "error": str(error)[:200]}))


def _python_peer(folder: Path, peer: str) -> str:
    home = HOME / peer
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        packages = [peer, "setuptools", "psycopg[binary]"]
        _output([str(python), "-m", "pip", "install", "-q", *packages])
    return _output([str(python), str(folder / "sm_bench.py"), peer], cwd=folder)


def _xstate(folder: Path) -> str:
    home = HOME / "xstate"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise FileNotFoundError("node is not on the PATH")
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "bench.mjs", home / "bench.mjs")
    if not (home / "node_modules" / "xstate").is_dir():
        _output([npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), "xstate@5"])
    return _output([node, str(home / "bench.mjs")], cwd=home)


def _output(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=True)
    return done.stdout


def main() -> None:
    """Run every case of ours, then the peers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="the folder of the peers' scripts")
    chosen = parser.parse_args()
    small, large = (compile_definition(parse_definition(each)) for each in (flat(), order()))
    flat_events, events = [Event(name) for name in FLAT_EVENTS], order_events()
    measure("E1 flat", stepping(small, flat_events))
    measure("E1 order of 21 states", stepping(large, events))
    bytes_max = largest(large, events)
    measure("E2 restore, event, snapshot", restoring(large, events), snapshot_bytes_max=bytes_max)
    example = json.loads(EXAMPLE.read_text(), parse_float=Decimal)
    measure("E1 compile the example", compiling(example), goal_ms=10)
    if chosen.peers:
        run_peers(chosen.peers.resolve())


if __name__ == "__main__":
    main()
