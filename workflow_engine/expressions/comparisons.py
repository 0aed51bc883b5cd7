"""`<`, `<=`, `>` and `>=` as fast as Python compares, one closure each.

Every one is written out, because a call through the operator module costs as much again as the
comparison, and guards are mostly comparisons.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from workflow_engine.expressions.frames import Closure, Frame

# Says what went wrong with a comparison, or computes it the long way.
Slowly = Callable[[Frame], Any]
# Values of one of these types are ordered by Python exactly as by the language.
_ORDERED = frozenset({int, str, Decimal, datetime, timedelta})


def with_constant(name: str, left: Closure, value: Any, slowly: Slowly) -> Closure:
    """Compare what is known to be of the constant's kind, or null."""

    def less(frame: Frame) -> Any:
        try:
            return left(frame) < value
        except TypeError:
            return slowly(frame)

    def at_most(frame: Frame) -> Any:
        try:
            return left(frame) <= value
        except TypeError:
            return slowly(frame)

    def more(frame: Frame) -> Any:
        try:
            return left(frame) > value
        except TypeError:
            return slowly(frame)

    def at_least(frame: Frame) -> Any:
        try:
            return left(frame) >= value
        except TypeError:
            return slowly(frame)

    return {"<": less, "<=": at_most, ">": more, ">=": at_least}[name]


def of_known_types(name: str, left: Closure, right: Closure, slowly: Slowly) -> Closure:
    """Compare two values that are known to be ordered together, or null."""

    def less(frame: Frame) -> Any:
        try:
            return left(frame) < right(frame)
        except TypeError:
            return slowly(frame)

    def at_most(frame: Frame) -> Any:
        try:
            return left(frame) <= right(frame)
        except TypeError:
            return slowly(frame)

    def more(frame: Frame) -> Any:
        try:
            return left(frame) > right(frame)
        except TypeError:
            return slowly(frame)

    def at_least(frame: Frame) -> Any:
        try:
            return left(frame) >= right(frame)
        except TypeError:
            return slowly(frame)

    return {"<": less, "<=": at_most, ">": more, ">=": at_least}[name]


def of_any_types(
    left: Closure, right: Closure, compare: Callable[[Any, Any], bool], slowly: Slowly
) -> Closure:
    """Compare values of types that only they know: natively where both have the same one."""

    def run(frame: Frame) -> Any:
        one, other = left(frame), right(frame)
        if type(one) is type(other) and type(one) in _ORDERED:
            return compare(one, other)
        return slowly(frame)

    return run
