"""A layout from a browser, believed only after every part of it was checked against its chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kernel.errors import Fault, Invalid
from workflow_engine.charts.document import Chart

PIXELS_MAX = 1_000_000
POINTS_MAX = 200

_BOX = ("x", "y", "width", "height")


def checked_layout(chart: Chart, given: object) -> dict[str, Any]:
    """Return a layout in canonical shape, or raise Invalid with every fault by its pointer.

    It has whole pixels for the picture, for each node (relative to its parent) and for each drawn
    edge of the chart, each exactly once: the points of the way, and the box of its words.
    """
    faults: list[Fault] = []
    if not isinstance(given, Mapping):
        raise Invalid((Fault("", "layout.shape", "A layout is a JSON object."),))
    unknown = sorted(set(map(str, given)) - {"width", "height", "nodes", "edges"})
    faults += [Fault(f"/{name}", "layout.unknown", "No layout has this part.") for name in unknown]
    found = {
        "width": _pixels(given.get("width"), "/width", faults),
        "height": _pixels(given.get("height"), "/height", faults),
        "nodes": list(_nodes(chart, given.get("nodes"), faults)),
        "edges": list(_edges(chart, given.get("edges"), faults)),
    }
    if faults:
        raise Invalid(tuple(faults[:50]))
    return found


def _nodes(chart: Chart, given: object, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    wanted = [node.id for node in chart.nodes]
    for pointer, part in _once_each(wanted, given, "/nodes", faults):
        yield {"id": part["id"], **_box(part, pointer, faults)}


def _edges(chart: Chart, given: object, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    wanted = [edge.id for edge in chart.drawn_edges()]
    for pointer, part in _once_each(wanted, given, "/edges", faults):
        label = part.get("label")
        if label is not None and not isinstance(label, Mapping):
            faults.append(Fault(f"{pointer}/label", "layout.label", "A label is a box or null."))
            label = None
        yield {
            "id": part["id"],
            "points": _points(part.get("points"), f"{pointer}/points", faults),
            "label": None if label is None else _box(label, f"{pointer}/label", faults),
        }


def _once_each(
    wanted: Sequence[str], given: object, pointer: str, faults: list[Fault]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(given, list):
        faults.append(Fault(pointer, "layout.shape", "This is a list."))
        return
    left = set(wanted)
    for number, part in enumerate(given[: len(wanted) + 1]):
        name = part.get("id") if isinstance(part, Mapping) else None
        if not isinstance(name, str) or name not in left:
            words = f"The chart has no {name!r} here, or it stands here twice."
            faults.append(Fault(f"{pointer}/{number}", "layout.part_unknown", words[:200]))
            continue
        left.remove(name)
        yield f"{pointer}/{number}", part
    for name in sorted(left):
        faults.append(Fault(pointer, "layout.part_missing", f"{name!r} of the chart is missing."))


def _box(part: Mapping[str, Any], pointer: str, faults: list[Fault]) -> dict[str, int]:
    return {name: _pixels(part.get(name), f"{pointer}/{name}", faults) for name in _BOX}


def _points(given: object, pointer: str, faults: list[Fault]) -> list[list[int]]:
    if not isinstance(given, list) or not 2 <= len(given) <= POINTS_MAX:
        words = f"A way has 2 to {POINTS_MAX} points."
        faults.append(Fault(pointer, "layout.points", words))
        return []
    found = []
    for number, point in enumerate(given):
        if not isinstance(point, list) or len(point) != 2:
            faults.append(Fault(f"{pointer}/{number}", "layout.points", "A point is [x, y]."))
            continue
        at = f"{pointer}/{number}"
        found.append([_pixels(value, f"{at}/{axis}", faults) for axis, value in enumerate(point)])
    return found


def _pixels(value: object, pointer: str, faults: list[Fault]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= PIXELS_MAX:
        words = f"This is whole pixels from 0 to {PIXELS_MAX}."
        faults.append(Fault(pointer, "layout.pixels", words))
        return 0
    return value
