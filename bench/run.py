"""Runs the benchmarks with their peers, says which ratios moved, and renders docs/benchmarks.md.

Run: make bench, or python -m bench.run engine|work. What was found is kept in bench/results, one
JSON line a case; the next run is compared with it. Ratios of one run are what counts: absolute
figures are of this machine and hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.page import render
from bench.ratios import Ratio, ratios_of
from bench.saying import say
from bench.work_ratios import ratios_of_work

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
SCRIPTS = {
    "engine": ("bench.e1_interpreter", "bench.e3_guards_and_tables"),
    "work": ("bench.c1_reservations", "bench.c5_orders", "bench.e5_durable_events"),
}
MOVED_PERCENT = 10
Lines = list[dict[str, Any]]


def main() -> int:
    """Run everything, or the groups that are named; 0 where every case ran."""
    groups = sys.argv[1:] or list(SCRIPTS)
    errors = [error for group in groups for error in measure(group)]
    PAGE.write_text(render(read(kept("engine")), read(kept("work"))))
    return int(any(errors))


def measure(group: str) -> list[int]:
    """Run a group's scripts, keep what they found, and return how many errors each case had."""
    before = _ratios(group, read(kept(group)))
    found = [line for script in SCRIPTS[group] for line in run(script)]
    RESULTS.mkdir(exist_ok=True)
    kept(group).write_text("".join(json.dumps(line) + "\n" for line in found))
    for name, ratio in _ratios(group, found).items():
        known = before.get(name)
        if known and abs(ratio.found - known.found) * 100 > MOVED_PERCENT * known.found:
            sys.stdout.write(f"moved: {name} from {known.found:.3g} to {ratio.found:.3g}\n")
    return [line["errors"] for line in found]


def _ratios(group: str, lines: Lines) -> dict[str, Ratio]:
    return ratios_of(lines) if group == "engine" else ratios_of_work(lines)


def kept(group: str) -> Path:
    """Where a group's lines are kept."""
    return RESULTS / f"{group}.jsonl"


def run(script: str) -> Lines:
    """One script's lines, printed as they come."""
    found: Lines = []
    command = [sys.executable, "-m", script]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            found.append(json.loads(line))
            say(found[-1])
    if running.returncode:
        found.append({"benchmark": script, "library": "Wareflow", "errors": 1})
    return found


def read(path: Path) -> Lines:
    """The lines of an earlier run, none where there was none."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
