"""Operators and functions at run time: chosen once where types are known, else by the values."""

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workflow_engine.expressions.checks import candidates
from workflow_engine.expressions.comparisons import (
    of_any_types,
    of_known_types,
    with_constant,
)
from workflow_engine.expressions.equality import build_equality, build_membership
from workflow_engine.expressions.errors import ExpressionError, Fault
from workflow_engine.expressions.frames import BUDGET, FAILURES, Closure, Frame, failure
from workflow_engine.expressions.functions import compiled_pattern, search, search_cost
from workflow_engine.expressions.overloads import OVERLOADS, Overload
from workflow_engine.expressions.syntax import Call, Constant, Node
from workflow_engine.expressions.types import NUMBERS, Function, NullableType, Type
from workflow_engine.expressions.values import TYPES

if TYPE_CHECKING:
    from workflow_engine.expressions.compiler import Compiler

_NATIVE_KINDS = frozenset({"string", "timestamp", "duration", "bytes"})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class CallBuilder:
    """Builds the closures of calls for a compiler."""

    def __init__(self, compiler: "Compiler", functions: dict[str, Function]) -> None:
        self.compiler = compiler
        self.functions = functions

    def build(self, node: Call) -> Closure:
        """Return the closure of an operator, function or method."""
        if node.function in ("==", "!="):
            return build_equality(self.compiler, node)
        if node.function == "in":
            return build_membership(self.compiler, node)
        if node.function == "!":
            return self.negation(node)
        if node.target is None and node.function in self.functions:
            return self.host(node, self.functions[node.function])
        parts = [*([node.target] if node.target else []), *node.arguments]
        name = f".{node.function}" if node.target else node.function
        if name in (".matches", "matches") and (pattern := _constant_text(parts)) is not None:
            return self.matching(node, parts[0], pattern)
        arguments = [self.compiler.build(part) for part in parts]
        if node.function in _COMPARISONS and len(arguments) == 2:
            return self.comparison(node, parts, arguments)
        return self.overloaded(node, name, parts, arguments)

    def comparison(self, node: Call, parts: list[Node], arguments: list[Closure]) -> Closure:
        """Compare natively where the types allow it."""
        name, (left, right) = node.function, arguments
        if any(part.type.kind == "dyn" for part in parts):
            choosing = self.choosing(node, name)
            return of_any_types(left, right, _COMPARISONS[name], choosing)
        if not _native(parts):
            return self.overloaded(node, name, parts, arguments)

        def failing(one: Any, other: Any) -> ExpressionError:
            source = self.compiler.source
            return failure(source, node.start, f"'{name}'", TypeError(), (one, other))

        if isinstance(parts[1], Constant):
            return with_constant(name, left, parts[1].value, failing)
        return of_known_types(left, right, _COMPARISONS[name], failing)

    def negation(self, node: Call) -> Closure:
        operand, part = self.compiler.build(node.arguments[0]), node.arguments[0]

        def run(frame: Frame) -> bool:
            value = operand(frame)
            if value is True:
                return False
            if value is False:
                return True
            raise self.compiler.not_bool(part, value)

        return run

    def host(self, node: Call, function: Function) -> Closure:
        arguments = [self.compiler.build(argument) for argument in node.arguments]
        name, call, source = node.function, function.implementation, self.compiler.source

        unbound = Fault("expression.unbound", f"'{name}' has no function bound to it.")

        def run(frame: Frame) -> Any:
            values = [argument(frame) for argument in arguments]
            bound = call or frame.get(name)
            if bound is None:
                raise failure(source, node.start, "", unbound, ())
            try:
                return bound(*values)
            except FAILURES as error:
                raise failure(source, node.start, f"{name}()", error, tuple(values)) from error

        return run

    def matching(self, node: Call, part: Node, pattern: str) -> Closure:
        self.compiler.costly = True
        text, source = self.compiler.build(part), self.compiler.source
        try:
            compiled = compiled_pattern(pattern)
        except Fault as fault:
            return self.failing(failure(source, node.start, "", fault, ()))

        def run(frame: Frame) -> bool:
            value = text(frame)
            try:
                frame[BUDGET].charge(search_cost(compiled, value))
                return search(compiled, value)
            except FAILURES as error:
                raise failure(source, node.start, "matches()", error, (value,)) from error

        return run

    def failing(self, error: ExpressionError) -> Closure:
        """Fail whenever evaluated: what `dynamic` lets through although it can never work."""

        def run(_: Frame) -> Any:
            raise error.again()

        return run

    def overloaded(
        self, node: Call, name: str, parts: list[Node], arguments: list[Closure]
    ) -> Closure:
        kinds = [part.type for part in parts]
        found = candidates(name, kinds) if name in OVERLOADS else []
        if any(overload.cost for overload in found):
            self.compiler.costly = True
        certain = len(found) == 1 and not any(_uncertain(kind) for kind in kinds)
        if certain and found[0].cost is None:
            return self.certain(node, found[0], arguments)
        if not certain:
            self.compiler.costly = self.compiler.costly or _may_cost(name)
        return self.chosen_by_values(node, name, arguments)

    def certain(self, node: Call, overload: Overload, arguments: list[Closure]) -> Closure:
        call, source, what = overload.call, self.compiler.source, _shown(node)
        if len(arguments) == 2:
            left, right = arguments

            def run_two(frame: Frame) -> Any:
                one, other = left(frame), right(frame)
                try:
                    return call(one, other)
                except FAILURES as error:
                    raise failure(source, node.start, what, error, (one, other)) from error

            return run_two

        def run(frame: Frame) -> Any:
            values = [argument(frame) for argument in arguments]
            try:
                return call(*values)
            except FAILURES as error:
                raise failure(source, node.start, what, error, tuple(values)) from error

        return run

    def chosen_by_values(self, node: Call, name: str, arguments: list[Closure]) -> Closure:
        choosing = self.choosing(node, name)
        return lambda frame: choosing(frame, [argument(frame) for argument in arguments])

    def choosing(self, node: Call, name: str) -> Callable[[Frame, list[Any]], Any]:
        """Return what applies the overload that the values' types ask for."""
        table = {
            tuple(TYPES[kind] for kind in kinds): overload
            for kinds, overload in OVERLOADS.get(name, {}).items()
        }
        source, what = self.compiler.source, _shown(node)

        def run(frame: Frame, values: list[Any]) -> Any:
            overload = table.get(tuple(map(type, values)))
            if overload is None:
                raise failure(source, node.start, what, TypeError(), tuple(values))
            try:
                if overload.cost is None:
                    return overload.call(*values)
                frame[BUDGET].charge(overload.cost(*values))
                result = overload.call(*values)
                if type(result) in _SIZED:
                    # What is made is paid for too, so that memory is bounded by the budget.
                    frame[BUDGET].charge(len(result) >> 5)
                return result
            except FAILURES as error:
                raise failure(source, node.start, what, error, tuple(values)) from error

        return run


_SIZED = frozenset({str, bytes, list})


def _may_cost(name: str) -> bool:
    return any(overload.cost for overload in OVERLOADS.get(name, {}).values())


def _uncertain(kind: Type) -> bool:
    return isinstance(kind, NullableType) or kind.kind in ("dyn", "unknown", "null")


def _native(parts: list[Node]) -> bool:
    """Say whether Python's own comparison is exactly that of the language for these types."""
    kinds = {part.type.kind for part in parts}
    return kinds <= NUMBERS or (len(kinds) == 1 and kinds <= _NATIVE_KINDS)


def _constant_text(parts: list[Node]) -> str | None:
    if len(parts) == 2 and isinstance(parts[1], Constant) and type(parts[1].value) is str:
        return parts[1].value
    return None


def _shown(node: Call) -> str:
    if node.function == "[]":
        return "[…]"
    if node.function == "negate":
        return "'-'"
    return f"{node.function}()" if node.function.isidentifier() else f"'{node.function}'"
