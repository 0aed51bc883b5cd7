"""Canonical JSON has one spelling for each value (RFC 8785), and no floats."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.canonical import canonical_bytes, read_json, spell_decimal, to_json
from kernel.money import Money

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    SMALL = 1


@dataclass(frozen=True)
class Mug:
    colour: Colour
    price: Money


@given(JSON_VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert read_json(canonical_bytes(value)) == value


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=8))
def test_the_order_of_insertion_does_not_matter(members: dict[str, int]) -> None:
    backwards = dict(reversed(members.items()))

    assert canonical_bytes(backwards) == canonical_bytes(members)


@given(st.dictionaries(st.text(), st.just(0), max_size=8))
def test_keys_stand_in_the_order_of_their_utf16_code_units(members: dict[str, int]) -> None:
    """RFC 8785 §3.2.3, also inside arrays and objects."""
    written = json.loads(canonical_bytes([{"in": members}]), object_pairs_hook=list)

    keys = [key for key, _value in written[0][0][1]]
    assert keys == sorted(members, key=lambda key: key.encode("utf-16-be"))


def test_the_example_of_the_standard_is_sorted_as_the_standard_says() -> None:
    """RFC 8785 §3.2.3: the smiley's surrogates come before the Hebrew letter."""
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    written: dict[str, str] = json.loads(canonical_bytes(names))

    assert [name.split()[0] for name in written.values()] == [
        "Carriage",
        "One",
        "Control",
        "Latin",
        "Euro",
        "Emoji:",
        "Hebrew",
    ]


def test_text_is_escaped_as_little_as_the_standard_allows() -> None:
    """RFC 8785 §3.2.2.2."""
    text = '\u20ac$\x0f\nA\'B"\\"/\x7f\b\t\f\r'

    assert canonical_bytes(text).decode() == '"€$\\u000f\\nA\'B\\"\\\\\\"/\x7f\\b\\t\\f\\r"'


def test_text_that_utf8_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_bytes("\ud800")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (2**53, b"9007199254740992"),
        (-(2**53), b"-9007199254740992"),
        (2**53 + 1, b'"9007199254740993"'),
        (-(2**53) - 1, b'"-9007199254740993"'),
        (10**30, b'"1000000000000000000000000000000"'),
        (0, b"0"),
    ],
)
def test_integers_that_a_double_cannot_hold_are_text(number: int, written: bytes) -> None:
    """An outsider's reader, which knows doubles only, still sees every digit."""
    assert canonical_bytes(number) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(Decimal("1.50"), "1.5", id="a decimal"),
        pytest.param(Decimal("-0.00"), "0", id="minus nothing"),
        pytest.param(Decimal("1E+3"), "1000", id="a decimal with an exponent"),
        pytest.param(Decimal("100"), "100", id="zeros before the point stay"),
        pytest.param(Decimal("1E-7"), "0.0000001", id="a small decimal"),
        pytest.param(Money(1234, "EUR"), {"amount": "12.34", "currency": "EUR"}, id="money"),
        pytest.param(
            datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1))),
            "2026-03-02T09:00:00Z",
            id="an instant of another zone",
        ),
        pytest.param(
            datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC), "2026-03-02T09:00:00.000005Z", id="µs"
        ),
        pytest.param(date(2026, 3, 2), "2026-03-02", id="a date"),
        pytest.param(timedelta(days=1, microseconds=5), "PT86400.000005S", id="a span"),
        pytest.param(timedelta(seconds=-1.5), "-PT1.500000S", id="a span back"),
        pytest.param(b"\x00\xff", "00ff", id="bytes"),
        pytest.param(memoryview(b"\x01"), "01", id="bytes of the database"),
        pytest.param(Colour.RED, "red", id="a word of a list"),
        pytest.param(Size.SMALL, 1, id="a number of a list"),
        pytest.param({3, 1, 2}, [1, 2, 3], id="a set"),
        pytest.param(("a", None, True), ["a", None, True], id="a tuple"),
        pytest.param(
            Mug(Colour.RED, Money(500, "JPY")),
            {"colour": "red", "price": {"amount": "500", "currency": "JPY"}},
            id="a record",
        ),
    ],
)
def test_every_kind_of_value_has_one_spelling(value: object, written: object) -> None:
    assert to_json(value) == written


@given(st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=6))
def test_a_decimal_is_spelled_exactly_whatever_its_scale(value: Decimal) -> None:
    text = spell_decimal(value)

    assert Decimal(text) == value
    assert spell_decimal(value * Decimal("1.0000")) == text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.5, id="a float"),
        pytest.param({"deep": [{"in": 0.1}]}, id="a float deep inside"),
        pytest.param(Decimal("NaN"), id="no number"),
        pytest.param(Decimal("-Infinity"), id="no finite number"),
        pytest.param(Decimal("1E+999999"), id="a number of a megabyte"),
        pytest.param(object(), id="an unknown kind"),
        pytest.param(Mug, id="a class"),
    ],
)
def test_what_has_no_exact_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_bytes(value)


def test_json_is_read_with_exact_decimals() -> None:
    """API-15: 0.1 is a tenth."""
    value = read_json('{"rate": 0.1, "large": 123456789012345678901234567890.5, "whole": 3}')

    assert value == {
        "rate": Decimal("0.1"),
        "large": Decimal("123456789012345678901234567890.5"),
        "whole": 3,
    }
    assert type(value["whole"]) is int


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_what_only_python_calls_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        read_json(text)
