"""The front of the language: compile once, evaluate often, explain when asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow_engine.expressions import conversions, functions, operators, times
from workflow_engine.expressions.checker import Checker, literal_type
from workflow_engine.expressions.checks import Refusal, check_enum_literal
from workflow_engine.expressions.compiler import Compiler
from workflow_engine.expressions.errors import ExpressionError, Fault, place_of
from workflow_engine.expressions.folding import fold
from workflow_engine.expressions.frames import BUDGET, TRACE, Closure, Frame, Trace
from workflow_engine.expressions.limits import LIMITS, Budget, Limits, weight_of
from workflow_engine.expressions.parser import parse
from workflow_engine.expressions.profiles import TENANT, Profile
from workflow_engine.expressions.syntax import Constant, Node, Path, Select, count_nodes
from workflow_engine.expressions.types import DYN, STRING, Scope, Type, assignable, without_null
from workflow_engine.expressions.values import fit

# Importing them declares their overloads.
_DECLARED = (conversions, functions, operators, times)

_SIZED = (list, dict)

Checking = Literal["static", "dynamic"]


@dataclass(frozen=True, slots=True)
class Observation:
    """The value a sub-expression had, or the error that came instead."""

    source: str
    line: int
    column: int
    value: Any = None
    error: ExpressionError | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an expression gave, and what each of its parts gave, in order of evaluation."""

    value: Any
    error: ExpressionError | None
    observations: tuple[Observation, ...]


class Expression:
    """A compiled expression; it keeps no state, so threads may share it.

    `reads` holds the exact path of every field it can read, from the variable down; `*` stands
    for any element. `type` is what it evaluates to, `size` the number of its parts.
    `run` is the bare closure for callers that keep a frame themselves; where `costly` is set the
    frame must hold a Budget.
    """

    __slots__ = ("compiling", "costly", "reads", "root", "run", "size", "source", "type")

    def __init__(self, compiling: "_Compiling") -> None:
        self.compiling = compiling
        self.source = compiling.source
        self.root = compiling.root
        self.size = count_nodes(self.root)
        self.type = compiling.type
        self.reads: frozenset[Path] = frozenset(compiling.checker.reads)
        compiler = compiling.compiler(traced=False)
        self.run: Closure = compiling.guarded(compiler.build(self.root))
        self.costly = compiler.costly

    def evaluate(self, bindings: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """Compute the value for these bindings, or raise ExpressionError and nothing else.

        Bindings hold values of the declared types, as plain Python dicts and lists where they
        are not scalars, and the callables of host functions by name. They are never changed.
        Without a budget one of 50,000 steps is made for this evaluation.
        """
        try:
            if self.costly:
                frame: Frame = {**bindings, BUDGET: budget or Budget()}
                return self.run(frame)
            return self.run(bindings)  # type: ignore[arg-type]  # It is only read.
        except RecursionError as error:
            message = "A value is nested too deeply to be looked at."
            raise ExpressionError("expression.limit", message) from error

    def explain(self, bindings: Mapping[str, Any], budget: Budget | None = None) -> Explanation:
        """Evaluate and tell the value of every sub-expression; an error is told, not raised."""
        compiler = self.compiling.compiler(traced=True)
        run = self.compiling.guarded(compiler.build(self.root))
        trace = Trace()
        frame: Frame = {**bindings, BUDGET: budget or Budget(), TRACE: trace}
        value, error = None, None
        try:
            value = run(frame)
        except ExpressionError as raised:
            error = raised
        except RecursionError:
            error = ExpressionError("expression.limit", "A value is nested too deeply.")
        return Explanation(value, error, tuple(map(self._observation, trace.notes)))

    def _observation(self, note: tuple[Node, Any]) -> Observation:
        node, value = note
        place = place_of(self.source, node.start)
        text = self.source[node.start : node.end]
        if isinstance(value, ExpressionError):
            return Observation(text, place.line, place.column, error=value)
        return Observation(text, place.line, place.column, value)

    def __repr__(self) -> str:
        return f"Expression({self.source!r}: {self.type})"


def compile_expression(
    source: str,
    scope: Scope,
    *,
    expected: Type | None = None,
    profile: Profile = TENANT,
    checking: Checking = "static",
    limits: Limits = LIMITS,
) -> Expression:
    """Read, check and compile an expression; ExpressionError names the first fault's place.

    With `expected` the result is of that type: what can never be is refused here, what depends
    on the values is checked when it is evaluated, and an int becomes a decimal where one is
    expected. `checking="dynamic"` lets ill-typed expressions reach run time.
    """
    return Expression(_Compiling(source, scope, expected, profile, checking, limits))


class _Compiling:
    def __init__(
        self,
        source: str,
        scope: Scope,
        expected: Type | None,
        profile: Profile,
        checking: Checking,
        limits: Limits,
    ) -> None:
        self.source = source
        self.scope = scope
        self.root = parse(source, profile, limits)
        self.checker = Checker(scope, profile, limits, dynamic=checking == "dynamic")
        self.type: Type = DYN
        try:
            self.type = self.checker.check(self.root)
            self.root = fold(self.root, strict=checking == "static")
            self.expected = self._fitted(expected)
        except Refusal as refusal:
            place = place_of(source, _offset(refusal))
            raise place.error(refusal.code, refusal.message, refusal.suggestion) from None

    def _fitted(self, expected: Type | None) -> Type | None:
        """Refuse a result that can never fit; return what must be checked at run time."""
        if expected is None or expected in (DYN, self.type):
            return None
        found, self.type = self.type, expected
        if isinstance(self.root, Constant) and found == STRING and expected.kind == "string":
            check_enum_literal(expected, self.root)
            return None
        if not assignable(literal_type(self.root), expected):
            message = f"{expected} is needed here, and this is {found}."
            message = message[0].upper() + message[1:]
            raise Refusal("expression.type", message, node=self.root)
        return expected if found != without_null(expected) else None

    def compiler(self, *, traced: bool) -> Compiler:
        functions = dict(self.scope.functions)
        return Compiler(self.source, functions, self.checker.type_names, traced=traced)

    def guarded(self, run: Closure) -> Closure:
        """Make the result fit what is expected, where only the value can tell."""
        expected, source, start = self.expected, self.source, self.root.start
        if expected is None:
            return run
        wanted = expected

        def fitted(frame: Frame) -> Any:
            try:
                value = run(frame)
                if type(value) in _SIZED:
                    weight_of(value)
                return fit(value, wanted)
            except Fault as fault:
                raise place_of(source, start).locate(fault) from fault

        return fitted


def _offset(refusal: Refusal) -> int:
    node = refusal.node
    if node is None:
        return 0
    if isinstance(node, Select) and refusal.code == "expression.unknown_field":
        return node.end - len(node.field) - node.test
    return node.start
