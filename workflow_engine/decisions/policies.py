"""Hit policies: which of the matching rules count, and what they give together."""

from collections.abc import Callable, Mapping
from typing import Any

from workflow_engine.decisions.errors import DecisionError
from workflow_engine.decisions.model import Formula, Table
from workflow_engine.expressions import Budget, Expression, ExpressionError
from workflow_engine.expressions.errors import Fault
from workflow_engine.expressions.functions import greatest_of, least_of, total_of

Outputs = dict[str, Any] | list[dict[str, Any]]
Winners = tuple[int, ...]
# By the id of a rule (empty for defaults) and the position of the output.
Formulas = Mapping[tuple[str, int], Expression]
MANY = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})


class Policy:
    """Concludes from the set of matching rules, one bit a rule, the first rule lowest.

    `constant` says that no output is computed, so equal sets always give equal outputs.
    """

    def __init__(self, table: Table, formulas: Formulas) -> None:
        self.table = table
        self.formulas = formulas
        self.constant = not formulas
        self.ids = [output.id for output in table.outputs]
        self.choose = _CHOICES[table.hit_policy]
        self.ranks = [self._rank(rule.then) for rule in table.rules]

    def conclude(
        self, rules: int, bindings: Mapping[str, Any], budget: Budget | None
    ) -> tuple[Outputs, Winners]:
        """Return the outputs, and the rules they come from in the order of the outputs."""
        winners = self.choose(self, _indexes(rules))
        if self.table.aggregation:
            rows = [self.outputs_of(index, bindings, budget) for index in winners]
            values = [row[self.ids[0]] for row in rows]
            if not values and self.table.outputs[0].has_default:
                return self.defaults(bindings, budget), ()
            return {self.ids[0]: aggregate(self.table, values)}, winners
        if self.table.hit_policy in MANY:
            return [self.outputs_of(index, bindings, budget) for index in winners], winners
        if not winners:
            return self.defaults(bindings, budget), ()
        outputs = self.outputs_of(winners[0], bindings, budget)
        if self.table.hit_policy == "ANY":
            self.must_agree(winners, outputs, bindings, budget)
        return outputs, winners

    def outputs_of(
        self, index: int, bindings: Mapping[str, Any], budget: Budget | None
    ) -> dict[str, Any]:
        """Return what one rule gives."""
        rule = self.table.rules[index]
        return self._row(rule.id, rule.then, bindings, budget)

    def defaults(self, bindings: Mapping[str, Any], budget: Budget | None) -> dict[str, Any]:
        """Return what the table gives where no rule fits, if all its outputs say so."""
        if not all(output.has_default for output in self.table.outputs):
            raise DecisionError("table.no_match", "No rule fits these inputs.", self.table.id)
        values = tuple(output.default for output in self.table.outputs)
        return self._row("", values, bindings, budget)

    def must_agree(
        self,
        winners: Winners,
        outputs: dict[str, Any],
        bindings: Mapping[str, Any],
        budget: Budget | None,
    ) -> None:
        """Refuse rules of ANY that fit together and give different outputs."""
        for index in winners[1:]:
            if self.outputs_of(index, bindings, budget) != outputs:
                raise self.conflict(
                    "table.not_same", "Rules that fit together give different outputs.", winners
                )

    def conflict(self, code: str, message: str, winners: Winners) -> DecisionError:
        """Say that rules contradict each other."""
        rules = tuple(self.table.rules[index].id for index in winners)
        return DecisionError(code, f"{message} ({', '.join(rules)})", self.table.id, rules=rules)

    def _row(
        self,
        rule: str,
        values: tuple[Any, ...],
        bindings: Mapping[str, Any],
        budget: Budget | None,
    ) -> dict[str, Any]:
        return {
            name: self._computed(rule, position, bindings, budget)
            if isinstance(value, Formula)
            else value
            for position, (name, value) in enumerate(zip(self.ids, values, strict=True))
        }

    def _computed(
        self, rule: str, position: int, bindings: Mapping[str, Any], budget: Budget | None
    ) -> Any:
        formula = self.formulas[rule, position]
        if budget is not None:
            budget.charge(formula.size)
        return formula.evaluate(bindings, budget)

    def _rank(self, values: tuple[Any, ...]) -> tuple[int, ...]:
        """Return the priority of a row by the outputs that list their values, highest first."""
        return tuple(
            output.values.index(value)
            for output, value in zip(self.table.outputs, values, strict=True)
            if output.values is not None and not isinstance(value, Formula)
        )


def policy_of(table: Table, formulas: Formulas) -> Policy:
    """Return the hit policy of a table, ready to conclude."""
    return Policy(table, formulas)


def _indexes(rules: int) -> Winners:
    found = []
    while rules:
        lowest = rules & -rules
        found.append(lowest.bit_length() - 1)
        rules ^= lowest
    return tuple(found)


def _unique(policy: Policy, matched: Winners) -> Winners:
    if len(matched) > 1:
        raise policy.conflict("table.not_unique", "More than one rule fits.", matched)
    return matched


def _first(_: Policy, matched: Winners) -> Winners:
    return matched[:1]


def _all(_: Policy, matched: Winners) -> Winners:
    return matched


def _by_priority(policy: Policy, matched: Winners) -> Winners:
    # Sorting is stable, so rules of the same priority stay in rule order.
    return tuple(sorted(matched, key=lambda index: policy.ranks[index]))


def _highest(policy: Policy, matched: Winners) -> Winners:
    return _by_priority(policy, matched)[:1]


_CHOICES: dict[str, Callable[[Policy, Winners], Winners]] = {
    "UNIQUE": _unique,
    "FIRST": _first,
    "ANY": _all,
    "PRIORITY": _highest,
    "COLLECT": _all,
    "RULE ORDER": _all,
    "OUTPUT ORDER": _by_priority,
}


def aggregate(table: Table, values: list[Any]) -> Any:
    """Sum, count or choose among collected values; null of nothing, but a count of 0."""
    if table.aggregation == "count":
        return len(values)
    if not values:
        return None
    combine = {"sum": total_of, "min": least_of, "max": greatest_of}[str(table.aggregation)]
    try:
        return combine(values)
    except (Fault, TypeError, ArithmeticError) as error:
        message = f"These values have no {table.aggregation}."
        raise ExpressionError("expression.type", message) from error
