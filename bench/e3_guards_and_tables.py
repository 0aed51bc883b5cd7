"""E3: a typed guard and a decision table of 1,000 rows, each against a Python lambda.

Prints one JSON line a case; ratios are what counts. Run: python -m bench.e3_guards_and_tables
"""

import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.saying import say
from workflow_engine.decisions import compile_table
from workflow_engine.expressions import (
    BOOL,
    DYN,
    INT,
    STRING,
    RecordType,
    Scope,
    compile_expression,
)

CALLS, REPEATS = 100_000, 7
ORDER = {"context": {"total": 6_120, "tier": "gold", "express": True}}
TYPED = Scope({"context": RecordType({"total": INT, "tier": STRING, "express": BOOL})})
TIERS = '"gold","basic"'
GUARD = "context.total > 5000 && context.tier == 'gold'"


def lambda_guard(bindings: dict[str, Any]) -> Any:
    """The same guard as a person would write it in Python."""
    context = bindings["context"]
    return context["total"] > 5000 and context["tier"] == "gold"


def price_table(rows: int) -> dict[str, Any]:
    """A table of ranges, texts and bools with as many rows, which cover 0 to 10,000."""
    band = 10_000 // rows
    return {
        "id": "bands",
        "hit_policy": "FIRST",
        "inputs": [
            {"id": "total", "value": "context.total", "type": "int"},
            {"id": "express", "value": "context.express", "type": "bool"},
            {"id": "tier", "value": "context.tier", "type": "string"},
        ],
        "outputs": [{"id": "band", "type": "int"}],
        "rules": [
            {"id": f"r{row}", "when": [interval(row * band, band), "-", TIERS], "then": [row]}
            for row in range(rows)
        ],
    }


def interval(start: int, width: int) -> str:
    """A cell for `width` whole numbers."""
    return f"[{start}..{start + width - 1}]"


def microseconds(call: Callable[[dict[str, Any]], Any]) -> list[float]:
    """Time a call; one figure a repeat."""
    figures = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(CALLS):
            call(ORDER)
        figures.append((time.perf_counter() - start) / CALLS * 1e6)
    return figures


def report(case: str, ours: list[float], peer: list[float], goal: float) -> None:
    """Print one case; the ratio is of the best repeats, which load disturbs least."""
    line = {
        "benchmark": "E3",
        "case": case,
        "library": "Wareflow",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "min_us": round(min(ours), 3),
        "median_us": round(statistics.median(ours), 3),
        "max_us": round(max(ours), 3),
        "lambda_min_us": round(min(peer), 3),
        "ratio": round(min(ours) / min(peer), 1),
        "goal_ratio": goal,
        "errors": 0,
    }
    say(line)


def main() -> None:
    """Run every case."""
    peer = microseconds(lambda_guard)
    for case, scope in (("typed guard", TYPED), ("untyped guard", Scope({"context": DYN}))):
        guard = compile_expression(GUARD, scope, expected=BOOL)
        report(case, microseconds(guard.evaluate), peer, goal=6)
    for rows in (20, 1_000):
        table = compile_table(price_table(rows), TYPED)
        report(f"table of {rows} rows", microseconds(table.decide), peer, goal=14)


if __name__ == "__main__":
    main()
