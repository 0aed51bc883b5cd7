"""Reads the JSON of strangers: limits first, then parsing, then every value looked at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from kernel.canonical import Json
from kernel.errors import Fault, Invalid, Malformed

BODY_BYTES_MAX = 1024 * 1024
DEPTH_MAX = 32
ITEMS_MAX = 10_000
TEXT_LENGTH_MAX = 64 * 1024
DIGITS_MAX = 40
EXPONENT_MAX = 40

# Whole strings are passed over, so that brackets inside them do not count. An unclosed string
# runs to the end: tried again from every quote inside it, it would cost the square of its length.
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(eq=False)
class JsonUnreadable(Malformed):
    """The body is not JSON as this service reads it."""

    code: ClassVar[str] = "request.json_unreadable"

    detail: str = ""


@dataclass(eq=False)
class JsonTooDeep(Malformed):
    """The body nests more than 32 levels deep."""

    code: ClassVar[str] = "request.json_too_deep"

    levels_max: int = DEPTH_MAX


def read_json_body(raw: bytes) -> Json:
    """Return the value of a JSON text with exact decimals instead of floats.

    Raises Malformed for what no reader should accept (wrong encoding, nesting beyond 32 levels,
    a key twice, NaN, a number beyond 40 digits) and Invalid, with a pointer for each, for values
    that nothing here can store: NUL, lone surrogates, over-long text and over-long lists.
    """
    _refuse_depth(raw)
    try:
        value = json.loads(
            raw.decode(),
            parse_float=_exact,
            parse_int=_whole,
            parse_constant=_no_constant,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError as error:
        raise JsonUnreadable("The body must be UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonUnreadable(f"{error.msg} at {where}.") from error
    faults = tuple(_faults_of(value, ""))
    if faults:
        raise Invalid(faults[:20])
    return value


def is_storable_text(text: str) -> bool:
    """Tell whether PostgreSQL can hold the text: no NUL and no half of a surrogate pair."""
    return "\0" not in text and not _SURROGATE.search(text)


def _refuse_depth(raw: bytes) -> None:
    depth = 0
    for found in _STRUCTURE.finditer(raw):
        mark = found.group()
        if mark in (b"[", b"{"):
            depth += 1
            if depth > DEPTH_MAX:
                raise JsonTooDeep
        elif mark in (b"]", b"}"):
            depth -= 1


def _exact(digits: str) -> Decimal:
    number = Decimal(digits) if len(digits) <= DIGITS_MAX else None
    # A small text can be a huge number: 1e999999999 would fill the memory once made whole.
    if number is None or abs(number.adjusted()) > EXPONENT_MAX:
        raise JsonUnreadable(f"A number has more than {DIGITS_MAX} digits.")
    return number


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise JsonUnreadable(f"A number has more than {DIGITS_MAX} digits.")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise JsonUnreadable(f"{name} is not JSON.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise JsonUnreadable(f"The key {json.dumps(twice[:80])} appears twice in one object.")
    return members


def _faults_of(value: Json, pointer: str) -> Iterator[Fault]:
    if isinstance(value, str):
        yield from _faults_of_text(value, pointer)
    elif isinstance(value, list):
        if len(value) > ITEMS_MAX:
            yield Fault(pointer, "list.too_long", f"Send at most {ITEMS_MAX} entries.")
            return
        for index, each in enumerate(value):
            yield from _faults_of(each, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for key, each in value.items():
            if not is_storable_text(key) or len(key) > 200:
                yield Fault(pointer, "field.name_invalid", "A field has an impossible name.")
            else:
                yield from _faults_of(each, f"{pointer}/{escape(key)}")


def _faults_of_text(text: str, pointer: str) -> Iterator[Fault]:
    if len(text) > TEXT_LENGTH_MAX:
        yield Fault(pointer, "text.too_long", f"Send at most {TEXT_LENGTH_MAX} characters.")
    elif not is_storable_text(text):
        yield Fault(
            pointer, "text.not_storable", "Leave out NUL characters and unpaired surrogates."
        )


def escape(key: str) -> str:
    """Write a key as a token of a JSON pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1")
