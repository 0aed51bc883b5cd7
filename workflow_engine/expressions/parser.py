"""Tokens to a syntax tree, by operator precedence; size and depth are bounded here."""

from decimal import InvalidOperation, Overflow
from typing import Any, Literal

from workflow_engine.expressions.errors import ExpressionError, place_of
from workflow_engine.expressions.lexer import Token, syntax_error, tokenize
from workflow_engine.expressions.limits import LIMITS, Limits
from workflow_engine.expressions.macros import expand
from workflow_engine.expressions.profiles import Profile
from workflow_engine.expressions.syntax import (
    Call,
    Conditional,
    Constant,
    ListLiteral,
    Logic,
    MapLiteral,
    Name,
    Node,
    Select,
    children,
)
from workflow_engine.expressions.types import BOOL, BYTES, INT, NULL, STRING, UINT, Type
from workflow_engine.expressions.values import INT_MAX, UINT_MAX, Uint

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
_RESERVED = frozenset(
    {
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    }
)
_WORDS = {"true": (True, BOOL), "false": (False, BOOL), "null": (None, NULL)}
_MISTAKES = {"and": "&&", "or": "||", "not": "!"}


def parse(source: str, profile: Profile, limits: Limits = LIMITS) -> Node:
    """Read one expression; ExpressionError with the place of the first fault."""
    if len(source) > limits.source_chars_max:
        raise ExpressionError(
            "expression.limit", f"An expression may have {limits.source_chars_max} characters."
        )
    return _Parser(source, profile, limits).whole()


class _Parser:
    def __init__(self, source: str, profile: Profile, limits: Limits) -> None:
        self.source = source
        self.profile = profile
        self.limits = limits
        self.tokens = tokenize(source)
        self.next = 0
        self.nodes = 0
        self.nesting = 0

    def whole(self) -> Node:
        node = self.expression()
        token = self.tokens[self.next]
        if token.kind != "end":
            raise self.unexpected(token)
        return node

    def expression(self) -> Node:
        self.nesting += 1
        if self.nesting > self.limits.depth_max:
            raise self.too_deep(self.tokens[self.next].start)
        node = self.binary(1)
        if self.accept("?"):
            then = self.expression()
            self.expect(":")
            otherwise = self.expression()
            node = self.sized(
                Conditional(
                    condition=node,
                    then=then,
                    otherwise=otherwise,
                    start=node.start,
                    end=otherwise.end,
                )
            )
        self.nesting -= 1
        return node

    def binary(self, lowest: int) -> Node:
        left = self.unary()
        while True:
            token = self.tokens[self.next]
            operator = token.value if token.kind == "op" or token.value == "in" else None
            precedence = _PRECEDENCE.get(operator, 0) if operator else 0
            if precedence < lowest:
                return left
            self.next += 1
            right = self.binary(precedence + 1)
            left = self.combined(str(operator), left, right)

    def combined(self, operator: str, left: Node, right: Node) -> Node:
        start, end = left.start, right.end
        if operator not in ("&&", "||"):
            return self.sized(
                Call(function=operator, arguments=[left, right], start=start, end=end)
            )
        if isinstance(left, Logic) and left.operator == operator:
            left.operands.append(right)
            left.end = right.end
            self.nodes -= 1
            return self.sized(left)
        chain: Literal["&&", "||"] = "&&" if operator == "&&" else "||"
        return self.sized(Logic(operator=chain, operands=[left, right], start=start, end=end))

    def unary(self) -> Node:
        token = self.tokens[self.next]
        if token.kind != "op" or token.value not in ("!", "-"):
            return self.member(self.primary())
        self.next += 1
        follower = self.tokens[self.next]
        if token.value == "-" and follower.kind in ("int", "fraction"):
            self.next += 1
            return self.member(self.number(follower, token.start, sign=-1))
        self.nesting += 1
        if self.nesting > self.limits.depth_max:
            raise self.too_deep(token.start)
        operand = self.unary()
        self.nesting -= 1
        name = "!" if token.value == "!" else "negate"
        return self.sized(
            Call(function=name, arguments=[operand], start=token.start, end=operand.end)
        )

    def member(self, node: Node) -> Node:
        while True:
            if self.accept("."):
                node = self.selected(node)
            elif self.accept("["):
                index = self.expression()
                end = self.expect("]").end
                node = self.sized(
                    Call(function="[]", arguments=[node, index], start=node.start, end=end)
                )
            else:
                return node

    def selected(self, operand: Node) -> Node:
        token = self.tokens[self.next]
        if token.kind not in ("name", "quoted") or token.value in (*_WORDS, "in"):
            raise self.unexpected(token, "a field's name")
        self.next += 1
        if token.kind == "quoted" or not self.accept("("):
            return self.sized(
                Select(operand=operand, field=token.value, start=operand.start, end=token.end)
            )
        arguments, end = self.sequence(")")
        return self.called(token.value, operand, arguments, operand.start, end)

    def called(
        self, name: str, target: Node | None, arguments: list[Node], start: int, end: int
    ) -> Node:
        call = Call(function=name, target=target, arguments=arguments, start=start, end=end)
        try:
            return self.sized(expand(call) or call)
        except ValueError as error:
            raise syntax_error(self.source, start, str(error)) from error

    def primary(self) -> Node:
        token = self.tokens[self.next]
        self.next += 1
        if token.kind in ("int", "uint", "fraction"):
            return self.number(token, token.start, sign=1)
        if token.kind in ("text", "bytes"):
            return self.constant(token, token.value, STRING if token.kind == "text" else BYTES)
        if token.kind == "name":
            return self.name(token, absolute=False)
        if token.kind == "op" and token.value == "(":
            node = self.expression()
            self.expect(")")
            return node
        if token.kind == "op" and token.value == "[":
            elements, end = self.sequence("]")
            return self.sized(ListLiteral(elements=elements, start=token.start, end=end))
        if token.kind == "op" and token.value == "{":
            return self.map(token)
        if token.kind == "op" and token.value == ".":
            follower = self.tokens[self.next]
            if follower.kind == "name":
                self.next += 1
                return self.name(follower, absolute=True)
        raise self.unexpected(token, "a value")

    def name(self, token: Token, *, absolute: bool) -> Node:
        word = token.value
        if word in _WORDS and not absolute:
            return self.constant(token, *_WORDS[word])
        if word in _RESERVED or word in _WORDS or word == "in":
            raise syntax_error(self.source, token.start, f"The word '{word}' is reserved.")
        if not self.accept("("):
            return self.sized(Name(name=word, absolute=absolute, start=token.start, end=token.end))
        arguments, end = self.sequence(")")
        return self.called(word, None, arguments, token.start, end)

    def number(self, token: Token, start: int, *, sign: int) -> Node:
        if token.kind == "fraction":
            text = ("-" if sign < 0 else "") + token.value
            try:
                value = self.profile.read_fraction(text)
            except (InvalidOperation, Overflow) as error:
                raise self.overflow(start) from error
            return self.sized(
                Constant(value=value, type=self.profile.fraction, start=start, end=token.end)
            )
        limit = UINT_MAX if token.kind == "uint" else INT_MAX + (sign < 0)
        if token.value > limit:
            raise self.overflow(start)
        unsigned = token.kind == "uint"
        value = Uint(token.value) if unsigned else sign * token.value
        kind = UINT if unsigned else INT
        return self.sized(Constant(value=value, type=kind, start=start, end=token.end))

    def constant(self, token: Token, value: Any, kind: Type) -> Node:
        return self.sized(Constant(value=value, type=kind, start=token.start, end=token.end))

    def sequence(self, closing: str) -> tuple[list[Node], int]:
        nodes: list[Node] = []
        while self.tokens[self.next].value != closing or self.tokens[self.next].kind != "op":
            nodes.append(self.expression())
            if not self.accept(","):
                break
        return nodes, self.expect(closing).end

    def map(self, opening: Token) -> Node:
        entries: list[tuple[Node, Node]] = []
        while self.tokens[self.next].value != "}" or self.tokens[self.next].kind != "op":
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
        end = self.expect("}").end
        return self.sized(MapLiteral(entries=entries, start=opening.start, end=end))

    def accept(self, operator: str) -> bool:
        token = self.tokens[self.next]
        found = token.kind == "op" and token.value == operator
        self.next += found
        return found

    def expect(self, operator: str) -> Token:
        token = self.tokens[self.next]
        if not self.accept(operator):
            raise self.unexpected(token, f"'{operator}'")
        return token

    def sized(self, node: Node) -> Node:
        """Count the node and measure its depth, refusing what is too large."""
        self.nodes += 1
        node.depth = 1 + max((child.depth for child in children(node)), default=0)
        if self.nodes > self.limits.nodes_max:
            message = f"An expression may have {self.limits.nodes_max} parts."
            raise place_of(self.source, node.start).error("expression.limit", message)
        if node.depth > self.limits.depth_max:
            raise self.too_deep(node.start)
        return node

    def too_deep(self, offset: int) -> ExpressionError:
        message = f"An expression may be nested {self.limits.depth_max} levels deep."
        return place_of(self.source, offset).error("expression.limit", message)

    def overflow(self, offset: int) -> ExpressionError:
        message = "This number is outside the range of its type."
        return place_of(self.source, offset).error("expression.overflow", message)

    def unexpected(self, token: Token, wanted: str = "") -> ExpressionError:
        shown = "the end" if token.kind == "end" else f"'{self.source[token.start : token.end]}'"
        message = f"{wanted} is expected here, not {shown}." if wanted else f"{shown} is too much."
        hint = _MISTAKES.get(str(token.value)) if token.kind == "name" else None
        suggestion = f"Write '{hint}' instead of '{token.value}'." if hint else None
        return syntax_error(self.source, token.start, message[0].upper() + message[1:], suggestion)
