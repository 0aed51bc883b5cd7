"""What a page shows of a chart: the block for the canvas, and the outline that says the same."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from builder_ui.shell.formats import Formats
from builder_ui.shell.words import _, _n
from kernel.canonical import read_json
from kernel.uow import UnitOfWork
from workflow_engine.charts.document import Chart, ChartEdge, ChartNode, chart_of
from workflow_engine.charts.paths import RunPath
from workflow_engine.charts.population import rolled_up
from workflow_engine.charts.storing import layout_of
from workflow_engine.definition import Definition, parse_definition
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import WRITE_WORKFLOWS
from workflow_engine.runtime.standing import Standing, standing_of
from workflow_engine.runtime.tables import DefinitionVersion

DEFINITIONS_KEPT_MAX = 64

KINDS: Mapping[str, str] = {
    "atomic": "",
    "compound": _("Group"),
    "parallel": _("All of these at once"),
    "region": _("Region"),
    "final": _("End"),
    "history": _("Goes back to where it was"),
    "compensate": _("Undoes what was done"),
}


@dataclass(frozen=True)
class RunsHere:
    """Runs in a state, in words, and where they are listed."""

    state: str
    runs: int
    words: str
    href: str


@dataclass(frozen=True)
class OutlineState:
    """A state of the outline with its ways out and the states inside it."""

    node: ChartNode
    kind: str
    here: RunsHere | None
    passed: str
    ways: tuple[ChartEdge, ...]
    inside: tuple["OutlineState", ...]


@dataclass(frozen=True)
class ChartView:
    """One chart on one page. `always` are the ways that hold wherever a run stands."""

    version: DefinitionVersion
    props: Mapping[str, Any]
    outline: tuple[OutlineState, ...]
    labels: Mapping[str, str]
    always: tuple[ChartEdge, ...]
    runs: int


def chart_in(uow: UnitOfWork, version: DefinitionVersion) -> Chart:
    """Return the chart of a version, its actions in the words of the catalogue.

    Read and not compiled: an old version may name actions that are no more, and is drawn still.
    """
    sentences = {each.name: each.sentence for each in engine_of(uow).catalogue}
    return chart_of(_definition(version.body), sentences)


@lru_cache(maxsize=DEFINITIONS_KEPT_MAX)
def _definition(body: str) -> Definition:
    return parse_definition(read_json(body))


def chart_view(
    uow: UnitOfWork, version: DefinitionVersion, root: str, formats: Formats
) -> ChartView:
    """Return a version's chart with who stands where in it now."""
    chart = chart_in(uow, version)
    here = runs_here(uow, version, chart, root, formats)
    more: dict[str, Any] = {
        "standing": here,
        "standing_href": f"{_href(root, version)}/standing",
        "run": None,
    }
    return _view(uow, version, chart, more, root)


def chart_of_run(
    uow: UnitOfWork, version: DefinitionVersion, chart: Chart, path: RunPath, root: str
) -> ChartView:
    """Return a version's chart with the way of one run through it."""
    more: dict[str, Any] = {"standing": [], "standing_href": None, "run": path}
    return _view(uow, version, chart, more, root)


def runs_here(
    uow: UnitOfWork, version: DefinitionVersion, chart: Chart, root: str, formats: Formats
) -> list[RunsHere]:
    """Return the open runs of a version by state, in the order of the chart."""
    found = rolled_up(chart, standing_of(uow, version.id))
    return [
        RunsHere(
            node.id,
            found[node.id].runs,
            _words(found[node.id], formats, uow.now),
            f"{root}/runs?{urlencode({'definition': version.id, 'at': node.id})}",
        )
        for node in chart.nodes
        if node.id in found
    ]


def _view(
    uow: UnitOfWork, version: DefinitionVersion, chart: Chart, more: Mapping[str, Any], root: str
) -> ChartView:
    layout = layout_of(uow, version, chart)
    may_keep = layout is None and uow.actor.may(WRITE_WORKFLOWS)
    props = {
        "chart": asdict(chart),
        "layout": layout,
        "drawn_for": chart.fingerprint(),
        "keep_href": f"{_href(root, version)}/layout" if may_keep else None,
        **more,
    }
    here = {each.state: each for each in more["standing"]}
    outline = _Outline(chart, here, more["run"])
    return ChartView(
        version,
        props,
        outline.inside(None),
        {node.id: node.label for node in chart.nodes},
        tuple(edge for edge in chart.edges if not edge.source),
        sum(here[node.id].runs for node in chart.nodes if not node.parent and node.id in here),
    )


class _Outline:
    def __init__(self, chart: Chart, here: Mapping[str, RunsHere], path: RunPath | None) -> None:
        self._here = here
        self._path = path
        self._inside = _grouped((node.parent, node) for node in chart.nodes)
        self._ways = _grouped((edge.source, edge) for edge in chart.edges if edge.transition)

    def inside(self, parent: str | None) -> tuple[OutlineState, ...]:
        return tuple(
            OutlineState(
                node,
                KINDS[node.kind],
                self._here.get(node.id),
                self._passed(node.id),
                tuple(self._ways.get(node.id, ())),
                self.inside(node.id),
            )
            for node in self._inside.get(parent, ())
            if node.kind != "initial"
        )

    def _passed(self, state: str) -> str:
        if self._path is None:
            return ""
        if state in self._path.active:
            return self._path.standing
        return "visited" if state in self._path.visited else ""


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _words(standing: Standing, formats: Formats, now: datetime) -> str:
    count, runs = standing.runs, formats.number(standing.runs)
    if standing.since is None:
        return _n("%(runs)s run", "%(runs)s runs", count, runs=runs)
    waited = now - standing.since
    if waited < timedelta(minutes=1):
        return _n("%(runs)s run, just now", "%(runs)s runs, just now", count, runs=runs)
    return _n(
        "%(runs)s run, for %(time)s",
        "%(runs)s runs, oldest %(time)s",
        count,
        runs=runs,
        time=formats.duration(waited),
    )


def _href(root: str, version: DefinitionVersion) -> str:
    return f"{root}/workflows/{version.key}/v/{version.number}"
