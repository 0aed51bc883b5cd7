"""What is wrong with a table as a whole: overlaps, gaps and rules that never win.

The pieces of the columns make this exact: a finding comes with an example, and where there is
none the property is proved. Only a table beyond the search budget gets `table.unknown`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from workflow_engine.decisions.compiled import CompiledTable, Lane
from workflow_engine.decisions.policies import MANY

STEPS_MAX = 2_000_000
_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a table should not have. `example` gives a value to every input.

    `table.overlap`: two rules fit the same inputs where the hit policy allows one, or where
    they would have to agree. `table.gap`: no rule fits. `table.unreachable`: a rule that never
    decides. `table.unknown`: the search budget was spent before an answer.
    """

    code: str
    message: str
    rules: tuple[str, ...] = ()
    example: dict[str, Any] = field(default_factory=dict)


def analyse(compiled: CompiledTable, steps_max: int = STEPS_MAX) -> list[Finding]:
    """Return what is wrong with a table, at most 20 findings of each kind."""
    search = _Search(compiled, steps_max)
    findings: list[Finding] = []
    for found in (_overlaps(search), _gaps(search), _unreachable(search)):
        try:
            findings.extend(each for _, each in zip(range(_SHOWN_MAX), found, strict=False))
        except _Spent:
            message = "The table is too intertwined to be searched within the budget."
            findings.append(Finding("table.unknown", message))
    return findings


class _Spent(Exception):
    """The search budget is used up."""


Box = tuple[int, ...]  # One set of pieces for every input.


class _Search:
    def __init__(self, compiled: CompiledTable, steps_max: int) -> None:
        self.compiled = compiled
        self.lanes = compiled.lanes
        self.steps = steps_max
        self.boxes: list[Box] = [
            tuple(
                lane.axis.accepted(cell) for lane, cell in zip(self.lanes, rule.when, strict=True)
            )
            for rule in compiled.table.rules
        ]
        self.whole: Box = tuple(lane.axis.domain for lane in self.lanes)
        self.covered: set[tuple[int, Box, int]] = set()

    def uncovered(self, box: Box, rules: int, column: int = 0) -> Iterator[Box]:
        """Give parts of a box that none of the rules fits; they do not overlap."""
        if not rules:
            yield box[column:]
            return
        if column == len(self.lanes):
            return
        key = (column, box[column:], rules)
        if key in self.covered:
            return
        complete = True
        for left, pieces in self.groups(self.lanes[column], box[column], rules):
            for rest in self.uncovered(box, left, column + 1):
                complete = False
                yield (pieces, *rest)
        if complete:
            self.covered.add(key)

    def groups(self, lane: Lane, pieces: int, rules: int) -> list[tuple[int, int]]:
        """Put together the pieces that leave the same rules."""
        found: dict[int, int] = {}
        for piece in _bits(pieces):
            self.spend()
            left = lane.masks[piece] & rules
            found[left] = found.get(left, 0) | 1 << piece
        return list(found.items())

    def spend(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise _Spent

    def fitting(self, box: Box) -> int:
        """Return the rules that fit some part of a box."""
        rules = self.compiled.every_rule
        for lane, pieces in zip(self.lanes, box, strict=True):
            touched = 0
            for piece in _bits(pieces):
                self.spend()
                touched |= lane.masks[piece]
            rules &= touched
        return rules

    def example(self, box: Box) -> dict[str, Any]:
        return {
            lane.axis.column.id: lane.axis.example((pieces & -pieces).bit_length() - 1)
            for lane, pieces in zip(self.lanes, box, strict=True)
        }

    def rule_id(self, index: int) -> str:
        return self.compiled.table.rules[index].id


def _overlaps(search: _Search) -> Iterator[Finding]:
    table = search.compiled.table
    if table.hit_policy not in ("UNIQUE", "ANY"):
        return
    for index, box in enumerate(search.boxes):
        later = search.fitting(box) >> (index + 1) << (index + 1)
        for other in _bits(later):
            if table.hit_policy == "ANY" and table.rules[index].then == table.rules[other].then:
                continue
            shared = tuple(one & two for one, two in zip(box, search.boxes[other], strict=True))
            rules = (search.rule_id(index), search.rule_id(other))
            message = f"The rules {rules[0]} and {rules[1]} fit the same inputs."
            yield Finding("table.overlap", message, rules, search.example(shared))


def _gaps(search: _Search) -> Iterator[Finding]:
    table = search.compiled.table
    optional = table.hit_policy in MANY
    if optional or all(output.has_default for output in table.outputs):
        return
    for box in search.uncovered(search.whole, search.compiled.every_rule):
        yield Finding("table.gap", "No rule fits these inputs.", (), search.example(box))


def _unreachable(search: _Search) -> Iterator[Finding]:
    for index, box in enumerate(search.boxes):
        empty = any(pieces == 0 for pieces in box)
        stronger = _stronger(search, index) & search.fitting(box) if not empty else 0
        if empty or next(search.uncovered(box, stronger), None) is None:
            rule = search.rule_id(index)
            others = tuple(search.rule_id(other) for other in _bits(stronger))
            message = (
                f"The rule {rule} accepts no value of its columns' domains."
                if empty
                else f"The rule {rule} never decides, because stronger rules cover it."
            )
            yield Finding("table.unreachable", message, (rule, *others))


def _stronger(search: _Search, index: int) -> int:
    """Return the rules that win over this one wherever both fit."""
    policy = search.compiled.policy
    if policy.table.hit_policy == "FIRST":
        return (1 << index) - 1
    if policy.table.hit_policy == "PRIORITY":
        own = (policy.ranks[index], index)
        return sum(1 << other for other, rank in enumerate(policy.ranks) if (rank, other) < own)
    return 0


def _bits(pieces: int) -> Iterator[int]:
    while pieces:
        lowest = pieces & -pieces
        yield lowest.bit_length() - 1
        pieces ^= lowest
