"""The table of operators and functions: which kinds they take, and what computes them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workflow_engine.expressions.types import Type

Kinds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function. `result` may depend on the argument types.

    `cost` gives the steps a call is charged by the size of its arguments; None costs nothing
    beyond the node itself. `call` raises Fault where it fails.
    """

    result: Type | Callable[..., Type]
    call: Callable[..., Any]
    cost: Callable[..., int] | None = None

    def result_type(self, arguments: list[Type]) -> Type:
        """Return the type of the result for these argument types."""
        return self.result if isinstance(self.result, Type) else self.result(*arguments)


def reading(*_: Any) -> int:
    """The steps of reading a text as something else: some microseconds, as twenty additions."""
    return 20


# By name, a leading dot for methods, then by the kinds of the arguments, the target first.
OVERLOADS: dict[str, dict[Kinds, Overload]] = {}


def declare(
    names: str,
    kinds: str,
    result: Type | Callable[..., Type],
    call: Callable[..., Any],
    cost: Callable[..., int] | None = None,
) -> None:
    """Add an overload under each of the names; `kinds` is separated by spaces."""
    for name in names.split():
        OVERLOADS.setdefault(name, {})[tuple(kinds.split())] = Overload(result, call, cost)
