"""E1 and E2: the interpreter on the flat machine and the order of 21 states, peers beside it.

Prints one JSON line a case. Run: python -m bench.e1_interpreter [--alone]

The peers run in the same minute, from environments of their own under var/bench: events a CPU
second are what can be compared on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.machines import FLAT_EVENTS, ORDER_EVENTS, flat, order
from bench.peers import run_peers
from bench.saying import say, spread
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
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CYCLES, REPEATS = 1_000, 7


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
        "library": "Wareflow",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "per_s": spread(wall),
        "per_cpu_s": spread(cpu),
        "cpu_ms_each": round(1000 / max(cpu), 5),
        **facts,
        "errors": 0,
    }
    say(line)


def main() -> None:
    """Run every case of ours, then the peers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    chosen = parser.parse_args()
    small, large = (compile_definition(parse_definition(each)) for each in (flat(), order()))
    flat_events, events = [Event(name) for name in FLAT_EVENTS], order_events()
    measure("E1 flat", stepping(small, flat_events))
    measure("E1 order of 21 states", stepping(large, events))
    bytes_max = largest(large, events)
    measure("E2 restore, event, snapshot", restoring(large, events), snapshot_bytes_max=bytes_max)
    example = json.loads(EXAMPLE.read_text(), parse_float=Decimal)
    measure("E1 compile the example", compiling(example), goal_ms=10)
    if not chosen.alone:
        machines = {
            "flat": flat(),
            "order": order(),
            "flatEvents": [_told(event) for event in flat_events],
            "orderEvents": [_told(event) for event in events],
        }
        run_peers(machines)


def _told(event: Event) -> dict[str, Any]:
    return {"type": event.name} | ({"data": event.data} if event.data else {})


if __name__ == "__main__":
    main()
