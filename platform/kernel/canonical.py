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


def canonical_bytes(value: object) -> bytes:
    """Write a value as canonical JSON: keys sorted, no spaces, UTF-8, no floats."""
    return json.dumps(
        to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def to_json(value: object) -> Json:
    """Turn a value into plain JSON: money as amount and currency, decimals and instants as text.

    Raises TypeError for a float or an unknown type: neither has one exact spelling.
    """
    if value is None or isinstance(value, bool | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, int):
        return value if -_INTEGER_MAX <= value <= _INTEGER_MAX else str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
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
        seconds, microseconds = divmod(value // timedelta(microseconds=1), 1_000_000)
        return f"PT{seconds}.{microseconds:06d}S"
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Enum):
        return to_json(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def spell_decimal(value: Decimal) -> str:
    """Write a decimal in one way whatever its scale: `1.50` and `1.5` are `1.5`, `-0` is `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def read_json(text: str | bytes) -> Json:
    """Read JSON with exact decimals instead of floats."""
    return json.loads(text, parse_float=Decimal)
