"""Expressions that nobody means well with: soup, mutants, monsters and honest ones gone wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from kernel.money import Money
from workflow_engine.expressions import (
    BOOL,
    BYTES,
    DECIMAL,
    DURATION,
    DYN,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    Function,
    ListType,
    MapType,
    RecordType,
    Scope,
    nullable,
)
from workflow_engine.expressions.values import Uint

LINE = RecordType({"sku": STRING, "quantity": INT, "price": MONEY}, "line")
SCOPE = Scope(
    {
        "i": INT,
        "u": UINT,
        "d": DECIMAL,
        "m": MONEY,
        "s": STRING,
        "b": BYTES,
        "t": TIMESTAMP,
        "span": DURATION,
        "flagged": BOOL,
        "maybe": nullable(INT),
        "tier": EnumType(("gold", "basic")),
        "lines": ListType(LINE),
        "many": ListType(INT),
        "texts": ListType(STRING),
        "tags": MapType(STRING, STRING),
        "event": DYN,
    },
    {"In": Function((STRING,), BOOL)},
)
_LINES = [{"sku": f"SKU-{n}", "quantity": n, "price": Money(n * 100, "EUR")} for n in range(50)]
BINDINGS: dict[str, Any] = {
    "i": 9_223_372_036_854_775_807,
    "u": Uint(18_446_744_073_709_551_615),
    "d": Decimal("9.999999999999999999999999999999999E+6144"),
    "m": Money(9_223_372_036_854_775_807, "EUR"),
    "s": "a" * 60_000,
    "b": b"\xff" * 60_000,
    "t": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "span": timedelta(seconds=315_576_000_000),
    "flagged": True,
    "maybe": None,
    "tier": "gold",
    "lines": _LINES,
    "many": list(range(10_000)),
    "texts": ["b" * 1_000 for _ in range(1_000)],
    "tags": {f"k{n}": "v" * 100 for n in range(1_000)},
    "event": {"lines": _LINES, "deep": [[[[[[1]]]]]], "text": "x" * 50_000, "n": -1, "none": None},
    "In": {"waiting"}.__contains__,
}
_NAMES = [*SCOPE.variables, "event.lines", "event.text", "event.n", "event.none", "event.gone", "x"]
_LITERALS = [
    "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615u",
    "0.1", "1e6144", "1e-6143", "1e999999999", "1.5", "''", "'a'", "b'\\xff'", "true", "false",
    "null", "[]", "{}", "[1,[2,'x']]", "{'a':1}", "money('1.00','EUR')", "money('1.00','USD')",
    "duration('P1D')", "timestamp('0001-01-01T00:00:00Z')", "'\\u0000'", "'(a+)+$'", "r'(.*)*x'",
    "'(a{1000}){1000}'", "'[[:^alpha:]]{500}'", "'Europe/Berlin'", "'../../etc/passwd'",
]  # fmt: skip
_BINARY = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "&&", "||"]
_METHODS = [
    "size()", "contains({0})", "startsWith({0})", "matches({0})", "replace({0},{1})", "split({0})",
    "join({0})", "lowerAscii()", "upperAscii()", "trim()", "indexOf({0})", "substring({0})",
    "substring({0},{1})", "sum()", "min()", "max()", "getHours({0})", "getFullYear()", "amount",
    "currency", "sku", "gone", "__class__", "format({0})",
]  # fmt: skip
_FUNCTIONS = [
    "size({0})", "int({0})", "uint({0})", "decimal({0})", "double({0})", "string({0})",
    "bytes({0})", "bool({0})", "timestamp({0})", "duration({0})", "type({0})", "dyn({0})",
    "money({0},{1})", "scaled({0},{1})", "round({0},{1})", "abs({0})", "matches({0},{1})",
    "In({0})", "has({0})", "eval({0})", "__import__({0})",
]  # fmt: skip
_MACROS = ["all", "exists", "exists_one", "filter", "map"]
_CHARACTERS = "()[]{}.,?:!-+*/%<>=&|'\"\\ \n\t0123456789eExuabcdefnrtIin_`@#$~^é\U0001f600\ud800"


def meant(random: Random, depth: int = 0) -> str:
    """Write an expression that follows the grammar, and often enough the types."""
    roll = random.random()
    if depth > 5 or roll < 0.25:
        return random.choice(_NAMES if random.random() < 0.6 else _LITERALS)
    parts = [meant(random, depth + 1) for _ in range(2)]
    if roll < 0.5:
        return f"({parts[0]} {random.choice(_BINARY)} {parts[1]})"
    if roll < 0.62:
        return f"{parts[0]}.{random.choice(_METHODS).format(*parts[1:], parts[0])}"
    if roll < 0.74:
        return random.choice(_FUNCTIONS).format(*parts)
    if roll < 0.84:
        return f"{parts[0]}.{random.choice(_MACROS)}(x, {parts[1]})"
    if roll < 0.88:
        return f"({meant(random, depth + 1)} ? {parts[0]} : {parts[1]})"
    if roll < 0.92:
        return f"{parts[0]}[{parts[1]}]"
    if roll < 0.96:
        return f"[{parts[0]}, {parts[1]}]"
    return random.choice(["!", "-"]) + parts[0]


def soup(random: Random) -> str:
    """Throw characters together."""
    return "".join(random.choices(_CHARACTERS, k=random.randint(0, 80)))


def mutant(random: Random) -> str:
    """Break an expression that was meant."""
    text = meant(random)
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(text))
        text = text[:at] + random.choice(_CHARACTERS) + text[at + random.randint(0, 3) :]
    return text


def monster(random: Random) -> str:
    """Write something far too large, too deep or too hungry."""
    n = random.choice([10, 39, 41, 100, 1_000, 5_000])
    return random.choice(_MONSTERS)(n)


_MONSTERS: list[Callable[[int], str]] = [
    lambda n: "(" * n + "1" + ")" * n,
    lambda n: "[" * n + "]" * n,
    lambda n: "{1:" * n + "1" + "}" * n,
    lambda n: "!" * n + "true",
    lambda n: "-" * n + "1",
    lambda n: "1" + "+1" * n,
    lambda n: "s" + "+s" * n,
    lambda n: "texts" + "+texts" * n,
    lambda n: "true" + "&&true" * n,
    lambda n: "i" + ".a" * n,
    lambda n: "event" + "[0]" * n,
    lambda n: "true?" * n + "1" + ":2" * n,
    lambda n: "f(" * n + ")" * n,
    lambda n: "1e" + "9" * n,
    lambda n: "9" * n,
    lambda n: "'" + "a" * n + "'.matches('" + "(a|a)*" * (n // 6) + "b')",
    lambda n: "s.matches('" + "(a*)*" * min(n, 150) + "$')",
    lambda n: "many.all(x, many.all(y, many.all(z, true)))",
    lambda n: "many.all(x, many.exists(y, x + y < 0))",
    lambda n: "many.map(x, s + s)",
    lambda n: "many.map(x, s)",
    lambda n: "many.map(x, many)",
    lambda n: "many.map(x, texts.join(s))",
    lambda n: "many.map(x, s.replace('a', 'bb'))",
    lambda n: "many.map(x, s.split(''))",
    lambda n: "many.filter(x, lines == lines)",
    lambda n: "many.exists(x, s.matches('a*b'))",
    lambda n: "many.exists(x, s.contains('ab'))",
    lambda n: "many.exists(x, tags == tags)",
    lambda n: "many.all(x, string(d).size() > 0)",
    lambda n: "many.all(x, x in many)",
    lambda n: "d * d * d / d",
    lambda n: "decimal('1e6144') * 10.0",
    lambda n: "int(1e6144)",
    lambda n: "round(1e6000, 18)",
    lambda n: "t + span + span",
    lambda n: "many.all(x, decimal(s) > 1)",
    lambda n: "many.all(x, type(many[d]) != bool)",
    lambda n: "many.all(x, tags[flagged] != s)",
    lambda n: "many.all(x, flagged in event)",
    lambda n: "many.all(x, t.getHours(tier) > 1)",
    lambda n: "many.map(x, lines.map(l, l.price).sum())",
    lambda n: "many.all(x, tags[s] == s)",
    lambda n: "many.all(x, money(s, s) == m)",
    lambda n: "many.all(x, t.getHours(s) > 1)",
    lambda n: "many.all(x, timestamp(s) > t)",
    lambda n: "many.all(x, s.matches(s))",
    lambda n: "many.all(x, s.matches(string(x)))",
    lambda n: "many.all(x, s.join(texts) == s)",
    lambda n: "many.all(x, string(b) == s)",
    lambda n: "many.all(x, s < s + 'a' && s != s + 'b')",
    lambda n: "many.map(x, {s: s})",
    lambda n: "many.map(x, [many, many])",
    lambda n: "many.all(x, texts.max() > s)",
    lambda n: "many.all(x, s.upperAscii() == s)",
    lambda n: "many.all(x, s.startsWith(s) && s.endsWith(s))",
    lambda n: "many.all(x, tags.all(k, tags[k] != s))",
    lambda n: "many.all(x, [s, texts, many] == [s, texts, many])",
    lambda n: "(" * min(n, 36) + "event.n" + " < event.n)" * min(n, 36),
    lambda n: "(" * min(n, 18) + "maybe" + " < 1 || flagged ? maybe : 1)" * min(n, 18),
    lambda n: "(" * min(n, 36) + "event.n > 'a'" + " || flagged) > 1" * min(n, 36),
]


def hostile(random: Random) -> str:
    """Write one hostile expression of any kind."""
    return random.choices([meant, soup, mutant, monster], [12, 4, 8, 1])[0](random)
