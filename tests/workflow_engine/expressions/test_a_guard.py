"""A guard is checked when it is saved, and exact when it runs."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kernel.money import Money
from workflow_engine.expressions import (
    BOOL,
    DYN,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    EnumType,
    ExpressionError,
    Function,
    ListType,
    RecordType,
    Scope,
    compile_expression,
    nullable,
)

PURCHASE_ORDER = RecordType({"po_id": STRING, "total": MONEY}, "purchase order")
SCOPE = Scope(
    variables={
        "context": RecordType(
            {
                "eta": nullable(TIMESTAMP),
                "allocated": INT,
                "po": nullable(PURCHASE_ORDER),
                "action": EnumType(("wait", "reorder")),
            },
            "context",
        ),
        "input": RecordType({"quantity": INT, "sku": STRING}, "input"),
        "event": DYN,
        "now": TIMESTAMP,
    },
    functions={"In": Function((EnumType(("committing", "supplied")),), BOOL)},
)
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
BACKORDER: dict[str, Any] = {
    "context": {
        "eta": None,
        "allocated": 3,
        "po": {"po_id": "PO1", "total": Money(90_000, "USD")},
        "action": "wait",
    },
    "input": {"quantity": 2, "sku": "MUG"},
    "event": {"data": {"lines": [{"sku": "MUG"}, {"sku": "LAMP"}], "rate": Decimal("1.5")}},
    "now": NOON,
    "In": {"committing"}.__contains__,
}


def value_of(source: str) -> Any:
    return compile_expression(source, SCOPE).evaluate(BACKORDER)


def refusal_of(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, SCOPE)
    return caught.value


def failure_of(source: str) -> ExpressionError:
    guard = compile_expression(source, SCOPE)
    with pytest.raises(ExpressionError) as caught:
        guard.evaluate(BACKORDER)
    return caught.value


def test_a_guard_asks_the_context_the_input_and_the_configuration() -> None:
    assert value_of("context.allocated >= input.quantity && !In('supplied')") is True
    assert value_of("context.allocated >= input.quantity && !In('committing')") is False
    assert value_of("context.po != null && context.po.total > money('899.99', 'USD')") is True
    assert value_of("event.data.lines.exists(line, line.sku == 'LAMP')") is True


def test_a_misspelt_name_is_refused_with_its_place_and_a_suggestion() -> None:
    refusal = refusal_of("context.allocated >=\n  input.quantty")
    assert (refusal.code, refusal.line, refusal.column) == ("expression.unknown_field", 2, 9)
    assert refusal.suggestion == "Did you mean 'quantity'?"
    assert refusal_of("contxt.eta == null").suggestion == "Did you mean 'context'?"
    assert refusal_of("In('comitting')").suggestion == "Did you mean 'committing'?"
    assert refusal_of("context.action == 'reoder'").code == "expression.unknown_value"


def test_types_that_do_not_fit_are_refused_when_the_guard_is_saved() -> None:
    for source in (
        "context.allocated + 'MUG'",
        "context.allocated == 'MUG'",
        "input.sku && true",
        "context.po.total > 5000",
        "size(context.allocated)",
    ):
        assert refusal_of(source).code == "expression.type", source


def test_two_currencies_are_never_brought_together() -> None:
    for source in (
        "context.po.total > money('1.00', 'EUR')",
        "context.po.total == money('1', 'EUR')",
    ):
        assert failure_of(source).code == "expression.currency"


def test_null_is_an_error_unless_the_guard_asked_first() -> None:
    assert failure_of("context.eta > now").code == "expression.null"
    chosen = "context.eta != null && context.eta > now ? context.eta : now"
    due = compile_expression(chosen, SCOPE, expected=TIMESTAMP)
    assert due.evaluate(BACKORDER) == NOON


def test_decimals_are_exact_and_whole_numbers_do_not_overflow_silently() -> None:
    assert value_of("0.1 + 0.2 == 0.3 && 2 == 2.0") is True
    assert value_of("event.data.rate * 3") == Decimal("4.5")
    assert value_of("10.0 / 3") == Decimal("3." + "3" * 33)
    assert failure_of("9223372036854775807 + context.allocated").code == "expression.overflow"
    assert failure_of("1 / (context.allocated - 3)").code == "expression.divide_by_zero"


def test_an_operand_that_fails_is_forgiven_only_where_another_decides() -> None:
    assert value_of("1 / 0 == 1 || context.allocated == 3") is True
    assert value_of("context.allocated == 4 && 1 / 0 == 1") is False
    assert failure_of("1 / 0 == 1 && context.allocated == 3").code == "expression.divide_by_zero"


def test_an_expression_tells_which_fields_it_reads() -> None:
    guard = compile_expression(
        "event.data.lines.all(l, l.sku != input.sku) && has(context.po)", SCOPE
    )
    assert guard.reads == {
        ("event", "data", "lines"),
        ("event", "data", "lines", "*", "sku"),
        ("input", "sku"),
        ("context", "po"),
    }


def test_the_result_is_held_to_the_expected_type() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("context.allocated", SCOPE, expected=BOOL)
    assert caught.value.code == "expression.type"
    skus = compile_expression("event.data.lines.map(l, l.sku)", SCOPE, expected=ListType(STRING))
    assert skus.evaluate(BACKORDER) == ["MUG", "LAMP"]
    late = compile_expression("event.data.rate", SCOPE, expected=INT)
    with pytest.raises(ExpressionError) as raised:
        late.evaluate(BACKORDER)
    assert raised.value.code == "expression.type"


def test_an_explanation_shows_the_value_of_every_part() -> None:
    guard = compile_expression("context.allocated > input.quantity || In('supplied')", SCOPE)
    explanation = guard.explain(BACKORDER)
    assert explanation.value is True
    assert [(each.source, each.value) for each in explanation.observations] == [
        ("context.allocated", 3),
        ("input.quantity", 2),
        ("context.allocated > input.quantity", True),
        ("context.allocated > input.quantity || In('supplied')", True),
    ]
