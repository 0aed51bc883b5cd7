"""docs/benchmarks.md, from the lines of one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.ratios import Ratio, ratios_of

TEMPLATE = Path(__file__).parent / "benchmarks.template.md"


def render(lines: Sequence[dict[str, Any]]) -> str:
    """The whole page: the template with what this run found."""
    return TEMPLATE.read_text().format(
        where=_where(lines),
        ratios=_ratios(ratios_of(lines)),
        figures=_figures(lines),
        missing=_missing(lines),
    )


def _where(lines: Sequence[dict[str, Any]]) -> str:
    loads = [line["load"] for line in lines if "load" in line]
    python = next(line["python"] for line in lines if "python" in line)
    node = next((line["node"] for line in lines if "node" in line), "none")
    return f"Last run: Python {python}, Node {node}, load {min(loads)} to {max(loads)}."


def _ratios(ratios: dict[str, Ratio]) -> str:
    rows = [f"| {name} | {ratio.found:,.1f} | {_goal(ratio)} |\n" for name, ratio in ratios.items()]
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
