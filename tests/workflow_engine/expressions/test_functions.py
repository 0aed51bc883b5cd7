"""What the page does not spell out: edges of functions, operators and failures."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.workflow_engine.expressions.hostile import BINDINGS, SCOPE
from workflow_engine.expressions import (
    BOOL,
    DYN,
    IEEE,
    INT,
    Budget,
    ExpressionError,
    Function,
    Scope,
    compile_expression,
    to_json,
)

OUTCOMES = """
'a-b-c'.replace('-', '')                            => "abc"
s.replace('a', 'bb')                                => expression.limit
s + s                                               => expression.limit
many + [1]                                          => expression.limit
'abc'.split('')                                     => ["a", "b", "c"]
'abc'.substring(1)                                  => "bc"
'abc'.substring(1, 2)                               => "b"
'abc'.substring(2, 1)                               => expression.missing
'abc'.indexOf('z')                                  => -1
'ÄbC'.lowerAscii()                                  => "Äbc"
'äbc'.upperAscii()                                  => "äBC"
[1, 'a'].join()                                     => expression.type
texts.join(s)                                       => expression.limit
[].sum()                                            => expression.missing
[].min()                                            => expression.missing
[0.5, 2].sum()                                      => "2.5"
['a', 'b'].sum()                                    => expression.type
lines.map(l, l.price).max()                         => {"amount": "49.00", "currency": "EUR"}
lines.map(l, l.price).sum()                         => {"amount": "1225.00", "currency": "EUR"}
[money('1.00','EUR'), money('1.00','USD')].sum()    => expression.currency
[money('1.00','EUR'), money('1.00','USD')].min()    => expression.currency
[3, 1, 2].min()                                     => 1
money('1.00', 'eur')                                => expression.conversion
money('1.00' + '', s)                               => expression.conversion
-money('1.00', 'EUR')                               => {"amount": "-1.00", "currency": "EUR"}
abs(-money('1.00', 'EUR'))                          => {"amount": "1.00", "currency": "EUR"}
m + m                                               => expression.overflow
m - m                                               => {"amount": "0.00", "currency": "EUR"}
3 * money('1.00', 'EUR')                            => {"amount": "3.00", "currency": "EUR"}
scaled(money('0.05', 'EUR'), 0.5)                   => {"amount": "0.02", "currency": "EUR"}
scaled(m, 2)                                        => expression.overflow
round(1.005, 19)                                    => expression.type
round(2.5)                                          => "2"
abs(-9223372036854775807 - 1)                       => expression.overflow
abs(-1.5)                                           => "1.5"
-i - 2                                              => expression.overflow
i * 2                                               => expression.overflow
0u - 1u                                             => expression.overflow
5u / 2u                                             => 2
5u % 2u                                             => 1
1.0 / 0                                             => expression.divide_by_zero
1 % 0                                               => expression.divide_by_zero
d * 10                                              => expression.overflow
d == d && d > 1                                     => true
t + duration('1s')                                  => expression.overflow
span + span                                         => expression.overflow
-span - span                                        => expression.overflow
t.getFullYear('Nowhere/Land')                       => expression.conversion
t.getFullYear('../../etc/passwd')                   => expression.conversion
timestamp('2026-02-30T00:00:00Z')                   => expression.conversion
timestamp(0)                                        => "1970-01-01T00:00:00Z"
timestamp(9223372036854775807)                      => expression.conversion
int(timestamp('1970-01-01T00:01:00Z'))              => 60
duration('-1h30m').getMinutes()                     => -90
duration('1500ms').getMilliseconds()                => 500
duration('P1W1DT1H') == duration('193h')            => true
duration('P')                                       => expression.conversion
duration('P1Y')                                     => expression.conversion
duration('1h 30m')                                  => expression.conversion
duration('9999999999999999h')                       => expression.conversion
int(1e30)                                           => expression.overflow
int(d)                                              => expression.overflow
int(-1.9)                                           => -1
uint(-1)                                            => expression.overflow
uint('7') == 7u                                     => true
bool('yes')                                         => expression.conversion
bool('true')                                        => true
decimal('1e6145')                                   => expression.overflow
decimal('0x1')                                      => expression.conversion
string(b)                                           => expression.conversion
string(b'ok')                                       => "ok"
string(money('1.50', 'EUR'))                        => "1.50 EUR"
bytes('ä') == b'ä'                                  => true
string(duration('90s'))                             => "90s"
{'a': 1, 'a': 2}                                    => expression.duplicate_key
{true: 1, 1: 2}                                     => expression.duplicate_key
{1: 2}[1.0]                                         => 2
{true: 1}[1]                                        => expression.missing
{'a': 1}['b']                                       => expression.missing
[1, 2][1.0]                                         => 2
[1, 2][0.5]                                         => expression.missing
[1, 2][2]                                           => expression.missing
[1, 2] == [1, 2.0]                                  => true
{'a': [1]} == {'a': [1u]}                           => true
{'a': 1} == {'b': 1}                                => false
event.lines[0].price.amount                         => "0"
event.none.field                                    => expression.null
event.n.field                                       => expression.type
has(event.none.field)                               => expression.null
event.n > 'a'                                       => expression.type
event.n == -1.0                                     => true
event.text == 'no'                                  => false
event.n in [1, -1]                                  => true
event.n in event.n                                  => expression.type
'k1' in tags                                        => true
maybe > 1                                           => expression.null
maybe >= i                                          => expression.null
maybe < i                                           => expression.null
maybe <= 1                                          => expression.null
maybe == null                                       => true
!event.n                                            => expression.type
event.n ? 1 : 2                                     => expression.type
event.n && true                                     => expression.type
event.n && false                                    => false
event.lines.all(x, x.quantity)                      => expression.type
event.n.all(x, true)                                => expression.type
tags.exists(k, k == 'k7')                           => true
lines.filter(l, l.quantity > 47).map(l, l.sku)      => ["SKU-48", "SKU-49"]
type(1) == int && type('') != int                   => true
type(type(1)) == type                               => true
event.text.matches('^x+$')                          => true
event.n.matches('x')                                => expression.type
""".strip().splitlines()


def outcome_of(source: str) -> Any:
    try:
        return to_json(compile_expression(source, SCOPE).evaluate(BINDINGS))
    except ExpressionError as error:
        return error.code


@pytest.mark.parametrize("line", OUTCOMES)
def test_an_expression_gives_a_value_or_the_code_of_its_error(line: str) -> None:
    source, _, expected = line.partition(" => ")
    wanted = expected if expected.startswith("expression.") else json.loads(expected)
    assert outcome_of(source.strip()) == wanted


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("1 +", "expression.syntax", 4),
        ("'open", "expression.syntax", 1),
        ("'\\q'", "expression.syntax", 2),
        ("b'\\u0041'", "expression.syntax", 3),
        ("'\\ud800'", "expression.syntax", 2),
        ("1a", "expression.syntax", 2),
        ("a.1", "expression.syntax", 2),
        ("for", "expression.syntax", 1),
        ("#", "expression.syntax", 1),
        ("has(i)", "expression.syntax", 1),
        ("[1].all(1, true)", "expression.syntax", 1),
        ("[1].all(x, x, true)", "expression.syntax", 1),
        ("9" * 41, "expression.overflow", 1),
        ("9223372036854775808", "expression.overflow", 1),
        ("1e7000", "expression.overflow", 1),
        ("i.quantity", "expression.unknown_field", 3),
        ("size(s, s)", "expression.type", 1),
        ("s.size", "expression.unknown_field", 3),
        ("contains(s, s)", "expression.unknown_function", 1),
        ("s.abs()", "expression.unknown_function", 1),
        ("s.contians('a')", "expression.unknown_function", 1),
        ("'a' in s", "expression.type", 8),
        ("i.all(x, true)", "expression.type", 1),
        ("{1.5: 1}", "expression.type", 2),
        ("lines[0].price == 1", "expression.type", 1),
        ("tier in ['gold', 'tin']", "expression.unknown_value", 18),
        ("In(1)", "expression.type", 4),
        ("In('a', 'b')", "expression.type", 1),
        ("true ? 1", "expression.syntax", 9),
        ("i ? 1 : 2", "expression.type", 1),
        ("-s", "expression.type", 1),
        ("i[0]", "expression.type", 1),
    ],
)  # fmt: skip
def test_a_refusal_points_at_what_is_wrong(source: str, code: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, SCOPE)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, 1, column)
    assert str(caught.value).endswith((")", ".", "?"))


def test_a_budget_may_span_several_evaluations() -> None:
    expression = compile_expression("many.all(x, x >= 0)", SCOPE)
    budget = Budget(60_000)
    assert expression.evaluate(BINDINGS, budget) is True
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate(BINDINGS, budget)
    assert caught.value.code == "expression.budget"


def test_a_function_of_the_host_is_bound_or_built_in() -> None:
    double = Function((INT,), INT, implementation=lambda number: number * 2)
    scope = Scope({}, {"twice": double, "In": Function((INT,), BOOL)})
    assert compile_expression("twice(21)", scope).evaluate({}) == 42
    with pytest.raises(ExpressionError) as caught:
        compile_expression("In(1)", scope).evaluate({})
    assert caught.value.code == "expression.unbound"
    with pytest.raises(ExpressionError) as caught:
        compile_expression("In(1)", scope).evaluate({"In": {}.__getitem__})
    assert caught.value.code == "expression.type"


def test_a_value_without_end_is_an_error() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    same = compile_expression("a == b", Scope({"a": DYN, "b": DYN}))
    other: list[Any] = []
    for _ in range(100_000):
        other = [other]
    with pytest.raises(ExpressionError) as caught:
        same.evaluate({"a": deep, "b": other})
    assert caught.value.code in ("expression.limit", "expression.budget")
    assert same.explain({"a": deep, "b": other}).error is not None


def test_an_explanation_tells_the_error_instead_of_raising_it() -> None:
    explanation = compile_expression("maybe > 1 || i == 1", SCOPE).explain(BINDINGS)
    assert explanation.value is None
    assert explanation.error is not None
    assert [(each.source, each.error and each.error.code) for each in explanation.observations] == [
        ("maybe", None),
        ("maybe > 1", "expression.null"),
        ("i", None),
        ("i == 1", None),
        ("maybe > 1 || i == 1", "expression.null"),
    ]


def test_binary_fractions_exist_in_the_conformance_profile_alone() -> None:
    assert compile_expression("0.1 + 0.2 == 0.3", Scope({}), profile=IEEE).evaluate({}) is False
    assert compile_expression("0.1 + 0.2", Scope({})).evaluate({}) == Decimal("0.3")
