"""`==`, `!=` and `in`: native where Python agrees with CEL, else by content."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workflow_engine.expressions.frames import BUDGET, FAILURES, Closure, Frame, failure
from workflow_engine.expressions.operators import MISSING, equal, find, find_cost
from workflow_engine.expressions.syntax import Call, Constant, ListLiteral, Node
from workflow_engine.expressions.types import NUMBERS, without_null

if TYPE_CHECKING:
    from workflow_engine.expressions.compiler import Compiler

_NATIVE = frozenset({"string", "bytes", "timestamp", "duration", "bool", "null"})


def build_equality(compiler: "Compiler", node: Call) -> Closure:
    """Return the closure of `==` or `!=`."""
    same = node.function == "=="
    left, right = node.arguments
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right = right, left
    if isinstance(right, Constant) and (with_constant := _constant_test(right.value, left)):
        return with_constant(compiler.build(left), right.value, same)
    one, other = compiler.build(left), compiler.build(right)
    if _native(left, right):
        if same:
            return lambda frame: one(frame) == other(frame)
        return lambda frame: one(frame) != other(frame)
    return _by_content(compiler, node, one, other, same)


def _by_content(
    compiler: "Compiler", node: Call, one: Closure, other: Closure, same: bool
) -> Closure:
    compiler.costly = True
    source = compiler.source

    def run(frame: Frame) -> bool:
        left, right = one(frame), other(frame)
        try:
            return equal(left, right, frame[BUDGET].charge) is same
        except FAILURES as error:
            raise failure(source, node.start, "'=='", error, (left, right)) from error

    return run


def _native(left: Node, right: Node) -> bool:
    kinds = {left.type.kind, right.type.kind}
    if "bool" in kinds and kinds & NUMBERS:
        return False
    return kinds <= NUMBERS or (len(kinds - {"null"}) <= 1 and kinds <= _NATIVE)


_ConstantTest = Callable[[Closure, Any, bool], Closure]


def _constant_test(value: Any, beside: Node) -> _ConstantTest | None:
    """Choose how to compare anything at all with this constant, without a budget."""
    if value is None or value is True or value is False:
        return _identity
    if type(value) is str or beside.type.kind in NUMBERS:
        return _plain
    if type(value) in (int, Decimal, float):
        return _number
    return None


def _identity(operand: Closure, value: Any, same: bool) -> Closure:
    if same:
        return lambda frame: operand(frame) is value
    return lambda frame: operand(frame) is not value


def _plain(operand: Closure, value: Any, same: bool) -> Closure:
    if same:
        return lambda frame: operand(frame) == value
    return lambda frame: operand(frame) != value


def _number(operand: Closure, value: Any, same: bool) -> Closure:
    # True equals 1 in Python, and never in CEL.
    def run(frame: Frame) -> bool:
        found = operand(frame)
        return (found == value and type(found) is not bool) is same

    return run


def build_membership(compiler: "Compiler", node: Call) -> Closure:
    """Return the closure of `in`."""
    element, container = node.arguments
    if isinstance(container, ListLiteral) and container.elements:
        texts = [part.value for part in container.elements if isinstance(part, Constant)]
        whole = len(texts) == len(container.elements)
        if whole and all(type(text) is str for text in texts):
            return _in_texts(compiler, element, frozenset(texts))
    return _in_container(compiler, node)


def _in_texts(compiler: "Compiler", element: Node, texts: frozenset[str]) -> Closure:
    operand = compiler.build(element)

    def run(frame: Frame) -> bool:
        value = operand(frame)
        return type(value) is str and value in texts

    return run


def _in_container(compiler: "Compiler", node: Call) -> Closure:
    compiler.costly = True
    one, other = (compiler.build(part) for part in node.arguments)
    source = compiler.source
    texts = without_null(node.arguments[0].type).kind == "string"

    def run(frame: Frame) -> bool:
        value, container = one(frame), other(frame)
        try:
            if type(container) is dict:
                frame[BUDGET].charge(find_cost(container, value))
                return find(container, value) is not MISSING
            if type(container) is not list:
                raise TypeError
            charge = frame[BUDGET].charge
            if texts:
                charge(len(container) >> 3)
                return value in container
            charge(len(container))
            return any(equal(value, each, charge) for each in container)
        except FAILURES as error:
            raise failure(source, node.start, "'in'", error, (value, container)) from error

    return run
