"""Values travel through JSON and come back, or are refused with their place."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from workflow_engine.expressions import (
    BOOL,
    BYTES,
    DECIMAL,
    DURATION,
    DYN,
    INT,
    MONEY,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    ExpressionError,
    ListType,
    MapType,
    RecordType,
    Scope,
    Type,
    ValueFault,
    compile_expression,
    from_json,
    nullable,
    to_json,
)
from workflow_engine.expressions.values import Uint

LINE = RecordType({"sku": STRING, "quantity": INT, "eta": nullable(TIMESTAMP)}, "line")

MUGS = {"sku": "MUG", "quantity": 2, "eta": None}


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (BOOL, True, True),
        (INT, -7, -7),
        (UINT, Uint(7), 7),
        (DECIMAL, Decimal("1.50"), "1.5"),
        (DECIMAL, Decimal("-0.0"), "0"),
        (DECIMAL, Decimal("1E+100"), "1E+100"),
        (DECIMAL, Decimal("120"), "120"),
        (MONEY, Money(1_234, "EUR"), {"amount": "12.34", "currency": "EUR"}),
        (STRING, "Größe", "Größe"),
        (BYTES, b"\xff\x00", "/wA="),
        (TIMESTAMP, datetime(2026, 11, 11, 9, tzinfo=UTC), "2026-11-11T09:00:00Z"),
        (TIMESTAMP, datetime(1, 1, 1, 0, 0, 0, 500_000, UTC), "0001-01-01T00:00:00.5Z"),
        (DURATION, timedelta(days=3, minutes=5), "PT72H5M"),
        (DURATION, -timedelta(seconds=1, milliseconds=500), "-PT1.5S"),
        (DURATION, timedelta(0), "PT0S"),
        (NULL, None, None),
        (nullable(INT), None, None),
        (EnumType(("wait", "reorder")), "wait", "wait"),
        (ListType(DECIMAL), [Decimal(1), Decimal("0.5")], ["1", "0.5"]),
        (MapType(STRING, INT), {"a": 1}, {"a": 1}),
        (LINE, MUGS, MUGS),
        (DYN, {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
    ],
)  # fmt: skip
def test_a_value_is_written_and_read_back(kind: Type, value: Any, written: Any) -> None:
    assert to_json(value) == written
    back = from_json(written, kind)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        (BOOL, 1, ()),
        (INT, True, ()),
        (INT, 1.0, ()),
        (INT, 2**63, ()),
        (UINT, -1, ()),
        (DECIMAL, 1.5, ()),
        (DECIMAL, "NaN", ()),
        (DECIMAL, "one", ()),
        (MONEY, {"amount": "1.234", "currency": "EUR"}, ()),
        (MONEY, "1.00", ()),
        (STRING, None, ()),
        (BYTES, "###", ()),
        (TIMESTAMP, "2026-11-11", ()),
        (TIMESTAMP, "2026-11-11T09:00:00", ()),
        (DURATION, "P1M", ()),
        (DURATION, "soon", ()),
        (EnumType(("wait",)), "run", ()),
        (ListType(INT), {"0": 1}, ()),
        (ListType(INT), [1, "2"], ("1",)),
        (MapType(STRING, INT), [1], ()),
        (LINE, {"sku": "MUG"}, ("quantity",)),
        (LINE, {"sku": "MUG", "quantity": "2"}, ("quantity",)),
        (LINE, {"sku": "MUG", "quantity": 2, "colour": "red"}, ("colour",)),
        (LINE, "MUG", ()),
        (DYN, {"a": [0.5]}, ()),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(
    kind: Type, value: Any, path: tuple[str, ...]
) -> None:
    with pytest.raises(ValueFault) as caught:
        from_json(value, kind)
    assert caught.value.path == path


def test_an_open_record_drops_what_it_does_not_declare() -> None:
    event = RecordType({"sku": STRING}, "event", open=True)
    assert from_json({"sku": "MUG", "added": 1}, event) == {"sku": "MUG"}


def test_an_instant_with_an_offset_is_kept_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert from_json("2026-11-11T10:00:00+01:00", TIMESTAMP) == datetime(
        2026, 11, 11, 9, tzinfo=UTC
    )
    assert to_json(datetime(2026, 11, 11, 10, tzinfo=berlin)) == "2026-11-11T09:00:00Z"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
    )
)
def test_every_decimal_comes_back(number: Decimal) -> None:
    assert from_json(to_json(number), DECIMAL) == number


@given(st.timedeltas(min_value=-timedelta(days=40_000), max_value=timedelta(days=40_000)))
def test_every_duration_comes_back(span: timedelta) -> None:
    assert from_json(to_json(span), DURATION) == span


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ({"sku": "MUG", "quantity": 2}, LINE, {"sku": "MUG", "quantity": 2, "eta": None}),
        ([1, 2], ListType(DECIMAL), [Decimal(1), Decimal(2)]),
        ({"a": 1}, MapType(STRING, DECIMAL), {"a": Decimal(1)}),
        (None, nullable(INT), None),
        ("wait", EnumType(("wait",)), "wait"),
        ({"sku": "MUG"}, LINE, "expression.missing"),
        ({"sku": 1, "quantity": 2}, LINE, "expression.type"),
        ("run", EnumType(("wait",)), "expression.type"),
        ([1, "2"], ListType(INT), "expression.type"),
        (None, INT, "expression.null"),
    ],
)
def test_what_is_met_at_run_time_is_held_to_the_expected_type(
    value: Any, kind: Type, expected: Any
) -> None:
    expression = compile_expression("event", Scope({"event": DYN}), expected=kind)
    if isinstance(expected, str) and expected.startswith("expression."):
        with pytest.raises(ExpressionError) as caught:
            expression.evaluate({"event": value})
        assert caught.value.code == expected
    else:
        assert expression.evaluate({"event": value}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("event", nullable(INT)),
        ("1", DECIMAL),
        ("null", nullable(STRING)),
        ("{'sku': 'MUG', 'quantity': 1}", LINE),
        ("{'a': 1}", MapType(STRING, INT)),
        ("[]", ListType(INT)),
        ("'wait'", EnumType(("wait", "run"))),
    ],
)
def test_what_fits_is_accepted_when_it_is_saved(source: str, expected: Type) -> None:
    compile_expression(source, Scope({"event": DYN}), expected=expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("null", INT),
        ("1.5", INT),
        ("'1'", INT),
        ("{'sku': 'MUG'}", LINE),
        ("{'sku': 1, 'quantity': 1}", LINE),
        ("{1: 1}", LINE),
        ("{'a': 'b'}", MapType(STRING, INT)),
        ("['a']", ListType(INT)),
        ("'stop'", EnumType(("wait", "run"))),
        ("'wa' + 'it'", EnumType(("wait", "run"))),
    ],
)
def test_what_can_never_fit_is_refused_when_it_is_saved(source: str, expected: Type) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(source, Scope({}), expected=expected)
