"""Runs in the states of a chart, outer states included. Pure."""

from collections.abc import Mapping

from workflow_engine.charts.document import Chart
from workflow_engine.runtime.standing import Standing


def rolled_up(chart: Chart, inside: Mapping[str, Standing]) -> dict[str, Standing]:
    """Return who stands in every state, given who stands in the innermost; where nobody is, none.

    A run in a parallel state is in each of its regions at once, and counts once.
    """
    parts: dict[str | None, list[int]] = {}
    found = dict(inside)
    # Parents come before their children, so backwards every child is known.
    for node in reversed(chart.nodes):
        if (counts := parts.get(node.id)) is not None:
            runs = max(counts) if node.kind == "parallel" else sum(counts)
            found[node.id] = Standing(runs)
        if node.id in found:
            parts.setdefault(node.parent, []).append(found[node.id].runs)
    return found


def innermost(chart: Chart, state_id: str) -> list[str]:
    """Return the states in which a run is that stands in a state: itself, or what it holds."""
    inside, found = {state_id}, []
    holding = {node.parent for node in chart.nodes}
    for node in chart.nodes:
        if node.parent in inside:
            inside.add(node.id)
        if node.id in inside and node.id not in holding and node.kind != "initial":
            found.append(node.id)
    return found
