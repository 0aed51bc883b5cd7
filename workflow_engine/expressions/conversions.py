"""Conversions between types, each exact or refused."""

import math
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.money import Money
from workflow_engine.expressions.durations import read_duration
from workflow_engine.expressions.errors import Fault, shown
from workflow_engine.expressions.limits import check_text
from workflow_engine.expressions.operators import check_int, check_uint
from workflow_engine.expressions.overloads import declare, reading
from workflow_engine.expressions.profiles import DECIMALS
from workflow_engine.expressions.times import EPOCH
from workflow_engine.expressions.types import (
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    TypeType,
)
from workflow_engine.expressions.values import (
    KINDS,
    TypeValue,
    Uint,
    kind_of,
    read_timestamp,
    write_decimal,
    write_timestamp,
)

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_FRACTION = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,5})?")
_BOOLS = {
    **dict.fromkeys(("true", "True", "TRUE", "t", "1"), True),
    **dict.fromkeys(("false", "False", "FALSE", "f", "0"), False),
}


def _refusal(value: Any, wanted: str) -> Fault:
    return Fault("expression.conversion", f"{shown(value)} cannot be read as {wanted}.")


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _refusal(text, "int")
    return check_int(int(text))


def _unsigned(text: str) -> Uint:
    if not _WHOLE.fullmatch(text):
        raise _refusal(text, "uint")
    return check_uint(int(text))


def _decimal(text: str) -> Decimal:
    if not _FRACTION.fullmatch(text):
        raise _refusal(text, "decimal")
    return DECIMALS.create_decimal(text)


def _double(text: str) -> float:
    if not _FRACTION.fullmatch(text) and text not in ("NaN", "Infinity", "-Infinity"):
        raise _refusal(text, "double")
    return float(text)


def _truncated(value: Any) -> int:
    if isinstance(value, Decimal):
        # The exponent is looked at first: int() of 1E+6000 would build all its digits.
        if value.adjusted() > 20:
            raise Fault("expression.overflow", "This decimal does not fit a whole number.")
        return int(value)
    if math.isnan(value) or math.isinf(value) or abs(value) >= 2.0**64:
        raise Fault("expression.overflow", "This double does not fit a whole number.")
    whole: int = math.trunc(value)
    return whole


def _double_to_int(value: float) -> int:
    # 2^63 - 1 has no double, so both bounds are excluded as the language defines.
    if not -(2.0**63) < value < 2.0**63:
        raise Fault("expression.overflow", "This double does not fit a whole number.")
    return math.trunc(value)


def _bool(text: str) -> bool:
    if text not in _BOOLS:
        raise _refusal(text, "bool")
    return _BOOLS[text]


def _timestamp(text: str) -> datetime:
    try:
        return read_timestamp(_to_microseconds(text))
    except (ValueError, OverflowError) as error:
        raise _refusal(text, "timestamp") from error


def _to_microseconds(text: str) -> str:
    # What is finer than a microsecond is cut off.
    return re.sub(r"(\.[0-9]{6})[0-9]{1,3}(?![0-9])", r"\1", text[:40])


def _from_seconds(seconds: int) -> datetime:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise _refusal(seconds, "timestamp") from error


def _duration(text: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as error:
        raise _refusal(text, "duration") from error


def _duration_text(value: timedelta) -> str:
    microseconds = value // timedelta(microseconds=1)
    whole, fraction = divmod(abs(microseconds), 1_000_000)
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{'-' if microseconds < 0 else ''}{whole}{tail}s"


def _double_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Infinity" if value > 0 else "-Infinity"
    return repr(value).removesuffix(".0")


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Fault("expression.conversion", "These bytes are not UTF-8.") from error


def _encoded(value: str) -> bytes:
    try:
        result: bytes = check_text(value.encode())
    except UnicodeEncodeError as error:
        raise Fault("expression.conversion", "This text is not valid Unicode.") from error
    return result


def _declare_numbers() -> None:
    declare("int", "int", INT, lambda a: a)
    declare("int", "uint", INT, lambda a: check_int(int(a)))
    declare("int", "decimal", INT, lambda a: check_int(_truncated(a)))
    declare("int", "double", INT, _double_to_int)
    declare("int", "string", INT, _whole)
    declare("int", "timestamp", INT, lambda a: (a - EPOCH) // timedelta(seconds=1))
    declare("uint", "uint", UINT, lambda a: a)
    declare("uint", "int", UINT, check_uint)
    declare("uint", "decimal", UINT, lambda a: check_uint(_truncated(a)))
    declare("uint", "double", UINT, lambda a: check_uint(_truncated(a)))
    declare("uint", "string", UINT, _unsigned)
    declare("decimal", "decimal", DECIMAL, lambda a: a)
    declare("decimal", "int", DECIMAL, Decimal)
    declare("decimal", "uint", DECIMAL, Decimal)
    declare("decimal", "string", DECIMAL, _decimal, reading)
    declare("double", "double", DOUBLE, lambda a: a)
    declare("double", "int", DOUBLE, float)
    declare("double", "uint", DOUBLE, float)
    declare("double", "string", DOUBLE, _double)


def _declare_the_rest() -> None:
    declare("string", "string", STRING, lambda a: a)
    declare("string", "bool", STRING, lambda a: "true" if a else "false")
    declare("string", "int", STRING, str)
    declare("string", "uint", STRING, str)
    declare("string", "decimal", STRING, write_decimal)
    declare("string", "double", STRING, _double_text)
    declare("string", "bytes", STRING, _decoded, lambda a: len(a) >> 6)
    declare("string", "timestamp", STRING, write_timestamp, reading)
    declare("string", "duration", STRING, _duration_text)
    declare("string", "money", STRING, Money.__str__, reading)
    declare("bytes", "bytes", BYTES, lambda a: a)
    declare("bytes", "string", BYTES, _encoded, lambda a: len(a) >> 6)
    declare("bool", "bool", BOOL, lambda a: a)
    declare("bool", "string", BOOL, _bool)
    declare("timestamp", "timestamp", TIMESTAMP, lambda a: a)
    declare("timestamp", "string", TIMESTAMP, _timestamp, reading)
    declare("timestamp", "int", TIMESTAMP, _from_seconds)
    declare("duration", "duration", DURATION, lambda a: a)
    declare("duration", "string", DURATION, _duration, reading)
    for kind in KINDS:
        declare("dyn", kind, DYN, lambda a: a)
        declare("type", kind, TypeType, lambda a: TypeValue(kind_of(a)))


_declare_numbers()
_declare_the_rest()
