"""What a condition says about null: which fields are certainly there on either side of it."""

from workflow_engine.expressions.syntax import Call, Constant, Logic, Name, Node, Path, Select

Facts = frozenset[Path]
NO_FACTS: Facts = frozenset()


def chain_of(node: Node | None) -> Path | None:
    """Return the names of a chain such as `context.po.total`, None where it is no chain."""
    names: list[str] = []
    while isinstance(node, Select) and not node.test:
        names.append(node.field)
        node = node.operand
    return (node.name, *reversed(names)) if isinstance(node, Name) else None


def when_true(node: Node) -> Facts:
    """Return the chains that are not null wherever the condition holds."""
    match node:
        case Logic(operator="&&"):
            return NO_FACTS.union(*map(when_true, node.operands))
        case Logic():
            return _common([when_true(operand) for operand in node.operands])
        case Call(function="!", arguments=[inner]):
            return when_false(inner)
        case Call(function="!=", arguments=[left, right]):
            return _beside_null(left, right)
        case Call(function="==", arguments=[left, right]):
            return _beside_value(left, right)
        case Select(test=True):
            inner_chain = chain_of(node.operand)
            return frozenset({(*inner_chain, node.field)}) if inner_chain else NO_FACTS
    return NO_FACTS


def when_false(node: Node) -> Facts:
    """Return the chains that are not null wherever the condition does not hold."""
    match node:
        case Logic(operator="||"):
            return NO_FACTS.union(*map(when_false, node.operands))
        case Logic():
            return _common([when_false(operand) for operand in node.operands])
        case Call(function="!", arguments=[inner]):
            return when_true(inner)
        case Call(function="==", arguments=[left, right]):
            return _beside_null(left, right)
    return NO_FACTS


def without(facts: Facts, names: list[str]) -> Facts:
    """Forget what is known of names that a macro's variables hide."""
    return frozenset(chain for chain in facts if chain[0] not in names)


def _common(facts: list[Facts]) -> Facts:
    return facts[0].intersection(*facts[1:])


def _beside_null(left: Node, right: Node) -> Facts:
    for one, other in ((left, right), (right, left)):
        chain = chain_of(one)
        if chain and isinstance(other, Constant) and other.value is None:
            return frozenset({chain})
    return NO_FACTS


def _beside_value(left: Node, right: Node) -> Facts:
    for one, other in ((left, right), (right, left)):
        chain = chain_of(one)
        if chain and isinstance(other, Constant) and other.value is not None:
            return frozenset({chain})
    return NO_FACTS
