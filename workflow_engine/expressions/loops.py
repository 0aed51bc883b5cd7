"""The macros at run time: every element is paid for, and a failing one may be forgiven."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from workflow_engine.expressions.errors import ExpressionError, Fault
from workflow_engine.expressions.frames import BUDGET, UNFORGIVEN, Closure, Frame, failure
from workflow_engine.expressions.limits import check_elements
from workflow_engine.expressions.syntax import Macro, count_nodes, local_key

if TYPE_CHECKING:
    from workflow_engine.expressions.compiler import Compiler

_FORGIVING_STEPS = 20

# Sets the variables of one round in the inner frame.
Binder = Callable[[Frame, Any], None]


def build_macro(compiler: "Compiler", node: Macro) -> Closure:
    """Return the closure of a macro; one round costs as many steps as its body has parts."""
    body = _BODIES[node.macro](compiler, node)
    range_of, source = compiler.build(node.range), compiler.source
    bodies = [part for part in (node.condition, node.result) if part is not None]
    steps = 1 + sum(count_nodes(part) for part in bodies)
    pairs = len(node.variables) == 2

    def run(frame: Frame) -> Any:
        elements = range_of(frame)
        rounds: Iterable[Any]
        if type(elements) is list:
            rounds = enumerate(elements) if pairs else elements
        elif type(elements) is dict:
            rounds = elements.items() if pairs else elements
        else:
            raise failure(source, node.start, f"{node.macro}()", TypeError(), (elements,))
        inner = dict(frame)
        try:
            return body(inner, _paid(rounds, frame, steps))
        except Fault as fault:
            raise failure(source, node.start, "", fault, ()) from fault

    return run


def _paid(rounds: Iterable[Any], frame: Frame, steps: int) -> Iterable[Any]:
    budget = frame[BUDGET]
    for each in rounds:
        budget.charge(steps)
        yield each


Body = Callable[[Frame, Iterable[Any]], Any]


def _binder(node: Macro) -> Binder:
    if len(node.variables) == 1:
        name = local_key(node.variables[0])

        def bind(frame: Frame, element: Any) -> None:
            frame[name] = element

        return bind
    first, second = map(local_key, node.variables)

    def bind_pair(frame: Frame, pair: Any) -> None:
        frame[first], frame[second] = pair

    return bind_pair


def _condition(compiler: "Compiler", node: Macro) -> Callable[[Frame], bool]:
    if node.condition is None:
        return lambda _: True
    test, part = compiler.build(node.condition), node.condition

    def run(frame: Frame) -> bool:
        value = test(frame)
        if value is True or value is False:
            return bool(value)
        raise compiler.not_bool(part, value)

    return run


def _quantifier(stop: bool) -> Callable[["Compiler", Macro], Body]:
    def build(compiler: "Compiler", node: Macro) -> Body:
        bind, test = _binder(node), _condition(compiler, node)

        def body(inner: Frame, rounds: Iterable[Any]) -> bool:
            failed: ExpressionError | None = None
            for each in rounds:
                bind(inner, each)
                try:
                    if test(inner) is stop:
                        return stop
                except ExpressionError as error:
                    if error.code in UNFORGIVEN:
                        raise
                    # Making an error costs as much as many steps, so it is paid for as such.
                    inner[BUDGET].charge(_FORGIVING_STEPS)
                    failed = failed or error
            if failed is not None:
                raise failed
            return not stop

        return body

    return build


def _exists_one(compiler: "Compiler", node: Macro) -> Body:
    bind, test = _binder(node), _condition(compiler, node)

    def body(inner: Frame, rounds: Iterable[Any]) -> bool:
        found = 0
        for each in rounds:
            bind(inner, each)
            found += test(inner)
        return found == 1

    return body


def _filter(compiler: "Compiler", node: Macro) -> Body:
    bind, test = _binder(node), _condition(compiler, node)

    def body(inner: Frame, rounds: Iterable[Any]) -> list[Any]:
        kept = []
        for each in rounds:
            bind(inner, each)
            if test(inner):
                kept.append(each)
        result: list[Any] = check_elements(kept)
        return result

    return body


def _map(compiler: "Compiler", node: Macro) -> Body:
    assert node.result is not None
    bind, test, result = _binder(node), _condition(compiler, node), compiler.build(node.result)

    def body(inner: Frame, rounds: Iterable[Any]) -> list[Any]:
        made = []
        for each in rounds:
            bind(inner, each)
            if test(inner):
                made.append(result(inner))
        checked: list[Any] = check_elements(made)
        return checked

    return body


def _transform_map(compiler: "Compiler", node: Macro) -> Body:
    assert node.result is not None
    bind, test, result = _binder(node), _condition(compiler, node), compiler.build(node.result)

    def body(inner: Frame, rounds: Iterable[Any]) -> dict[Any, Any]:
        made = {}
        for each in rounds:
            bind(inner, each)
            if test(inner):
                made[each[0]] = result(inner)
        checked: dict[Any, Any] = check_elements(made)
        return checked

    return body


_BODIES: dict[str, Callable[["Compiler", Macro], Body]] = {
    "all": _quantifier(stop=False),
    "exists": _quantifier(stop=True),
    "exists_one": _exists_one,
    "filter": _filter,
    "map": _map,
    "transformList": _map,
    "transformMap": _transform_map,
}
