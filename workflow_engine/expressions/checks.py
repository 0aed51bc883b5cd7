"""Rules of the type checker that need no names: overloads, comparisons and enum literals."""

from difflib import get_close_matches
from functools import lru_cache

from workflow_engine.expressions.overloads import OVERLOADS, Overload
from workflow_engine.expressions.syntax import Call, Constant, Node
from workflow_engine.expressions.types import (
    DYN,
    NULL,
    NUMBERS,
    STRING,
    UNKNOWN_ELEMENT,
    EnumType,
    ListType,
    MapType,
    RecordType,
    Type,
    without_null,
)

_UNTYPED = ("dyn", "unknown")
_SYMBOLS = frozenset(["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!="])


class Refusal(Exception):
    """The checker refuses a node; compiling turns it into an ExpressionError with its place."""

    def __init__(
        self, code: str, message: str, *, suggestion: str | None = None, node: Node | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.suggestion = suggestion
        self.node = node


def resolve(name: str, kinds: list[Type], node: Node) -> Type:
    """Find the result type of a call; DYN where it depends on the values."""
    if name not in OVERLOADS:
        raise _unknown_function(name, node)
    found = candidates(name, kinds)
    if not found:
        raise Refusal("expression.type", _no_overload(name, kinds), node=node)
    results = {overload.result_type(kinds) for overload in found}
    return results.pop() if len(results) == 1 else DYN


def candidates(name: str, kinds: list[Type]) -> list[Overload]:
    """Return the overloads that could fit, all that agree in the known positions."""
    return _candidates(name, tuple(kind.kind for kind in kinds))


@lru_cache(maxsize=4096)
def _candidates(name: str, wanted: tuple[str, ...]) -> list[Overload]:
    if not any(kind in _UNTYPED for kind in wanted):
        exact = OVERLOADS[name].get(wanted)
        return [exact] if exact else []
    return [
        overload
        for signature, overload in OVERLOADS[name].items()
        if len(signature) == len(wanted)
        and all(
            one == other or other in _UNTYPED for one, other in zip(signature, wanted, strict=True)
        )
    ]


def check_comparable(node: Call, kinds: list[Type]) -> None:
    """Refuse to compare what can never be equal, and enum literals that do not exist."""
    left, right = kinds[0], kinds[-1] if len(kinds) == 2 else kinds[1]
    if not comparable(left, right):
        message = f"{left} and {right} can never be equal."
        raise Refusal("expression.type", message[0].upper() + message[1:], node=node)
    if node.function != "in":
        check_enum_literal(left, node.arguments[1])
        check_enum_literal(right, node.arguments[0])


def comparable(left: Type, right: Type) -> bool:
    """Say whether values of the two types can be equal."""
    left, right = without_null(left), without_null(right)
    if left in (DYN, NULL, UNKNOWN_ELEMENT) or right in (DYN, NULL, UNKNOWN_ELEMENT):
        return True
    if isinstance(left, ListType) and isinstance(right, ListType):
        return comparable(left.element, right.element)
    if isinstance(left, MapType) and isinstance(right, MapType):
        return comparable(left.key, right.key) and comparable(left.value, right.value)
    if isinstance(left, EnumType) and isinstance(right, EnumType):
        return bool(set(left.values) & set(right.values))
    return left.kind == right.kind or (left.kind in NUMBERS and right.kind in NUMBERS)


def check_enum_literal(kind: Type, literal: Node) -> None:
    """Refuse a literal text that is none of the values of an enum."""
    enum = without_null(kind)
    if not isinstance(enum, EnumType) or not isinstance(literal, Constant):
        return
    if literal.value is None or literal.value in enum.values:
        return
    near = get_close_matches(str(literal.value), enum.values, n=1, cutoff=0.6)
    raise Refusal(
        "expression.unknown_value",
        f"'{literal.value}' is none of {', '.join(enum.values)}.",
        suggestion=f"Did you mean '{near[0]}'?" if near else None,
        node=literal,
    )


def element_types(container: Type) -> list[Type]:
    """Return what `in` and the macros meet: a list's element, or a map's key and value."""
    if isinstance(container, ListType):
        return [container.element]
    if isinstance(container, MapType):
        return [container.key, container.value]
    if isinstance(container, RecordType):
        return [STRING, DYN]
    return [DYN]


def _unknown_function(name: str, node: Node) -> Refusal:
    shown = name.lstrip(".")
    known = [each.lstrip(".") for each in OVERLOADS if each.lstrip(".").isidentifier()]
    near = get_close_matches(shown, known, n=1, cutoff=0.6)
    as_method = name if name.startswith(".") else f".{name}"
    hint = f"Did you mean '{near[0]}'?" if near else None
    if as_method in OVERLOADS and not name.startswith("."):
        hint = f"Write value.{shown}() instead."
    elif name.startswith(".") and shown in OVERLOADS:
        hint = f"Write {shown}(value) instead."
    message = f"There is no function called '{shown}'."
    return Refusal("expression.unknown_function", message, suggestion=hint, node=node)


def _no_overload(name: str, kinds: list[Type]) -> str:
    shown = " and ".join(str(kind) for kind in kinds) or "no arguments"
    if name in _SYMBOLS:
        return f"'{name}' does not work on {shown}."
    if name == "negate":
        return f"'-' does not work on {shown}."
    if name == "[]":
        return f"{kinds[0]} has no elements by {kinds[-1]}."
    return f"{name.lstrip('.')}() does not take {shown}."
