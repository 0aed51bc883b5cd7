"""The grammar of cells: `-`, `> 5`, `[1..10)`, `"a","b"`, `not(…)`, `null`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kernel.money import Money
from workflow_engine.decisions.columns import ORDERED, Column
from workflow_engine.decisions.errors import CellFault
from workflow_engine.expressions import ValueFault, to_json

CELL_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Exactly:
    """One value; None is null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two ends; an end of None is open to infinity."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the tests do not accept."""

    tests: tuple["Test", ...]


Test = Exactly | Range | Not
# A cell accepts what any of its tests accepts; no tests at all accept everything.
Cell = tuple[Test, ...]
ANYTHING: Cell = ()

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)"
    r"|(?P<mark>\.\.|<=|>=|!=|==|[<>=(),\[\]]|-)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<end>$)"
    r")"
)
_ESCAPE = re.compile(r"\\(.)")
_BELOW, _ABOVE = ("<", "<="), (">", ">=")


def parse_cell(text: str, column: Column) -> Cell:
    """Read a cell of a column; CellFault says what cannot be read."""
    if len(text) > CELL_CHARS_MAX:
        raise CellFault(f"A cell may have {CELL_CHARS_MAX} characters.")
    if text.strip() in ("", "-"):
        return ANYTHING
    return _Reader(text, column).tests("end")


class _Reader:
    def __init__(self, text: str, column: Column) -> None:
        self.column = column
        self.tokens = _tokens(text)
        self.next = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.next][0]

    @property
    def word(self) -> str:
        return self.tokens[self.next][1]

    def take(self) -> str:
        word = self.word
        self.next += 1
        return word

    def expect(self, mark: str) -> None:
        if self.word != mark or self.kind == "text":
            shown = self.word or "the end"
            raise CellFault(f"'{mark}' is expected before {shown!r}.")
        self.next += 1

    def tests(self, closing: str) -> tuple[Test, ...]:
        found = [self.test()]
        while self.word == "," and self.kind == "mark":
            self.next += 1
            found.append(self.test())
        if self.kind != closing and self.word != closing:
            raise CellFault(f"{self.word!r} is too much here.", "Separate values by commas.")
        return tuple(found)

    def test(self) -> Test:
        if self.kind == "mark" and self.word in ("[", "(", "]"):
            return self.interval()
        if self.kind == "mark" and self.word in (*_BELOW, *_ABOVE, "=", "==", "!="):
            return self.comparison(self.take())
        if self.kind == "word" and self.word == "not":
            self.next += 1
            self.expect("(")
            inner = self.tests(")")
            self.expect(")")
            return Not(inner)
        return Exactly(self.literal())

    def comparison(self, sign: str) -> Test:
        value = self.literal()
        if sign in ("=", "=="):
            return Exactly(value)
        if sign == "!=":
            return Not((Exactly(value),))
        self.must_be_ordered(value)
        if sign in _BELOW:
            return Range(None, value, high_included=sign == "<=")
        return Range(value, None, low_included=sign == ">=")

    def interval(self) -> Test:
        low_included = self.take() == "["
        low = self.literal()
        self.expect("..")
        high = self.literal()
        closing = self.take()
        if closing not in ("]", ")", "["):
            raise CellFault("A range ends with ']' or ')'.")
        self.must_be_ordered(low)
        self.must_be_ordered(high)
        if low > high:
            raise CellFault(f"The range is empty: {low} is above {high}.")
        return Range(low, high, low_included, closing == "]")

    def must_be_ordered(self, value: Any) -> None:
        if self.column.kind not in ORDERED or value is None:
            raise CellFault(f"Values of type {self.column.kind} have no order.")

    def literal(self) -> Any:
        kind, word = self.kind, self.take()
        if kind == "text":
            return self.read(_unquoted(word))
        if kind == "number":
            return self.number(word)
        if kind == "word" and word in ("true", "false"):
            return self.read(word == "true")
        if kind == "word" and word == "null":
            if not self.column.nullable:
                raise CellFault("This column is never null.", "Declare it nullable.")
            return None
        if kind == "word" and word in ("money", "timestamp", "duration", "decimal"):
            return self.call(word)
        hint = f'Write "{word}" in quotes.' if kind == "word" else None
        raise CellFault(f"A value is expected, not {word or 'the end'!r}.", hint)

    def number(self, word: str) -> Any:
        kind, currency = self.column.kind, self.column.currency
        if kind == "money" and currency:
            return self.read({"amount": word, "currency": currency})
        if kind not in ("int", "decimal"):
            raise CellFault(f"A number is no value of type {kind}.")
        if kind == "int" and not word.lstrip("+-").isdigit():
            raise CellFault(f"{word} is no whole number.")
        return self.read(int(word) if kind == "int" else Decimal(word))

    def call(self, word: str) -> Any:
        if word != self.column.kind:
            raise CellFault(f"A {word} is no value of type {self.column.kind}.")
        self.expect("(")
        arguments = [self.argument()]
        while self.word == ",":
            self.next += 1
            arguments.append(self.argument())
        self.expect(")")
        if word == "money":
            if len(arguments) != 2:
                raise CellFault("Money has an amount and a currency.")
            return self.read({"amount": arguments[0], "currency": arguments[1]})
        if len(arguments) != 1:
            raise CellFault(f"A {word} is one text.")
        return self.read(arguments[0])

    def argument(self) -> str:
        if self.kind != "text":
            raise CellFault("A text in quotes is expected.")
        return _unquoted(self.take())

    def read(self, value: Any) -> Any:
        try:
            found = self.column.literal(value)
        except ValueFault as fault:
            raise CellFault(str(fault)) from fault
        values = self.column.domain.values
        if self.column.kind == "enum" and values is not None and found not in values:
            raise CellFault(f"'{found}' is none of {', '.join(map(str, values))}.")
        return found


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            raise CellFault(f"{text[at:].strip()[:20]!r} cannot be read.")
        kind = match.lastgroup or "end"
        tokens.append((kind, match.group(kind)))
        if kind == "end":
            return tokens
        at = match.end()


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(r"\1", text[1:-1])


def write_literal(value: Any, kind: str) -> str:
    """Write a value as a cell names it, so that reading it gives the value again."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Money):
        return f'money("{value.amount}","{value.currency}")'
    if kind in ("timestamp", "duration"):
        return f'{kind}("{to_json(value)}")'
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(to_json(value))


def write_cell(cell: Cell, kind: str) -> str:
    """Write a cell in its shortest form."""
    return ",".join(_write_test(test, kind) for test in cell) if cell else "-"


def _write_test(test: Test, kind: str) -> str:
    match test:
        case Exactly(value):
            return write_literal(value, kind)
        case Not(tests):
            return f"not({','.join(_write_test(each, kind) for each in tests)})"
        case Range(low, None):
            return f"{'>=' if test.low_included else '>'} {write_literal(low, kind)}"
        case Range(None, high):
            return f"{'<=' if test.high_included else '<'} {write_literal(high, kind)}"
    low, high = write_literal(test.low, kind), write_literal(test.high, kind)
    opening, closing = "[" if test.low_included else "(", "]" if test.high_included else ")"
    return f"{opening}{low}..{high}{closing}"
