"""The syntax tree of an expression."""

from dataclasses import dataclass
from typing import Any, Literal

from workflow_engine.expressions.types import DYN, Type

Path = tuple[str, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A sub-expression, with the offsets of its text; the checker adds `type` and `path`.

    `path` is the field that the node reads, from the variable down; None where it computes.
    """

    start: int
    end: int
    depth: int = 1
    type: Type = DYN
    path: Path | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Constant(Node):
    """A literal, or what constant folding made of a call."""

    value: Any


@dataclass(slots=True, eq=False, kw_only=True)
class Name(Node):
    """A variable, a macro's variable or a type; a leading dot makes it absolute."""

    name: str
    absolute: bool = False
    variable: str | None = None  # The variable of the scope that the checker found.
    is_type: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Select(Node):
    """`operand.field`, or with `test` the macro `has(operand.field)`."""

    operand: Node
    field: str
    test: bool = False
    variable: str | None = None  # A dotted variable of the scope that spans the whole chain.
    is_type: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Call(Node):
    """A function or an operator; `target` is what stands before the dot of a method."""

    function: str
    arguments: list[Node]
    target: Node | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Logic(Node):
    """A chain of `&&` or of `||`, flattened."""

    operator: Literal["&&", "||"]
    operands: list[Node]


@dataclass(slots=True, eq=False, kw_only=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True, eq=False, kw_only=True)
class ListLiteral(Node):
    """`[a, b]`."""

    elements: list[Node]


@dataclass(slots=True, eq=False, kw_only=True)
class MapLiteral(Node):
    """`{key: value}`."""

    entries: list[tuple[Node, Node]]


@dataclass(slots=True, eq=False, kw_only=True)
class Macro(Node):
    """`range.all(x, body)` and its kin; with two variables the first is the index or key."""

    macro: str
    range: Node
    variables: list[str]
    condition: Node | None
    result: Node | None = None


def local_key(name: str) -> str:
    """Return the frame's key of a macro's variable, which hides no variable of that name."""
    return f"@{name}"


def children(node: Node) -> list[Node]:
    """Return the direct sub-expressions, in source order."""
    match node:
        case Select():
            return [node.operand]
        case Call():
            return ([node.target] if node.target else []) + node.arguments
        case Logic():
            return node.operands
        case Conditional():
            return [node.condition, node.then, node.otherwise]
        case ListLiteral():
            return node.elements
        case MapLiteral():
            return [part for entry in node.entries for part in entry]
        case Macro():
            parts = [node.range, node.condition, node.result]
            return [part for part in parts if part is not None]
    return []


def count_nodes(node: Node) -> int:
    """Count a sub-expression and everything below it."""
    return 1 + sum(count_nodes(child) for child in children(node))
