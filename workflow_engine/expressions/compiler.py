"""A checked tree to Python closures; every failure becomes an ExpressionError with its place."""

from typing import Any

from workflow_engine.expressions.calls import CallBuilder
from workflow_engine.expressions.errors import ExpressionError, Fault, shown
from workflow_engine.expressions.frames import TRACE, UNFORGIVEN, Closure, Frame, failure
from workflow_engine.expressions.loops import build_macro
from workflow_engine.expressions.selection import build_path, build_select
from workflow_engine.expressions.syntax import (
    Call,
    Conditional,
    Constant,
    ListLiteral,
    Logic,
    Macro,
    MapLiteral,
    Name,
    Node,
    Select,
)
from workflow_engine.expressions.types import Function
from workflow_engine.expressions.values import TypeValue, Uint

_KEY_TYPES = frozenset({str, int, Uint, bool})


class Compiler:
    """Builds the closures of one expression.

    `costly` is set when a closure charges a budget. With `traced` every sub-expression also
    notes its value in the frame.
    """

    def __init__(
        self,
        source: str,
        functions: dict[str, Function],
        type_names: dict[str, str],
        *,
        traced: bool = False,
    ) -> None:
        self.source = source
        self.type_names = type_names
        self.traced = traced
        self.costly = False
        self.calls = CallBuilder(self, functions)

    def build(self, node: Node) -> Closure:
        """Return the closure that computes a node from a frame."""
        closure = self.plain(node)
        return self.recorded(node, closure) if self.traced else closure

    def plain(self, node: Node) -> Closure:
        match node:
            case Constant():
                value = node.value
                return lambda _: value
            case Name():
                return self.name(node)
            case Select():
                return self.select(node)
            case Call():
                return self.calls.build(node)
            case Logic():
                return self.logic(node)
            case Conditional():
                return self.conditional(node)
            case ListLiteral():
                elements = [self.build(each) for each in node.elements]
                return lambda frame: [element(frame) for element in elements]
            case MapLiteral():
                return self.map(node)
            case Macro():
                self.costly = True
                return build_macro(self, node)
        raise AssertionError(node)

    def recorded(self, node: Node, closure: Closure) -> Closure:
        if isinstance(node, Constant):
            return closure

        def run(frame: Frame) -> Any:
            try:
                value = closure(frame)
            except ExpressionError as error:
                frame[TRACE].note(node, error)
                raise
            frame[TRACE].note(node, value)
            return value

        return run

    def name(self, node: Name) -> Closure:
        if node.is_type:
            constant = TypeValue(self.type_names[node.name])
            return lambda _: constant
        return build_path(self.source, node, [node.variable or node.name])

    def select(self, node: Select) -> Closure:
        if node.is_type and node.variable is not None:
            constant = TypeValue(self.type_names[node.variable])
            return lambda _: constant
        return build_select(self, node)

    def logic(self, node: Logic) -> Closure:
        operands = [self.build(operand) for operand in node.operands]
        stop = node.operator == "||"
        if len(operands) == 2:
            return self.pair(node, operands[0], operands[1], stop)
        return self.chain(node, operands, stop)

    def pair(self, node: Logic, left: Closure, right: Closure, stop: bool) -> Closure:
        def without_left(frame: Frame, failed: ExpressionError) -> bool:
            if failed.code in UNFORGIVEN:
                raise failed
            try:
                if right(frame) is stop:
                    return bool(stop)
            except ExpressionError as error:
                if error.code in UNFORGIVEN:
                    raise
            raise failed

        def run(frame: Frame) -> Any:
            try:
                value = left(frame)
            except ExpressionError as error:
                return without_left(frame, error)
            if value is stop:
                return stop
            if value is not (not stop):
                return without_left(frame, self.not_bool(node.operands[0], value))
            value = right(frame)
            if value is True or value is False:
                return value
            raise self.not_bool(node.operands[1], value)

        return run

    def chain(self, node: Logic, operands: list[Closure], stop: bool) -> Closure:
        def run(frame: Frame) -> Any:
            # As CEL: an operand that fails is forgiven where another one decides.
            failed: ExpressionError | None = None
            for position, operand in enumerate(operands):
                try:
                    value = operand(frame)
                except ExpressionError as error:
                    if error.code in UNFORGIVEN:
                        raise
                    failed = failed or error
                    continue
                if value is stop:
                    return stop
                if value is not (not stop):
                    failed = failed or self.not_bool(node.operands[position], value)
            if failed is not None:
                raise failed
            return not stop

        return run

    def conditional(self, node: Conditional) -> Closure:
        condition = self.build(node.condition)
        then, otherwise = self.build(node.then), self.build(node.otherwise)

        def run(frame: Frame) -> Any:
            chosen = condition(frame)
            if chosen is True:
                return then(frame)
            if chosen is False:
                return otherwise(frame)
            raise self.not_bool(node.condition, chosen)

        return run

    def map(self, node: MapLiteral) -> Closure:
        entries = [(self.build(key), self.build(value)) for key, value in node.entries]

        def run(frame: Frame) -> Any:
            result: dict[Any, Any] = {}
            for (build_key, build_value), (key_node, _) in zip(entries, node.entries, strict=True):
                key = build_key(frame)
                if type(key) not in _KEY_TYPES:
                    raise self.fault(key_node, Fault("expression.type", "This is no map key."))
                # True and 1 are one key to Python, so a map has either.
                if key in result:
                    message = f"The key {shown(key)} occurs twice."
                    raise self.fault(key_node, Fault("expression.duplicate_key", message))
                result[key] = build_value(frame)
            return result

        return run

    def not_bool(self, node: Node, value: Any) -> ExpressionError:
        return failure(self.source, node.start, "a condition", TypeError(), (value,))

    def fault(self, node: Node, error: Exception) -> ExpressionError:
        return failure(self.source, node.start, "", error, ())
