"""docs/benchmarks.md, from the lines of one run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.ratios import Ratio, ratios_of
from bench.work_ratios import ratios_of_work

OVERSELL = Path(__file__).parent / "results" / "c7_oversell.jsonl"
TEMPLATE = Path(__file__).parent / "benchmarks.template.md"


def render(engine: Sequence[dict[str, Any]], work: Sequence[dict[str, Any]]) -> str:
    """The whole page: the template with what the last runs found."""
    return TEMPLATE.read_text().format(
        where=_where(engine),
        ratios=_ratios(ratios_of(engine)),
        figures=_figures(engine),
        missing=_missing(engine),
        work_where=_loads(work),
        work_ratios=_ratios(ratios_of_work(work)),
        work_figures=_work_figures(work),
        work_missing=_missing(work),
        oversold=_oversold(),
    )


def _oversold() -> str:
    cases = [json.loads(line) for line in OVERSELL.read_text().splitlines()]
    exact = sum(case["verdict"] == "exact" for case in cases)
    return f"{exact} of {len(cases)} cases sold exactly the 50 there were"


def _loads(lines: Sequence[dict[str, Any]]) -> str:
    loads = [line["load"] for line in lines if "load" in line]
    return f"Last run: load {min(loads)} to {max(loads)}." if loads else "Not run yet."


def _work_figures(lines: Sequence[dict[str, Any]]) -> str:
    head = (
        "| case | who | a second: least, median, most | p95 ms | CPU ms: client, server |\n"
        "|---|---|---|---:|---|\n"
    )
    return head + "".join(
        f"| {line['case']} | {line['library']} | {_shown(line['per_s'])} "
        f"| {line.get('p95_ms', '–')} | {line['cpu_ms_client']}, {line['cpu_ms_server']} |\n"
        for line in lines
        if "per_s" in line
    )


def _where(lines: Sequence[dict[str, Any]]) -> str:
    loads = [line["load"] for line in lines if "load" in line]
    python = next(line["python"] for line in lines if "python" in line)
    node = next((line["node"] for line in lines if "node" in line), "none")
    return f"Last run: Python {python}, Node {node}, load {min(loads)} to {max(loads)}."


def _ratios(ratios: dict[str, Ratio]) -> str:
    rows = [
        # What is far below one would be told as nothing by one decimal place.
        f"| {name} | {ratio.found:,.{1 if ratio.found >= 0.3 else 3}f} | {_goal(ratio)} |\n"
        for name, ratio in ratios.items()
    ]
    return "| ratio | found | goal |\n|---|---:|---|\n" + "".join(rows)


def _goal(ratio: Ratio) -> str:
    if ratio.goal is None:
        return "–"
    sign = "≥" if ratio.least else "≤"
    return f"{sign} {ratio.goal:g}: {'reached' if ratio.reached else 'missed'}"


def _figures(lines: Sequence[dict[str, Any]]) -> str:
    rows = [
        f"| {line['case']} | {line['library']} {line.get('version', '')} "
        f"| {_shown(line['per_s'])} | {_shown(line['per_cpu_s'])} |\n"
        for line in lines
        if "per_s" in line
    ]
    rows += [
        f"| E3 {line['case']} | Wareflow | {line['min_us']} µs each "
        f"| a lambda {line['lambda_min_us']} µs |\n"
        for line in lines
        if "min_us" in line
    ]
    head = "| case | who | a second: least, median, most | a CPU second |\n|---|---|---|---|\n"
    return head + "".join(rows)


def _shown(figures: dict[str, float]) -> str:
    return ", ".join(f"{round(figures[name]):,}" for name in ("min", "med", "max"))


def _missing(lines: Sequence[dict[str, Any]]) -> str:
    missing = [f"{line['library']} ({line['error']})" for line in lines if "error" in line]
    return f"\nNot measured: {', '.join(missing)}.\n" if missing else ""
