"""The guard reads the JSON of strangers and survives all of it."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.guard import JsonTooDeep, JsonUnreadable, read_json_body
from kernel.clock import monotonic_seconds
from kernel.errors import Invalid

UNREADABLE = {
    "nothing": b"",
    "half an object": b'{"name": ',
    "a comment": b'{"a": 1} // ',
    "the wrong encoding": b'{"name": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "NaN": b'{"quantity": NaN}',
    "Infinity": b'{"quantity": -Infinity}',
    "a key twice": b'{"quantity": 1, "quantity": 100}',
    "a key twice, escaped": rb'{"quantity": 1, "\u0071uantity": 100}',
    "a huge exponent": b'{"quantity": 1e999999999}',
    "a tiny exponent": b'{"quantity": 1e-999999999}',
    "five thousand digits": b'{"quantity": ' + b"9" * 5000 + b"}",
    "a long fraction": b'{"quantity": 0.' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_exact_json_is_unreadable(raw: bytes) -> None:
    """API-16: traps c and g of the framework, and numbers that would not fit in memory."""
    with pytest.raises(JsonUnreadable):
        read_json_body(raw)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_nesting_is_counted_before_anything_is_parsed(opening: bytes) -> None:
    """API-16: trap a, a hundred thousand brackets."""
    with pytest.raises(JsonTooDeep):
        read_json_body(opening * 100_000)


def test_thirty_two_levels_are_fine_and_brackets_in_text_do_not_count() -> None:
    deep = b"[" * 32 + b"]" * 32
    text = json.dumps("[{" * 1000 + '"\\').encode()

    assert read_json_body(deep) is not None
    assert read_json_body(text) == "[{" * 1000 + '"\\'


def test_an_unclosed_string_of_a_megabyte_of_quotes_is_refused_in_linear_time() -> None:
    began = monotonic_seconds()

    with pytest.raises(JsonUnreadable):
        read_json_body(b'"' + rb"\"" * 500_000)

    assert monotonic_seconds() - began < 2


UNSTORABLE: dict[str, tuple[Any, str, str]] = {
    "NUL": ({"name": "a\0b"}, "/name", "text.not_storable"),
    "a lone surrogate": ({"lines": [{"sku": "\ud800"}]}, "/lines/0/sku", "text.not_storable"),
    "an essay": ({"a/b": "x" * 65_537}, "/a~1b", "text.too_long"),
    "a very long list": ({"lines": [0] * 10_001}, "/lines", "list.too_long"),
    "NUL in a name": ({"a\0": 1}, "", "field.name_invalid"),
}


@pytest.mark.parametrize(("value", "pointer", "code"), UNSTORABLE.values(), ids=UNSTORABLE)
def test_what_nothing_can_store_is_pointed_at(value: Any, pointer: str, code: str) -> None:
    """API-16: traps d and e."""
    with pytest.raises(Invalid) as refused:
        read_json_body(json.dumps(value).encode())

    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [(pointer, code)]


def test_decimals_stay_exact() -> None:
    """API-15: no float is ever made."""
    assert read_json_body(b'{"a": 0.10, "b": 1e3, "c": 7}') == {
        "a": Decimal("0.10"),
        "b": Decimal("1e3"),
        "c": 7,
    }


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**30), 10**30) | some.text(max_size=20),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(max_size=9), inner),
    max_leaves=20,
)


@given(_JSON)
def test_it_reads_what_python_writes_or_refuses_it(value: Any) -> None:
    raw = json.dumps(value).encode()
    try:
        assert read_json_body(raw) == value
    except (Invalid, JsonTooDeep):
        assert b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > 32


@given(some.binary(max_size=200))
def test_no_bytes_whatever_are_an_unexpected_error(raw: bytes) -> None:
    """API-16: any error but a refusal would be a 500."""
    with suppress(JsonUnreadable, JsonTooDeep, Invalid):
        read_json_body(raw)
