"""Constant folding: literals that are written as calls are computed once, and checked early."""

from workflow_engine.expressions.checks import Refusal, candidates
from workflow_engine.expressions.errors import Fault
from workflow_engine.expressions.frames import FAILURES
from workflow_engine.expressions.functions import compiled_pattern
from workflow_engine.expressions.overloads import OVERLOADS
from workflow_engine.expressions.syntax import (
    Call,
    Conditional,
    Constant,
    ListLiteral,
    Logic,
    Macro,
    MapLiteral,
    Node,
    Select,
)
from workflow_engine.expressions.types import STRING

_LITERAL_CALLS = frozenset({"money", "timestamp", "duration", "decimal", "negate"})


def fold(node: Node, *, strict: bool) -> Node:
    """Return the tree with literal calls replaced by their values.

    With `strict` a literal that can never be read, such as `money("x", "EUR")` or a pattern
    that is none, is refused; otherwise it is left to fail when it is evaluated.
    """
    _fold_children(node, strict)
    if not isinstance(node, Call):
        return node
    if strict and node.function == "matches":
        _check_pattern(node)
    constants = [part for part in node.arguments if isinstance(part, Constant)]
    literal = node.function in _LITERAL_CALLS and node.target is None
    if not literal or len(constants) != len(node.arguments):
        return node
    found = candidates(node.function, [part.type for part in constants])
    if node.function not in OVERLOADS or len(found) != 1:
        return node
    try:
        value = found[0].call(*[part.value for part in constants])
    except FAILURES as error:
        if strict and isinstance(error, Fault):
            raise Refusal(
                error.code, error.message, suggestion=error.suggestion, node=node
            ) from error
        return node
    return Constant(value=value, type=node.type, start=node.start, end=node.end, depth=node.depth)


def _check_pattern(node: Call) -> None:
    pattern = node.arguments[-1] if node.arguments else None
    if isinstance(pattern, Constant) and pattern.type == STRING:
        try:
            compiled_pattern(pattern.value)
        except Fault as fault:
            raise Refusal(fault.code, fault.message, node=pattern) from fault


def _fold_children(node: Node, strict: bool) -> None:
    match node:
        case Select():
            node.operand = fold(node.operand, strict=strict)
        case Call():
            node.target = fold(node.target, strict=strict) if node.target else None
            node.arguments = [fold(each, strict=strict) for each in node.arguments]
        case Logic():
            node.operands = [fold(each, strict=strict) for each in node.operands]
        case Conditional():
            node.condition = fold(node.condition, strict=strict)
            node.then = fold(node.then, strict=strict)
            node.otherwise = fold(node.otherwise, strict=strict)
        case ListLiteral():
            node.elements = [fold(each, strict=strict) for each in node.elements]
        case MapLiteral():
            node.entries = [
                (fold(key, strict=strict), fold(value, strict=strict))
                for key, value in node.entries
            ]
        case Macro():
            node.range = fold(node.range, strict=strict)
            node.condition = fold(node.condition, strict=strict) if node.condition else None
            node.result = fold(node.result, strict=strict) if node.result else None
