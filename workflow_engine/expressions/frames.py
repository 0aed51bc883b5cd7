"""What closures run on: a frame of bindings, a budget, a trace, and failures with a place."""

from collections.abc import Callable
from decimal import Overflow
from typing import Any

from workflow_engine.expressions.errors import ExpressionError, Fault, place_of
from workflow_engine.expressions.syntax import Node
from workflow_engine.expressions.values import kind_of

Frame = dict[Any, Any]
Closure = Callable[[Frame], Any]

# Keys that no variable can have, because they are no texts.
BUDGET = object()
TRACE = object()

# What computing on values can raise; anything else is a bug of ours.
FAILURES = (
    Fault,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
)
# Running out is the end of the evaluation, never something another operand makes good.
UNFORGIVEN = frozenset({"expression.budget", "expression.limit"})
_NOTES_MAX = 500


class Trace:
    """The values that sub-expressions had, in the order they were computed."""

    def __init__(self) -> None:
        self.notes: list[tuple[Node, Any]] = []

    def note(self, node: Node, value: Any) -> None:
        """Keep a value, or the error that came instead; the first 500 are kept."""
        if len(self.notes) < _NOTES_MAX:
            self.notes.append((node, value))


def failure(
    source: str, offset: int, what: str, error: Exception, operands: tuple[Any, ...]
) -> ExpressionError:
    """Say in the language's own terms what went wrong, and where."""
    place = place_of(source, offset)
    if isinstance(error, Fault):
        return place.locate(error)
    if isinstance(error, ZeroDivisionError):
        return place.error("expression.divide_by_zero", "This divides by zero.")
    if isinstance(error, OverflowError | Overflow):
        return place.error("expression.overflow", "The result is outside the range of its type.")
    kinds = [kind_of(operand) for operand in operands]
    if "null" in kinds:
        return place.error(
            "expression.null",
            f"{what} met null.",
            "Test for it first: x != null && …",
        )
    shown = " and ".join(kinds)
    return place.error("expression.type", f"{what} does not work on {shown or 'this value'}.")
