"""The way a run went through its chart, read from the whole of its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from kernel.uow import UnitOfWork
from workflow_engine.charts.document import Chart
from workflow_engine.interpreter import Compiled
from workflow_engine.runtime.snapshots import snapshot_of
from workflow_engine.runtime.tables import Run

_RESTED = text(
    # Every state in which the run ever came to rest.
    """
    SELECT DISTINCT leaf.id FROM run_history, jsonb_array_elements_text(states) AS leaf (id)
    WHERE tenant_id = :tenant_id AND run_id = :run_id
    """
)
_TAKEN = text(
    # Every transition that it ever took.
    """
    SELECT DISTINCT way #>> '{}' AS id
    FROM run_history, jsonb_path_query(trace, 'lax $[*].chosen[*]') AS way
    WHERE tenant_id = :tenant_id AND run_id = :run_id
    """
)

_STANDING: Mapping[str, Literal["stopped", "ended"]] = {
    "incident": "stopped",
    "undoing": "ended",
    "finished": "ended",
}


@dataclass(frozen=True)
class RunPath:
    """States that a run is in and was in, outer ones included, and transitions that it took.

    Where it is, it goes on by itself (`here`), stands still until a person looks at it
    (`stopped`), or came to its end (`ended`).
    """

    active: tuple[str, ...]
    visited: tuple[str, ...]
    taken: tuple[str, ...]
    standing: Literal["here", "stopped", "ended"]


def path_of(uow: UnitOfWork, compiled: Compiled, run: Run, chart: Chart) -> RunPath:
    """Return how a run came to where it stands; innermost active states first."""
    asked = {"tenant_id": uow.tenant_id, "run_id": run.id}
    taken = set(uow.session.execute(_TAKEN, asked).scalars())
    met = set(uow.session.execute(_RESTED, asked).scalars())
    for edge in chart.edges:
        if edge.transition in taken:
            met |= {edge.source, edge.target or edge.source}
    parents = {node.id: node.parent for node in chart.nodes}
    snapshot = snapshot_of(compiled, run)
    active: list[str] = []
    if snapshot is not None:
        leaves = compiled.leaves(snapshot.configuration)
        outer = [each.id for each in compiled.active(snapshot.configuration)]
        active = [*leaves, *(each for each in outer if each not in leaves)]
    visited = {each for state in (*met, *active) for each in _line(parents, state)}
    return RunPath(
        tuple(active),
        tuple(node.id for node in chart.nodes if node.id in visited),
        tuple(dict.fromkeys(e.transition for e in chart.edges if e.transition in taken)),
        _STANDING.get(run.state, "here"),
    )


def _line(parents: dict[str, str | None], state: str) -> list[str]:
    """Return a state and what holds it; nothing for one that is not of the chart."""
    found: list[str] = []
    at: str | None = state if state in parents else None
    while at is not None:
        found.append(at)
        at = parents[at]
    return found
