"""A small definition with one of everything that is drawn, for the tests of charts."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from workflow_engine.charts.document import Chart, chart_of
from workflow_engine.definition import parse_definition

EXAMPLE = Path(__file__).parents[3] / "docs/examples/backorder.flow.json"


def a_chart(body: dict[str, Any]) -> Chart:
    """Draw up a definition given by its body."""
    return chart_of(parse_definition(body), {"mugs.send": "Send the mugs"})


def a_document(*states: dict[str, Any], initial: str = "packing") -> dict[str, Any]:
    """Return a definition about mugs with these states."""
    return {
        "format": "wareflow.definition/1",
        "key": "mugs",
        "name": "Mugs",
        "initial": initial,
        "states": list(states),
    }


def the_example() -> Chart:
    """Draw up the reference example, with every feature of the language."""
    return chart_of(parse_definition(json.loads(EXAMPLE.read_text(), parse_float=Decimal)))


def a_layout(chart: Chart) -> dict[str, Any]:
    """Return a layout of the right shape: everything in one row."""
    nodes = [
        {"id": node.id, "x": 200 * place, "y": 0, "width": 180, "height": 40}
        for place, node in enumerate(chart.nodes)
    ]
    edges = [
        {"id": edge.id, "points": [[0, 0], [0, 40]], "label": None} for edge in chart.drawn_edges()
    ]
    return {"width": 4000, "height": 300, "nodes": nodes, "edges": edges}
