"""Expressions of a definition, checked where they stand and compiled to closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflow_engine.definition.actions_model import Named
from workflow_engine.definition.faults import Fault
from workflow_engine.definition.model import Expr
from workflow_engine.expressions import (
    BOOL,
    DYN,
    Expression,
    ExpressionError,
    Scope,
    Type,
    compile_expression,
    to_json,
)
from workflow_engine.expressions.limits import LIMITS, Budget, weigh
from workflow_engine.interpreter.compiled import ContentFault, Evaluate
from workflow_engine.interpreter.work import ELEMENT_STEPS, WORK, Work

_SIZED = (list, dict, str)
Inputs = Callable[[Mapping[str, Any]], dict[str, Any]]


class Expressions:
    """Compiles one definition's expressions and gathers what is wrong with them.

    `reads` keeps, for every place, the paths that its expression reads.
    """

    def __init__(self, *, dynamic: bool) -> None:
        self.dynamic = dynamic
        self.faults: list[Fault] = []
        self.reads: dict[str, frozenset[tuple[str, ...]]] = {}
        self._known: dict[tuple[str, int, Type | None], Expression] = {}
        self._scopes: list[Scope] = []

    def fault(self, at: str, code: str, message: str, mend: str = "") -> None:
        self.faults.append(Fault(at, code, message, mend))

    def evaluate(self, source: Expr, scope: Scope, expected: Type | None = None) -> Evaluate:
        """A closure over bindings; a faulty expression is reported and yields one that fails."""
        try:
            expression = self._expression(source.source, scope, expected)
        except ExpressionError as error:
            return self._faulty(source, error)
        self.reads[source.at] = expression.reads
        return _located(expression, source.at)

    def guard(self, source: Expr, scope: Scope) -> Evaluate:
        """A condition; anything but true and false is an error."""
        return self.evaluate(source, scope, BOOL)

    def value(self, source: Expr, scope: Scope, wanted: Type) -> Evaluate:
        """A value for a typed place: checked now as far as possible, converted by the caller."""
        try:
            expression = self._expression(source.source, scope, wanted)
            if expression.type != DYN and not _only_known_at_run_time(expression):
                self.reads[source.at] = expression.reads
                return _located(expression, source.at)
        except ExpressionError as error:
            return self._faulty(source, error)
        return self.evaluate(source, scope)

    def _expression(self, source: str, scope: Scope, expected: Type | None) -> Expression:
        key = (source, id(scope), expected)
        found = self._known.get(key)
        if found is None:
            # Scopes are kept, so that an id names one scope as long as this compiler lives.
            self._scopes.append(scope)
            checking = "dynamic" if self.dynamic else "static"
            found = compile_expression(
                source,
                scope,
                expected=expected,
                checking=checking,  # type: ignore[arg-type]
            )
            self._known[key] = found
        return found

    def _faulty(self, source: Expr, error: ExpressionError) -> Evaluate:
        if not self.dynamic:
            place = f" (line {error.line}, column {error.column})"
            self.fault(source.at, error.code, error.message + place, error.suggestion or "")
        code, message, at = error.code, error.message, source.at

        def fail(_: Mapping[str, Any]) -> Any:
            raise ContentFault(code, message, at)

        return fail

    def inputs(self, named: Sequence[Named], scope: Scope, wanted: Mapping[str, Type]) -> Inputs:
        """A closure that evaluates named values to JSON, in order."""
        parts = [(one.id, self.evaluate(one.value, scope, wanted.get(one.id))) for one in named]

        def evaluate(bindings: Mapping[str, Any]) -> dict[str, Any]:
            return {name: to_json(value(bindings)) for name, value in parts}

        return evaluate


def _only_known_at_run_time(expression: Expression) -> bool:
    return expression.compiling.expected is not None


def _located(expression: Expression, at: str) -> Evaluate:
    """A closure that pays for itself and its value, where a macrostep is there to pay."""
    run, size, costly = expression.evaluate, expression.size, expression.costly

    def evaluate(bindings: Mapping[str, Any]) -> Any:
        work = bindings.get(WORK)  # type: ignore[call-overload]  # No variable's name.
        try:
            if work is None:
                return run(bindings)
            work.charge(size)
            value = paid(run, bindings, work) if costly else run(bindings)
        except ExpressionError as error:
            raise ContentFault(error.code, error.message, at) from error
        if type(value) in _SIZED:
            weight = weigh(value)
            if weight > LIMITS.value_weight_max:
                message = f"A value may have {LIMITS.value_weight_max} elements in all."
                raise ContentFault("expression.limit", message, at)
            work.charge(weight * ELEMENT_STEPS)
        return value

    return evaluate


def paid(run: Callable[..., Any], bindings: Mapping[str, Any], work: Work) -> Any:
    """Evaluate within the budget of one evaluation and what is left of the macrostep's."""
    given = min(LIMITS.steps_max, work.left)
    budget = Budget(given)
    try:
        return run(bindings, budget)
    finally:
        work.left -= given - budget.steps
