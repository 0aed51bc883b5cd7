"""What can be wrong with an expression, when it is saved and when it runs."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(eq=False)
class ExpressionError(Exception):
    """An expression is refused, or evaluating it failed.

    `code` is stable and dotted, `message` is a sentence for people, `line` and `column` count
    from 1 and point into the source, `suggestion` says how to mend it where we can guess.
    """

    code: str
    message: str
    line: int = 1
    column: int = 1
    suggestion: str | None = None

    def again(self) -> "ExpressionError":
        """Return the same refusal anew, so that no traceback is kept or shared."""
        return replace(self)

    def __str__(self) -> str:
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{self.message} (line {self.line}, column {self.column}; {self.code}){hint}"


class Fault(Exception):
    """Something went wrong at a place that the code which noticed it does not know.

    Internal to this package: whoever knows the place turns it into an ExpressionError.
    """

    def __init__(self, code: str, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.suggestion = suggestion


def shown(value: Any) -> str:
    """Return the beginning of a value for a message; cut first, because it may be very long."""
    return repr(value[:60] if isinstance(value, str | bytes) else value)[:70]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its source a sub-expression begins."""

    line: int
    column: int

    def error(self, code: str, message: str, suggestion: str | None = None) -> ExpressionError:
        """Say what is wrong here."""
        return ExpressionError(code, message, self.line, self.column, suggestion)

    def locate(self, fault: Fault) -> ExpressionError:
        """Give a fault its place."""
        return self.error(fault.code, fault.message, fault.suggestion)


def place_of(source: str, offset: int) -> Place:
    """Count the line and column of an offset, both from 1."""
    before = source[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
