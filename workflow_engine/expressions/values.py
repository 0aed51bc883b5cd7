"""Values at run time, and how each is written in JSON."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from kernel.money import Money
from workflow_engine.expressions.durations import read_duration, write_duration
from workflow_engine.expressions.errors import Fault, shown
from workflow_engine.expressions.profiles import DECIMALS
from workflow_engine.expressions.types import (
    DECIMAL,
    EnumType,
    ListType,
    MapType,
    NullableType,
    RecordType,
    Scalar,
    Type,
)

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1


class Uint(int):
    """An unsigned whole number, kept apart from int as CEL does."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value, such as `type(1)`; `name` is the kind it stands for."""

    name: str


_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    Decimal: "decimal",
    float: "double",
    str: "string",
    bytes: "bytes",
    datetime: "timestamp",
    timedelta: "duration",
    list: "list",
    dict: "map",
    type(None): "null",
    Money: "money",
    TypeValue: "type",
}


KINDS = tuple(_KINDS.values())
TYPES = {kind: type_ for type_, kind in _KINDS.items()}


def kind_of(value: Any) -> str:
    """Name the kind of a run-time value; a value we do not know has the kind `unknown`."""
    return _KINDS.get(type(value), "unknown")


class ValueFault(ValueError):
    """A JSON value is not of its declared type; `path` leads to it from the outside in."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(f"{'.'.join(path) or 'The value'}: {message}")
        self.path = path
        self.message = message


_SAME_IN_JSON = frozenset({str, int, bool, type(None)})


def to_json(value: Any) -> Any:
    """Write a value as JSON; the same value always gives the same text.

    Whole numbers stay numbers; decimals are strings without exponent or trailing zeros; money
    is `{"amount", "currency"}`; timestamps are RFC 3339 in UTC; durations ISO 8601 in hours,
    minutes and seconds; bytes base64. A decimal inside a `dyn` comes back as a string.
    """
    if type(value) in _SAME_IN_JSON:
        return value
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case Decimal():
            return write_decimal(value)
        case Money():
            return value.to_json()
        case datetime():
            return write_timestamp(value)
        case timedelta():
            return write_duration(value)
        case bytes():
            return base64.b64encode(value).decode()
        case list():
            return [to_json(element) for element in value]
        case dict():
            return {str(key): to_json(element) for key, element in value.items()}
    raise TypeError(f"{type(value).__name__} is not a value of the language")


def from_json(value: Any, wanted: Type, path: tuple[str, ...] = ()) -> Any:
    """Read a JSON value as its declared type; ValueFault names the place of the first fault.

    Fields that a closed record does not declare are refused; a nullable field may be absent and is
    then null. Numbers must have been parsed exactly: a float is refused.
    """
    if type(wanted) is Scalar:
        return _scalar_from_json(value, wanted.kind, path)
    match wanted:
        case NullableType():
            return None if value is None else from_json(value, wanted.of, path)
        case ListType():
            if not isinstance(value, list):
                raise ValueFault(path, "a list is needed here")
            return [
                from_json(each, wanted.element, (*path, str(index)))
                for index, each in enumerate(value)
            ]
        case MapType():
            return _map_from_json(value, wanted, path)
        case RecordType():
            return _record_from_json(value, wanted, path)
        case EnumType():
            if value not in wanted.values:
                raise ValueFault(path, f"one of {', '.join(wanted.values)} is needed here")
            return value
    return _scalar_from_json(value, wanted.kind, path)


def fit(value: Any, wanted: Type) -> Any:
    """Return a computed value as `wanted`, an int as a decimal where one is wanted.

    Raises `expression.null` or `expression.type` where it is something else.
    """
    if value is None and wanted.kind not in ("null", "dyn"):
        if isinstance(wanted, NullableType):
            return None
        raise Fault("expression.null", f"The result is null where {wanted} is needed.")
    match wanted:
        case NullableType():
            return fit(value, wanted.of)
        case ListType() if type(value) is list:
            return [fit(each, wanted.element) for each in value]
        case RecordType() if type(value) is dict:
            return _fit_record(value, wanted)
        case MapType() if type(value) is dict:
            return {fit(key, wanted.key): fit(each, wanted.value) for key, each in value.items()}
        case EnumType() if value not in wanted.values:
            raise Fault("expression.type", f"The result {shown(value)} is not one of {wanted}.")
    kind = kind_of(value)
    if wanted == DECIMAL and kind == "int":
        return Decimal(value)
    if kind != wanted.kind and wanted.kind not in ("dyn", "unknown"):
        raise Fault("expression.type", f"The result is {kind} where {wanted} is needed.")
    return value


def read_decimal(text: str) -> Decimal:
    """Read a decimal of at most 34 digits; InvalidOperation or Overflow where it is none."""
    return DECIMALS.create_decimal(text)


def write_decimal(value: Decimal) -> str:
    """Write a decimal without trailing zeros, and without exponent unless it is extreme."""
    value = DECIMALS.create_decimal(value).normalize(DECIMALS)
    if not value:
        return "0"
    return f"{value:f}" if abs(value.adjusted()) <= 40 else str(value)


def write_timestamp(value: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, with a fraction only where there is one."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}Z"


def read_timestamp(text: str) -> datetime:
    """Read an RFC 3339 instant that names its offset; ValueError where it is none."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or len(text) < 20 or text[10] not in "Tt":
        raise ValueError("an instant needs a date, a time and an offset")
    return value.astimezone(UTC)


def _map_from_json(value: Any, wanted: MapType, path: tuple[str, ...]) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise ValueFault(path, "an object is needed here")
    return {key: from_json(each, wanted.value, (*path, key)) for key, each in value.items()}


def _record_from_json(value: Any, wanted: RecordType, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueFault(path, f"an object with the fields of {wanted} is needed here")
    for name in value:
        if name not in wanted.fields and not wanted.open:
            raise ValueFault((*path, name), f"{wanted} has no such field")
    return {
        name: from_json(_field(value, name, each, path), each, (*path, name))
        for name, each in wanted.fields.items()
    }


def _field(value: Mapping[str, Any], name: str, wanted: Type, path: tuple[str, ...]) -> Any:
    if name not in value and not isinstance(wanted, NullableType):
        raise ValueFault((*path, name), "this field is missing")
    return value.get(name)


def _scalar_from_json(value: Any, kind: str, path: tuple[str, ...]) -> Any:
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, KeyError, InvalidOperation, OverflowError) as error:
        raise ValueFault(path, f"{kind} is needed here") from error


def _whole(value: Any) -> int:
    if type(value) is Decimal and value == value.to_integral_value():
        value = int(value)
    if type(value) is not int or not INT_MIN <= value <= INT_MAX:
        raise ValueError
    return value


def _unsigned(value: Any) -> Uint:
    if type(value) is not int or not 0 <= value <= UINT_MAX:
        raise ValueError
    return Uint(value)


def _decimal(value: Any) -> Decimal:
    if type(value) not in (int, str, Decimal):
        raise ValueError
    number = DECIMALS.create_decimal(value)
    if not number.is_finite():
        raise ValueError
    return number


def _exactly(kind: type) -> Any:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError
        return value

    return read


def _bytes(value: Any) -> bytes:
    try:
        return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _dyn(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError
    if isinstance(value, list):
        return [_dyn(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _dyn(each) for key, each in value.items()}
    return value


_READERS: dict[str, Any] = {
    "bool": _exactly(bool),
    "int": _whole,
    "uint": _unsigned,
    "decimal": _decimal,
    "string": _exactly(str),
    "null": _exactly(type(None)),
    "money": lambda value: value if isinstance(value, Money) else Money.from_json(value),
    "timestamp": lambda value: value if isinstance(value, datetime) else read_timestamp(value),
    "duration": lambda value: value if isinstance(value, timedelta) else read_duration(value),
    "bytes": _bytes,
    "dyn": _dyn,
    "unknown": _dyn,
}


def _fit_record(value: dict[Any, Any], wanted: RecordType) -> dict[Any, Any]:
    fitted = dict(value)
    for name, each in wanted.fields.items():
        if name not in value and not isinstance(each, NullableType):
            raise Fault("expression.missing", f"The result has no field '{name}'.")
        fitted[name] = fit(value.get(name), each)
    return fitted
