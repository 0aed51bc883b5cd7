"""One spelling for every value: canonical JSON (RFC 8785) for hashes, digests and storage."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from kernel.clock import format_instant
from kernel.money import Money

Json = Any  # A JSON value without floats: None, bool, int, str, list of Json, dict of str to Json.

# RFC 8785 numbers are IEEE doubles: larger integers would not survive an outsider's reader.
_INTEGER_MAX = 2**53

_PLACES_MAX = 1000

_BYTES = (bytes, bytearray, memoryview)


def canonical_bytes(value: object) -> bytes:
    """Write a value as canonical JSON: keys sorted, no spaces, UTF-8, no floats."""
    return bytes_of_json(to_json(value))


def bytes_of_json(plain: Json) -> bytes:
    """Write what `to_json` returned as canonical JSON: for those who need both."""
    text = _SORTED.encode(plain)
    # RFC 8785 sorts keys by UTF-16 code units, Python by code points. The two differ only where
    # a character beyond the first plane takes part.
    if not text.isascii() and max(text) > "\uffff":
        text = _AS_THEY_STAND.encode(_in_utf16_order(plain))
    return text.encode()


# Made once: json.dumps makes one for every value.
_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_AS_THEY_STAND = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def _in_utf16_order(plain: Json) -> Json:
    if isinstance(plain, dict):
        keys = sorted(plain, key=lambda key: key.encode("utf-16-be"))
        return {key: _in_utf16_order(plain[key]) for key in keys}
    return [_in_utf16_order(each) for each in plain] if isinstance(plain, list) else plain


def to_json(value: object) -> Json:
    """Turn a value into plain JSON: money as amount and currency, decimals and instants as text.

    Raises TypeError for a float or an unknown type: neither has one exact spelling.
    """
    kind = type(value)
    # By far the most values are of these plain types: they are told apart without isinstance.
    if value is None or kind is str or kind is bool:
        return value
    if kind is dict:
        return {str(key): to_json(each) for key, each in value.items()}  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return [to_json(each) for each in value]  # type: ignore[attr-defined] # As above.
    if isinstance(value, bool | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, int):
        return value if -_INTEGER_MAX <= value <= _INTEGER_MAX else str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, _BYTES):
        members = sorted(value) if isinstance(value, set | frozenset) else value
        return [to_json(each) for each in members]
    return _spell(value)


def _spell(value: object) -> Json:
    if isinstance(value, Money):
        return value.to_json()
    if isinstance(value, Decimal):
        return spell_decimal(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds, microseconds = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
        return f"{'-' * (value < timedelta(0))}PT{seconds}.{microseconds:06d}S"
    if isinstance(value, _BYTES):
        return bytes(value).hex()
    if isinstance(value, Enum):
        return to_json(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def spell_decimal(value: Decimal) -> str:
    """Write a decimal in one way whatever its scale: `1.50` and `1.5` are `1.5`, `-0` is `0`.

    Raises TypeError for what is no number, and for one of more than a thousand places: `1e999999`
    is seven characters to send and a megabyte to write.
    """
    if not value.is_finite() or abs(value.adjusted()) > _PLACES_MAX:
        raise TypeError(f"{value} has no canonical spelling")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def read_json(text: str | bytes) -> Json:
    """Read JSON with exact decimals instead of floats; ValueError for NaN and infinities."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
