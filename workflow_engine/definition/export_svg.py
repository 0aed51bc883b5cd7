"""A definition as a picture: nested boxes in reading order, with what leads out of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from workflow_engine.definition.durations import write_duration
from workflow_engine.definition.model import Definition, State
from workflow_engine.definition.walking import transitions_of

LINE, PAD, GAP, CHAR = 18, 12, 14, 7
WIDTH_MIN, ROW_MAX, LABEL_MAX = 150, 1400, 60
_STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2933 }
  .title { font-weight: 600 } .line { fill: #52606d }
  rect { fill: #fff; stroke: #7b8794; rx: 6 } .group { fill: #f5f7fa }
  .parallel { stroke-dasharray: 5 4 } .final { stroke-width: 3 }
"""


@dataclass
class _Box:
    state: State
    lines: list[str]
    children: list[_Box] = field(default_factory=list)
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


def export_svg(definition: Definition) -> str:
    """Draw a definition. The picture needs no script, and its text can be read aloud."""
    box = _measured(definition.root)
    _place(box, 0, 0)
    body = "\n".join(_drawn(box))
    size = f'width="{box.width}" height="{box.height}" viewBox="0 0 {box.width} {box.height}"'
    title = escape(definition.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _measured(state: State) -> _Box:
    box = _Box(state, [_short(line) for line in _lines(state)])
    box.children = [_measured(child) for child in state.states]
    own = max([len(_title(state)) + 2, *(len(line) for line in box.lines)])
    header = PAD + LINE * (1 + len(box.lines))
    x = y = row = widest = 0
    for child in box.children:
        if x and x + child.width > ROW_MAX:
            x, y, row = 0, y + row + GAP, 0
        child.x, child.y = x, y
        x, row = x + child.width + GAP, max(row, child.height)
        widest = max(widest, x - GAP)
    box.width = max(WIDTH_MIN, own * CHAR + 2 * PAD, widest + 2 * PAD)
    box.height = header + (y + row + GAP if box.children else 0) + PAD
    return box


def _lines(state: State) -> Iterator[str]:
    for invoke in state.invokes:
        yield f"{invoke.kind}: {invoke.action or invoke.flow or invoke.id}"
    for transition in transitions_of(state):
        events = " ".join(transition.events)
        guard = f" [{transition.guard.source}]" if transition.guard else ""
        targets = ", ".join(transition.targets) or "(stays)"
        yield f"{_due(state, transition.id) or events}{guard} → {targets}"


def _due(state: State, timer_id: str) -> str:
    timer = next((each for each in state.after if each.id == timer_id), None)
    if timer is None:
        return ""
    if timer.delay is not None:
        return f"after {write_duration(timer.delay.length)}"
    source = timer.delay_expr or timer.instant
    return f"after {source.source}" if source else "after"


def _title(state: State) -> str:
    mark = {"history": "↺ ", "final": "◉ ", "parallel": "∥ ", "compensate": "↶ "}
    return mark.get(state.type, "") + (state.label or state.id)


def _short(line: str) -> str:
    return line if len(line) <= LABEL_MAX else f"{line[:LABEL_MAX]}…"


def _place(box: _Box, x: int, y: int) -> None:
    box.x, box.y = x, y
    header = PAD + LINE * (1 + len(box.lines))
    for child in box.children:
        _place(child, x + PAD + child.x, y + header + child.y)


def _drawn(box: _Box) -> Iterator[str]:
    classes = " ".join(
        name
        for name, holds in (
            ("group", bool(box.children)),
            ("parallel", box.state.type == "parallel"),
            ("final", box.state.type == "final"),
        )
        if holds
    )
    place = f'x="{box.x + 1}" y="{box.y + 1}" width="{box.width - 2}" height="{box.height - 2}"'
    yield f'<g><rect class="{classes}" {place}/>'
    at = box.y + PAD + 6
    yield f'<text class="title" x="{box.x + PAD}" y="{at}">{escape(_title(box.state))}</text>'
    for number, line in enumerate(box.lines, 1):
        y = at + LINE * number
        yield f'<text class="line" x="{box.x + PAD}" y="{y}">{escape(line)}</text>'
    for child in box.children:
        yield from _drawn(child)
    yield "</g>"
