"""The functions of the language beyond its operators: sizes, texts, lists and conversions."""

from collections.abc import Callable
from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import re2

from kernel.money import Money
from workflow_engine.expressions.errors import Fault
from workflow_engine.expressions.limits import LIMITS, check_elements
from workflow_engine.expressions.operators import check_int, same_currency
from workflow_engine.expressions.overloads import declare, reading
from workflow_engine.expressions.profiles import DECIMALS
from workflow_engine.expressions.types import (
    BOOL,
    DECIMAL,
    DYN,
    INT,
    MONEY,
    STRING,
    ListType,
    Type,
)

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)
_PATTERNS = re2.Options()
_PATTERNS.max_mem = 1 << 20
_PATTERNS.log_errors = False


def compiled_pattern(pattern: str) -> Any:
    """Compile an RE2 pattern; `expression.pattern` where it is none, or too large."""
    if len(pattern) > LIMITS.pattern_chars_max:
        message = f"A pattern may have {LIMITS.pattern_chars_max} characters at most."
        raise Fault("expression.limit", message)
    try:
        return re2.compile(pattern, _PATTERNS)
    except (re2.error, UnicodeError) as error:
        raise Fault("expression.pattern", "This is not an RE2 pattern.") from error


def search(compiled: Any, text: str) -> bool:
    """Say whether the pattern occurs anywhere in the text."""
    try:
        return compiled.search(text) is not None
    except UnicodeError as error:
        raise Fault("expression.type", "This text is not valid Unicode.") from error


def search_cost(compiled: Any, text: str) -> int:
    """Return the steps of a search: at worst RE2 runs the whole program for every character."""
    return 1 + len(text) * int(compiled.programsize) // 16


def _matches(text: str, pattern: str) -> bool:
    return search(compiled_pattern(pattern), text)


def _matches_cost(text: str, pattern: str) -> int:
    # Compiling dominates, and the size of the program is not known before it.
    return 200 + len(pattern) + len(text) * (len(pattern) + 10) // 16


def _size(value: Any) -> int:
    return len(value)


def _scan_cost(text: Any, *_: Any) -> int:
    return len(text) >> 6


def _letters_cost(text: str) -> int:
    return len(text) >> 3


def _replace(text: str, old: str, new: str) -> str:
    # Counted first, because the result could be far longer than any text may be.
    count = text.count(old)
    if len(text) + count * (len(new) - len(old)) > LIMITS.text_length_max:
        raise Fault("expression.limit", "The replaced text would be too long.")
    return text.replace(old, new)


def _split(text: str, separator: str) -> list[str]:
    parts = text.split(separator) if separator else list(text)
    result: list[str] = check_elements(parts)
    return result


def _joined(parts: list[Any], separator: str = "") -> str:
    if not all(type(part) is str for part in parts):
        raise Fault("expression.type", "Only texts can be joined.")
    length = sum(map(len, parts)) + len(separator) * len(parts)
    if length > LIMITS.text_length_max:
        raise Fault("expression.limit", "The joined text would be too long.")
    return separator.join(parts)


def _substring(text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise Fault("expression.missing", f"The text has no part from {start} to {end}.")
    return text[start:end]


def total_of(values: list[Any]) -> Any:
    """Add numbers, or amounts in one currency, exactly."""
    if not values:
        raise Fault("expression.missing", "An empty list has no sum.", "Test size() first.")
    total = values[0]
    for value in values[1:]:
        total = _plus(total, value)
    return total


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, Money) and isinstance(right, Money):
        same_currency(left, right)
        return Money(check_int(left.minor + right.minor), left.currency)
    if type(left) is int and type(right) is int:
        return check_int(left + right)
    if type(left) in (int, Decimal) and type(right) in (int, Decimal):
        return DECIMALS.add(left, right)
    raise Fault("expression.type", "Only numbers, or amounts of money, have a sum.")


def _extreme(choose: Callable[..., Any]) -> Callable[[list[Any]], Any]:
    def call(values: list[Any]) -> Any:
        if not values:
            raise Fault("expression.missing", "An empty list has no least or greatest element.")
        if isinstance(values[0], Money):
            for value in values:
                same_currency(values[0], value)
            return choose(values, key=lambda amount: amount.minor)
        return choose(values)

    return call


least_of = _extreme(min)
greatest_of = _extreme(max)


def _money(amount: str, currency: str) -> Money:
    if len(amount) > 40 or len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        message = f"{amount[:40]!r} {currency[:10]!r} is not an amount of money."
        raise Fault("expression.conversion", message, 'Write money("10.00", "EUR").')
    try:
        value = Money.parse(amount, currency)
    except (ValueError, ArithmeticError) as error:
        raise Fault("expression.conversion", f"{amount!r} {currency} is no amount.") from error
    return Money(check_int(value.minor), currency)


def _scaled(amount: Money, factor: Any) -> Money:
    exact = DECIMALS.multiply(Decimal(amount.minor), factor)
    return Money(check_int(int(exact.to_integral_value(context=DECIMALS))), amount.currency)


def _rounded(value: Any, places: int = 0) -> Decimal:
    if not 0 <= places <= 18:
        raise Fault("expression.type", "A decimal is rounded to 0 to 18 places.")
    return DECIMALS.quantize(Decimal(value), Decimal(1).scaleb(-places))


def _element(values: Type, *_: Type) -> Type:
    return values.element if isinstance(values, ListType) else DYN


def _declare_texts() -> None:
    for kind in ("string", "bytes", "list", "map"):
        declare("size .size", kind, INT, _size)
    declare(".contains", "string string", BOOL, lambda a, b: b in a, _scan_cost)
    declare(".startsWith", "string string", BOOL, str.startswith, _scan_cost)
    declare(".endsWith", "string string", BOOL, str.endswith, _scan_cost)
    declare("matches .matches", "string string", BOOL, _matches, _matches_cost)
    declare(".lowerAscii", "string", STRING, lambda a: a.translate(_LOWER), _letters_cost)
    declare(".upperAscii", "string", STRING, lambda a: a.translate(_UPPER), _letters_cost)
    declare(".trim", "string", STRING, str.strip, _scan_cost)
    declare(
        ".replace", "string string string", STRING, _replace, lambda a, _, c: (len(a) + len(c)) >> 4
    )
    declare(".split", "string string", ListType(STRING), _split, lambda a, _: len(a) >> 3)
    declare(".indexOf", "string string", INT, str.find, _scan_cost)
    declare(".substring", "string int", STRING, _substring, _scan_cost)
    declare(".substring", "string int int", STRING, _substring, _scan_cost)
    declare(".join", "list", STRING, _joined, lambda a, *_: len(a) >> 2)
    declare(".join", "list string", STRING, _joined, lambda a, *_: len(a) >> 2)


def _declare_numbers() -> None:
    declare(".sum", "list", _element, total_of, lambda a: 3 * len(a))
    declare(".min", "list", _element, least_of, lambda a: 2 * len(a))
    declare(".max", "list", _element, greatest_of, lambda a: 2 * len(a))
    declare("money", "string string", MONEY, _money, reading)
    declare("scaled", "money decimal", MONEY, _scaled)
    declare("scaled", "money int", MONEY, _scaled)
    declare("round", "decimal", DECIMAL, _rounded)
    declare("round", "decimal int", DECIMAL, _rounded)
    declare("abs", "int", INT, lambda a: check_int(abs(a)))
    declare("abs", "decimal", DECIMAL, DECIMALS.abs)
    declare("abs", "money", MONEY, lambda a: Money(abs(a.minor), a.currency))


_declare_texts()
_declare_numbers()
