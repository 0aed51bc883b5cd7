"""Which calls are macros, and the tree that each stands for."""

from workflow_engine.expressions.syntax import Call, Macro, Name, Node, Select

# The number of variables and the number of expressions after them that each macro takes.
_SHAPES: dict[str, frozenset[tuple[int, int]]] = {
    "all": frozenset({(1, 1), (2, 1)}),
    "exists": frozenset({(1, 1), (2, 1)}),
    "exists_one": frozenset({(1, 1), (2, 1)}),
    "existsOne": frozenset({(1, 1), (2, 1)}),
    "filter": frozenset({(1, 1)}),
    "map": frozenset({(1, 1), (1, 2)}),
    "transformList": frozenset({(2, 1), (2, 2)}),
    "transformMap": frozenset({(2, 1), (2, 2)}),
}
_TRANSFORMS = frozenset({"map", "transformList", "transformMap"})


def expand(call: Call) -> Node | None:
    """Return the macro that a call stands for, None where it is an ordinary call.

    ValueError where it is a macro whose parts cannot be right.
    """
    if call.target is None:
        return _has(call) if call.function == "has" else None
    if call.function not in _SHAPES:
        return None
    return _comprehension(call, call.target)


def _has(call: Call) -> Node:
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], Select):
        raise ValueError("Has() takes one field, such as has(event.data.eta).")
    field = call.arguments[0]
    return Select(
        operand=field.operand, field=field.field, test=True, start=call.start, end=call.end
    )


def _comprehension(call: Call, target: Node) -> Node | None:
    shapes = _SHAPES[call.function]
    total = len(call.arguments)
    # One variable is tried first, so that map(x, filter, result) keeps its three parts.
    for count in (1, 2):
        if (count, total - count) in shapes:
            return _macro(call, target, count)
    return None


def _macro(call: Call, target: Node, count: int) -> Node:
    variables = [_variable(argument) for argument in call.arguments[:count]]
    if len(set(variables)) != count:
        raise ValueError("The two variables of a macro must have different names.")
    rest = call.arguments[count:]
    transforms = call.function in _TRANSFORMS
    return Macro(
        macro="exists_one" if call.function == "existsOne" else call.function,
        range=target,
        variables=variables,
        condition=rest[0] if not transforms or len(rest) == 2 else None,
        result=rest[-1] if transforms else None,
        start=call.start,
        end=call.end,
    )


def _variable(node: Node) -> str:
    if not isinstance(node, Name) or node.absolute:
        raise ValueError("A macro's variable must be a plain name.")
    return node.name
