"""Reading variables, fields and `has()`."""

from typing import TYPE_CHECKING, Any

from kernel.money import Money
from workflow_engine.expressions.errors import ExpressionError, Fault
from workflow_engine.expressions.frames import Closure, Frame, failure
from workflow_engine.expressions.syntax import Name, Node, Select
from workflow_engine.expressions.types import RecordType, without_null
from workflow_engine.expressions.values import kind_of, read_decimal

if TYPE_CHECKING:
    from workflow_engine.expressions.compiler import Compiler


def build_path(source: str, node: Node, keys: list[str]) -> Closure:
    """Read a chain of fields in one closure; the common lengths have one of their own."""
    first, *rest = keys

    def slowly(frame: Frame) -> Any:
        if first not in frame:
            error = Fault("expression.unbound", f"'{first}' has no value here.")
            raise failure(source, node.start, "", error, ())
        value = frame[first]
        for key in rest:
            value = field_of(source, node, value, key)
        return value

    if len(keys) == 1:
        return _one(first, slowly)
    if len(keys) == 2:
        return _two(first, rest[0], slowly)
    if len(keys) == 3:
        return _three(first, rest[0], rest[1], slowly)
    return slowly


def _one(first: str, slowly: Closure) -> Closure:
    def run(frame: Frame) -> Any:
        try:
            return frame[first]
        except KeyError:
            return slowly(frame)

    return run


def _two(first: str, second: str, slowly: Closure) -> Closure:
    def run(frame: Frame) -> Any:
        try:
            return frame[first][second]
        except (KeyError, TypeError):
            return slowly(frame)

    return run


def _three(first: str, second: str, third: str, slowly: Closure) -> Closure:
    def run(frame: Frame) -> Any:
        try:
            return frame[first][second][third]
        except (KeyError, TypeError):
            return slowly(frame)

    return run


def build_select(compiler: "Compiler", node: Select) -> Closure:
    """Read a field, or with `has` ask whether it is there."""
    if node.test:
        return _build_has(compiler, node)
    names: list[str] = []
    root: Node = node
    while isinstance(root, Select) and not root.test and root.variable is None:
        names.append(root.field)
        root = root.operand
    names.reverse()
    if isinstance(root, Name) and not root.is_type:
        return build_path(compiler.source, node, [root.variable or root.name, *names])
    if isinstance(root, Select) and root.variable is not None and not root.is_type:
        return build_path(compiler.source, node, [root.variable, *names])
    operand, name, source = compiler.build(node.operand), node.field, compiler.source
    return lambda frame: field_of(source, node, operand(frame), name)


def _build_has(compiler: "Compiler", node: Select) -> Closure:
    operand, name, source = compiler.build(node.operand), node.field, compiler.source
    # A declared field is there unless it is null; a map's key is there even if it holds null.
    declared = isinstance(without_null(node.operand.type), RecordType)

    def run(frame: Frame) -> bool:
        value = operand(frame)
        if type(value) is not dict:
            raise failure(source, node.start, "has()", TypeError(), (value,))
        return value.get(name) is not None if declared else name in value

    return run


def field_of(source: str, node: Node, value: Any, name: str) -> Any:
    """Return the field of a value, or say why there is none."""
    if type(value) is dict:
        if name in value:
            return value[name]
        raise _missing(source, node, name)
    if type(value) is Money and name in ("amount", "currency"):
        return read_decimal(value.amount) if name == "amount" else value.currency
    if value is None:
        error = Fault(
            "expression.null",
            f"There is no '{name}' of null.",
            "Test for it first: x != null && …",
        )
        raise failure(source, node.start, "", error, ())
    error = Fault("expression.type", f"{kind_of(value).capitalize()} has no field '{name}'.")
    raise failure(source, node.start, "", error, ())


def _missing(source: str, node: Node, name: str) -> ExpressionError:
    error = Fault("expression.missing", f"There is no '{name}' here.", f"Test with has(….{name}).")
    return failure(source, node.start, "", error, ())
