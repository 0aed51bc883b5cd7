"""The static type checker: names, types, enums and null, and which fields are read."""

from difflib import get_close_matches

from workflow_engine.expressions.checks import (
    Refusal,
    check_comparable,
    check_enum_literal,
    element_types,
    resolve,
)
from workflow_engine.expressions.facts import (
    NO_FACTS,
    Facts,
    chain_of,
    when_false,
    when_true,
    without,
)
from workflow_engine.expressions.limits import Limits
from workflow_engine.expressions.profiles import Profile
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
    Path,
    Select,
    local_key,
)
from workflow_engine.expressions.types import (
    BOOL,
    DECIMAL,
    DYN,
    INT,
    STRING,
    UNKNOWN_ELEMENT,
    Function,
    ListType,
    MapType,
    RecordType,
    Scope,
    Type,
    TypeType,
    assignable,
    join,
    without_null,
)
from workflow_engine.expressions.values import KINDS

TYPE_NAMES = {kind: kind for kind in KINDS if kind not in ("null", "double")} | {
    "null_type": "null",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}


class Checker:
    """Types every node of one expression in place, and collects what it reads and calls.

    With `dynamic` nothing is refused but unknown macros and too much nesting: what cannot be
    typed becomes DYN and fails when it is evaluated.
    """

    def __init__(self, scope: Scope, profile: Profile, limits: Limits, *, dynamic: bool) -> None:
        self.scope = scope
        self.profile = profile
        self.limits = limits
        self.dynamic = dynamic
        self.reads: set[Path] = set()
        self.locals: dict[str, tuple[Type, Path | None]] = {}
        self.macros = 0
        self.dotted_names = bool(scope.container) or any("." in name for name in scope.variables)
        self.type_names = TYPE_NAMES | {"double": profile.fraction.kind}

    def check(self, node: Node, facts: Facts = NO_FACTS) -> Type:
        """Type a node whose value is used, and note the field it reads."""
        kind = self.visit(node, facts)
        if node.path:
            self.reads.add(node.path)
        return kind

    def visit(self, node: Node, facts: Facts) -> Type:
        try:
            node.type = self.typed(node, facts)
        except Refusal as refusal:
            if not self.dynamic or refusal.code == "expression.limit":
                refusal.node = refusal.node or node
                raise
            node.type = DYN
        return node.type

    def typed(self, node: Node, facts: Facts) -> Type:
        match node:
            case Constant():
                return node.type
            case Name():
                return self.name(node, facts)
            case Select():
                return self.select(node, facts)
            case Call():
                return self.call(node, facts)
            case Logic():
                return self.logic(node, facts)
            case Conditional():
                return self.conditional(node, facts)
            case ListLiteral():
                return ListType(self.common([self.check(each, facts) for each in node.elements]))
            case MapLiteral():
                return self.map(node, facts)
            case Macro():
                return self.macro(node, facts)
        raise AssertionError(node)

    def name(self, node: Name, facts: Facts) -> Type:
        if node.name in self.locals and not node.absolute:
            kind, node.path = self.locals[node.name]
            node.variable = local_key(node.name)
            return without_null(kind) if (node.name,) in facts else kind
        variable = self.variable(node.name, node.absolute)
        if variable is not None:
            node.variable, node.path = variable, (variable,)
            kind = self.scope.variables[variable]
            return without_null(kind) if (node.name,) in facts else kind
        if node.name in self.type_names:
            node.is_type = True
            return TypeType(DYN)
        names = [*self.scope.variables, *self.locals]
        raise Refusal(
            "expression.unknown_name",
            f"There is nothing called '{node.name}' here.",
            suggestion=did_you_mean(node.name, names),
            node=node,
        )

    def variable(self, name: str, absolute: bool) -> str | None:
        """Find a variable by its name relative to the container, the innermost first."""
        container = "" if absolute else self.scope.container
        while container:
            if f"{container}.{name}" in self.scope.variables:
                return f"{container}.{name}"
            container = container.rpartition(".")[0]
        return name if name in self.scope.variables else None

    def select(self, node: Select, facts: Facts) -> Type:
        if (dotted := self.dotted(node)) is not None:
            return dotted
        operand = self.visit(node.operand, facts)
        if node.operand.path:
            node.path = (*node.operand.path, node.field)
        kind = self.field(without_null(operand), node)
        if node.test:
            return BOOL
        return without_null(kind) if facts and chain_of(node) in facts else kind

    def dotted(self, node: Select) -> Type | None:
        """Recognise a variable or a type whose name has dots in it."""
        chain = chain_of(node)
        if chain is None or not (self.dotted_names or chain[0] == "google"):
            return None
        root: Node = node
        while isinstance(root, Select):
            root = root.operand
        absolute = isinstance(root, Name) and root.absolute
        if chain[0] in self.locals and not absolute:
            return None
        name = ".".join(chain)
        node.variable = self.variable(name, absolute)
        if node.variable is not None:
            node.path = (node.variable,)
            return self.scope.variables[node.variable]
        if name in self.type_names:
            node.variable, node.is_type = name, True
            return TypeType(DYN)
        return None

    def field(self, operand: Type, node: Select) -> Type:
        if isinstance(operand, RecordType):
            if node.field in operand.fields:
                return operand.fields[node.field]
            message = f"{str(operand).capitalize()} has no field '{node.field}'."
            hint = did_you_mean(node.field, [*operand.fields])
            raise Refusal("expression.unknown_field", message, suggestion=hint, node=node)
        if isinstance(operand, MapType):
            return operand.value
        if operand.kind == "money" and node.field in ("amount", "currency"):
            return DECIMAL if node.field == "amount" else STRING
        if operand in (DYN, UNKNOWN_ELEMENT):
            return DYN
        message = f"{str(operand).capitalize()} has no fields, so none called '{node.field}'."
        raise Refusal("expression.unknown_field", message, node=node)

    def logic(self, node: Logic, facts: Facts) -> Type:
        learn = when_true if node.operator == "&&" else when_false
        for operand in node.operands:
            self.must_be_bool(operand, self.check(operand, facts), f"'{node.operator}'")
            facts = facts | learn(operand)
        return BOOL

    def conditional(self, node: Conditional, facts: Facts) -> Type:
        self.must_be_bool(node.condition, self.check(node.condition, facts), "'?'")
        then = self.check(node.then, facts | when_true(node.condition))
        otherwise = self.check(node.otherwise, facts | when_false(node.condition))
        return join(then, otherwise)

    def must_be_bool(self, node: Node, kind: Type, place: str) -> None:
        if kind.kind not in ("bool", "dyn", "unknown") and not self.dynamic:
            message = f"{place} needs bool here, and this is {kind}."
            raise Refusal("expression.type", message, node=node)

    def common(self, kinds: list[Type]) -> Type:
        result: Type = UNKNOWN_ELEMENT
        for kind in kinds:
            result = kind if result == UNKNOWN_ELEMENT else join(result, kind)
        return result

    def map(self, node: MapLiteral, facts: Facts) -> Type:
        for key, _ in node.entries:
            kind = self.check(key, facts).kind
            if kind not in ("string", "int", "uint", "bool", "dyn"):
                raise Refusal("expression.type", f"A map has no keys of {kind}.", node=key)
        keys = self.common([key.type for key, _ in node.entries])
        values = [self.check(value, facts) for _, value in node.entries]
        if node.entries and all(isinstance(key, Constant) for key, _ in node.entries):
            names = [key.value for key, _ in node.entries if isinstance(key, Constant)]
            if keys == STRING and len(set(map(str, values))) > 1:
                return RecordType(dict(zip(names, values, strict=True)))
        return MapType(keys, self.common(values))

    def call(self, node: Call, facts: Facts) -> Type:
        arguments = [*([node.target] if node.target else []), *node.arguments]
        if node.function == "[]":
            kinds = [self.visit(arguments[0], facts), self.check(arguments[1], facts)]
            return self.index(node, kinds)
        kinds = [self.check(argument, facts) for argument in arguments]
        if node.function in ("==", "!="):
            check_comparable(node, kinds)
            return BOOL
        if node.function == "in":
            return self.membership(node, kinds)
        host = self.scope.functions.get(node.function)
        if host is not None and node.target is None:
            return self.host_call(node, host, kinds)
        name = self.overload_name(node)
        result = resolve(name, kinds, node)
        if name == "type":
            return TypeType(kinds[0])
        return result

    def overload_name(self, node: Call) -> str:
        if node.target is not None:
            return f".{node.function}"
        if node.function == "double" and self.profile.fraction == DECIMAL:
            node.function = "decimal"
        return node.function

    def index(self, node: Call, kinds: list[Type]) -> Type:
        operand, key = node.arguments
        constant = key.value if isinstance(key, Constant) else None
        if operand.path:
            node.path = (*operand.path, constant if isinstance(constant, str) else "*")
        record = without_null(kinds[0])
        if isinstance(record, RecordType):
            if constant in record.fields:
                return record.fields[str(constant)]
            kinds = [MapType(STRING, DYN), kinds[1]]
        return resolve("[]", kinds, node)

    def membership(self, node: Call, kinds: list[Type]) -> Type:
        container = without_null(kinds[1])
        if container.kind not in ("list", "map", "dyn", "unknown"):
            hint = "Write text.contains(part) for texts." if container.kind == "string" else None
            message = f"'in' needs a list or map on its right, and this is {container}."
            raise Refusal("expression.type", message, suggestion=hint, node=node.arguments[1])
        check_comparable(node, [kinds[0], *element_types(container)])
        if isinstance(node.arguments[1], ListLiteral):
            for element in node.arguments[1].elements:
                check_enum_literal(kinds[0], element)
        return BOOL

    def host_call(self, node: Call, host: Function, kinds: list[Type]) -> Type:
        if len(kinds) != len(host.parameters):
            message = f"{node.function}() takes {len(host.parameters)} arguments."
            raise Refusal("expression.type", message, node=node)
        for argument, kind, wanted in zip(node.arguments, kinds, host.parameters, strict=True):
            literal = isinstance(argument, Constant) and kind == STRING
            if literal and wanted.kind == "string":
                check_enum_literal(wanted, argument)
            elif not assignable(kind, wanted):
                message = f"{node.function}() needs {wanted} here, and this is {kind}."
                raise Refusal("expression.type", message, node=argument)
        return host.result

    def macro(self, node: Macro, facts: Facts) -> Type:
        self.macros += 1
        if self.macros > self.limits.nested_macros_max:
            message = f"Macros may be nested {self.limits.nested_macros_max} levels deep."
            raise Refusal("expression.limit", message, node=node)
        range_type = without_null(self.visit(node.range, facts))
        if node.range.path:
            self.reads.add(node.range.path)
        if range_type.kind not in ("list", "map", "dyn", "unknown"):
            message = f"{node.macro}() needs a list or map, and this is {range_type}."
            raise Refusal("expression.type", message, node=node.range)
        hidden = {name: self.locals.get(name) for name in node.variables}
        self.locals.update(self.macro_variables(node, range_type))
        inner = without(facts, node.variables)
        condition = self.check(node.condition, inner) if node.condition else BOOL
        if node.condition:
            self.must_be_bool(node.condition, condition, f"{node.macro}()")
            inner = inner | when_true(node.condition)
        result = self.check(node.result, inner) if node.result else BOOL
        self.locals = {name: each for name, each in self.locals.items() if name not in hidden}
        self.locals.update({name: each for name, each in hidden.items() if each is not None})
        self.macros -= 1
        return _macro_result(node, range_type, result)

    def macro_variables(self, node: Macro, range_type: Type) -> dict[str, tuple[Type, Path | None]]:
        path = (*node.range.path, "*") if node.range.path else None
        elements = element_types(range_type)
        if len(node.variables) == 1:
            return {node.variables[0]: (elements[0], path if range_type.kind != "map" else None)}
        position = elements[0] if range_type.kind == "map" else INT
        if range_type.kind in ("dyn", "unknown"):
            position = DYN
        return {node.variables[0]: (position, None), node.variables[1]: (elements[-1], path)}


def _macro_result(node: Macro, range_type: Type, result: Type) -> Type:
    if node.macro == "filter":
        kind = element_types(range_type)[0]
        return ListType(kind)
    if node.macro in ("map", "transformList"):
        return ListType(result)
    if node.macro == "transformMap":
        key = element_types(range_type)[0] if range_type.kind == "map" else INT
        return MapType(DYN if range_type.kind in ("dyn", "unknown") else key, result)
    return BOOL


def did_you_mean(name: str, known: list[str]) -> str | None:
    """Suggest the nearest known name."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else None


def literal_type(node: Node) -> Type:
    """Return the type of a node with the fields of its map literals told one by one."""
    match node:
        case MapLiteral(entries=entries) if entries:
            keys = [key.value for key, _ in entries if isinstance(key, Constant)]
            if len(keys) == len(entries) and all(type(key) is str for key in keys):
                values = [literal_type(value) for _, value in entries]
                return RecordType(dict(zip(keys, values, strict=True)))
        case ListLiteral(elements=elements) if elements:
            kinds = {literal_type(element) for element in elements}
            return ListType(kinds.pop()) if len(kinds) == 1 else node.type
        case Conditional():
            branches = {literal_type(node.then), literal_type(node.otherwise)}
            return branches.pop() if len(branches) == 1 else node.type
    return node.type
