"""A table compiled to bitmasks: deciding is an AND of one mask for every input."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_engine.decisions.axes import Axis, axis_of
from workflow_engine.decisions.errors import DecisionError, TableFault, TableRefused
from workflow_engine.decisions.model import Formula, Rule, Table, read_table
from workflow_engine.decisions.policies import Outputs, Policy, policy_of
from workflow_engine.expressions import (
    Budget,
    Expression,
    ExpressionError,
    Scope,
    compile_expression,
    nullable,
)
from workflow_engine.expressions.errors import Fault
from workflow_engine.expressions.frames import Frame


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table decided, and by which rules.

    `outputs` is one record, or a list of records where the hit policy gives many; it may be
    shared between decisions, so never change it. `rules` are the ids of the rules that the
    outputs come from, in the same order.
    """

    outputs: Outputs
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One input, ready to decide: how to ask it, where its value falls, whom that leaves."""

    axis: Axis
    expression: Expression
    masks: tuple[int, ...]

    def rules_for(self, bindings: Mapping[str, Any], budget: Budget | None, table: str) -> int:
        """Return the rules that accept the value, as bits; outside the domain is an error."""
        if budget is not None:
            budget.charge(self.expression.size)
        value = self.expression.evaluate(bindings, budget)
        try:
            piece = self.axis.locate(value)
        except (LookupError, TypeError) as error:
            raise self.outside(value, table) from error
        if not self.axis.domain >> piece & 1:
            raise self.outside(value, table)
        return self.masks[piece]

    def bounded(self) -> dict[int, int]:
        """Return the masks of the pieces inside the domain, by piece."""
        return {
            piece: mask for piece, mask in enumerate(self.masks) if self.axis.domain >> piece & 1
        }

    def outside(self, value: Any, table: str) -> DecisionError:
        """Say that a value is none this column was made for."""
        column = self.axis.column.id
        message = f"The value {str(value)[:60]} of '{column}' is outside its domain."
        return DecisionError("table.outside_domain", message, table, column)


class CompiledTable:
    """A table ready to decide; it keeps no state, so threads may share it."""

    def __init__(self, table: Table, lanes: tuple[Lane, ...], policy: Policy) -> None:
        self.table = table
        self.lanes = lanes
        self.policy = policy
        self.every_rule = (1 << len(table.rules)) - 1
        self.reads = frozenset(path for lane in lanes for path in lane.expression.reads)
        self._settled: dict[int, Decision] = {}
        self._costly = any(lane.expression.costly for lane in lanes)
        self._by_value = tuple(
            (lane.expression.run, {value: lane.masks[piece] for value, piece in found.items()})
            for lane in lanes
            if (found := lane.axis.by_value())
        )
        self._by_start = tuple(
            (lane.expression.run, starts, lane.bounded())
            for lane in lanes
            if (starts := lane.axis.by_start()) is not None
        )
        quick = len(self._by_value) + len(self._by_start)
        self._cheap = policy.constant and not self._costly
        self._slowly = quick < len(lanes) or self._costly

    def decide(self, bindings: Mapping[str, Any], budget: Budget | None = None) -> Decision:
        """Decide for these bindings.

        Raises DecisionError where a value is outside its domain, where no rule fits a policy
        that needs one, or where rules disagree; ExpressionError where an input or an output
        cannot be computed.
        """
        if budget is None and not self._cheap:
            # One budget for the whole decision, not one for each of its expressions.
            budget = Budget()
        try:
            return self._decided(bindings, budget)
        except Fault as fault:
            raise DecisionError(fault.code, fault.message, self.table.id) from fault

    def _decided(self, bindings: Mapping[str, Any], budget: Budget | None) -> Decision:
        rules = self._quickly(bindings) if not self._slowly else None
        if rules is None:
            rules = self.every_rule
            for lane in self.lanes:
                rules &= lane.rules_for(bindings, budget, self.table.id)
        settled = self._settled.get(rules)
        if settled is not None:
            return settled
        outputs, winners = self.policy.conclude(rules, bindings, budget)
        ids = tuple(self.table.rules[index].id for index in winners)
        decision = Decision(outputs, ids)
        if self.policy.constant and len(self._settled) < _SETTLED_MAX:
            self._settled[rules] = decision
        return decision

    def _quickly(self, bindings: Mapping[str, Any]) -> int | None:
        """Return the rules that fit, or None where anything at all is out of the ordinary."""
        rules = self.every_rule
        frame: Frame = bindings  # type: ignore[assignment]  # It is only read.
        try:
            for run, masks in self._by_value:
                rules &= masks[run(frame)]
            for run, starts, by_piece in self._by_start:
                rules &= by_piece[bisect_right(starts, run(frame))]
        except (LookupError, TypeError, RecursionError):
            return None
        return rules

    def inputs_of(self, bindings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every input by its id, for explanations."""
        return {lane.axis.column.id: lane.expression.evaluate(bindings) for lane in self.lanes}


# What the masks of one column may take: about 12 MB.
MASK_BITS_MAX = 100_000_000
# Decisions of literal outputs are kept by the set of rules that matched.
_SETTLED_MAX = 4_096


def compile_table(document: Mapping[str, Any] | Table, scope: Scope) -> CompiledTable:
    """Read, check and compile a table; TableRefused with every fault and its JSON pointer."""
    table = document if isinstance(document, Table) else read_table(document)
    faults: list[TableFault] = []
    lanes = [_lane(table, index, scope, faults) for index in range(len(table.inputs))]
    formulas = _formulas(table, scope, faults)
    if faults:
        raise TableRefused(faults)
    return CompiledTable(table, tuple(lane for lane in lanes if lane), policy_of(table, formulas))


def _lane(table: Table, index: int, scope: Scope, faults: list[TableFault]) -> Lane | None:
    column = table.inputs[index]
    expression = _compiled(column.value, scope, column.type, f"/inputs/{index}/value", faults)
    if expression is None:
        return None
    cells = [rule.when[index] for rule in table.rules]
    axis = axis_of(column, cells)
    if axis.count * len(cells) > MASK_BITS_MAX:
        message = "This column names too many different values for so many rules."
        faults.append(TableFault("table.limit", f"/inputs/{index}", message))
        return None
    return Lane(axis, expression, rule_masks(axis, cells))


def rule_masks(axis: Axis, cells: list[Any]) -> tuple[int, ...]:
    """Return for every piece the rules that accept it, one bit a rule."""
    # Where a rule's run of pieces begins or ends its bit flips, so each is touched twice only.
    flips = [0] * (axis.count + 1)
    for row, cell in enumerate(cells):
        pieces = axis.accepted(cell)
        edges = pieces ^ (pieces << 1)
        while edges:
            lowest = edges & -edges
            flips[lowest.bit_length() - 1] ^= 1 << row
            edges ^= lowest
    masks, current = [], 0
    for flip in flips[: axis.count]:
        current ^= flip
        masks.append(current)
    return tuple(masks)


def _formulas(
    table: Table, scope: Scope, faults: list[TableFault]
) -> dict[tuple[str, int], Expression]:
    found: dict[tuple[str, int], Expression] = {}
    rows: list[tuple[str, Rule]] = [
        (f"/rules/{index}/then", rule) for index, rule in enumerate(table.rules)
    ]
    defaults = Rule("", (), tuple(output.default for output in table.outputs))
    for pointer, rule in [*rows, ("/outputs", defaults)]:
        for position, value in enumerate(rule.then):
            if isinstance(value, Formula):
                wanted = nullable(table.outputs[position].type)
                expression = _compiled(value.source, scope, wanted, f"{pointer}/{position}", faults)
                if expression is not None:
                    found[rule.id, position] = expression
    return found


def _compiled(
    source: str, scope: Scope, wanted: Any, pointer: str, faults: list[TableFault]
) -> Expression | None:
    try:
        return compile_expression(source, scope, expected=wanted)
    except ExpressionError as error:
        message = f"{error.message} (column {error.column})"
        faults.append(TableFault(error.code, pointer, message, error.suggestion))
        return None
