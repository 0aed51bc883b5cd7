"""Runs E1 to E3 with their peers, says which ratios moved, and renders docs/benchmarks.md.

Run: make bench. What was found is kept in bench/results, one JSON line a case; the next run is
compared with it. Ratios of one run are what counts: absolute figures are of this machine and hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.page import render
from bench.ratios import ratios_of
from bench.saying import say

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "bench" / "results" / "engine.jsonl"
PAGE = ROOT / "docs" / "benchmarks.md"
SCRIPTS = ("bench.e1_interpreter", "bench.e3_guards_and_tables")
MOVED_PERCENT = 10
Lines = list[dict[str, Any]]


def main() -> int:
    """Run everything; 0 where every case ran."""
    before = ratios_of(read(KEPT))
    found = [line for script in SCRIPTS for line in run(script)]
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text("".join(json.dumps(line) + "\n" for line in found))
    for name, ratio in ratios_of(found).items():
        known = before.get(name)
        if known and abs(ratio.found - known.found) * 100 > MOVED_PERCENT * known.found:
            sys.stdout.write(f"moved: {name} from {known.found:.1f} to {ratio.found:.1f}\n")
    PAGE.write_text(render(found))
    return int(any(line["errors"] for line in found))


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
