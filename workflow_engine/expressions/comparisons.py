"""`<`, `<=`, `>` and `>=` as fast as Python compares, one closure each.

Every one is written out, because a call through the operator module costs as much again as the
comparison, and guards are mostly comparisons. Operands are computed once: computing them again to
tell what went wrong would double the work at every level of nesting.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from workflow_engine.expressions.errors import ExpressionError
from workflow_engine.expressions.frames import Closure, Frame

# Says what went wrong with these two operands.
Failing = Callable[[Any, Any], ExpressionError]
# Values of one of these types are ordered by Python exactly as by the language.
_ORDERED = frozenset({int, str, Decimal, datetime, timedelta})


def with_constant(name: str, left: Closure, value: Any, failing: Failing) -> Closure:
    """Compare what is known to be of the constant's kind, or null."""

    def less(frame: Frame) -> Any:
        one = left(frame)
        try:
            return one < value
        except TypeError:
            raise failing(one, value) from None

    def at_most(frame: Frame) -> Any:
        one = left(frame)
        try:
            return one <= value
        except TypeError:
            raise failing(one, value) from None

    def more(frame: Frame) -> Any:
        one = left(frame)
        try:
            return one > value
        except TypeError:
            raise failing(one, value) from None

    def at_least(frame: Frame) -> Any:
        one = left(frame)
        try:
            return one >= value
        except TypeError:
            raise failing(one, value) from None

    return {"<": less, "<=": at_most, ">": more, ">=": at_least}[name]


def of_known_types(
    left: Closure, right: Closure, compare: Callable[[Any, Any], bool], failing: Failing
) -> Closure:
    """Compare two values that are known to be ordered together, or null."""

    def run(frame: Frame) -> Any:
        one, other = left(frame), right(frame)
        try:
            return compare(one, other)
        except TypeError:
            raise failing(one, other) from None

    return run


def of_any_types(
    left: Closure,
    right: Closure,
    compare: Callable[[Any, Any], bool],
    choosing: Callable[[Frame, list[Any]], Any],
) -> Closure:
    """Compare values of types that only they know: natively where both have the same one."""

    def run(frame: Frame) -> Any:
        one, other = left(frame), right(frame)
        if type(one) is type(other) and type(one) in _ORDERED:
            return compare(one, other)
        return choosing(frame, [one, other])

    return run
