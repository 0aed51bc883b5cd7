"""What the operators compute, exactly: no overflow, no mixed currency, no silent null."""

import operator
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from kernel.money import Money
from workflow_engine.expressions.durations import SECONDS_MAX
from workflow_engine.expressions.errors import Fault, shown
from workflow_engine.expressions.limits import check_elements, check_text
from workflow_engine.expressions.overloads import declare
from workflow_engine.expressions.profiles import DECIMALS
from workflow_engine.expressions.types import (
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    join,
)
from workflow_engine.expressions.values import INT_MAX, INT_MIN, UINT_MAX, Uint

_NUMBER_TYPES = frozenset({int, Uint, Decimal, float})
_DURATION_MAX = timedelta(seconds=SECONDS_MAX)


def check_int(value: int) -> int:
    """Refuse what does not fit 64 bits."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Fault("expression.overflow", "This whole number does not fit 64 bits.")


def check_uint(value: int) -> Uint:
    """Refuse what is negative or does not fit 64 bits."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise Fault("expression.overflow", "This unsigned number does not fit 64 bits.")


def check_duration(value: timedelta) -> timedelta:
    """Refuse a duration longer than the calendar."""
    if -_DURATION_MAX <= value <= _DURATION_MAX:
        return value
    raise Fault("expression.overflow", "This duration is too long.")


def same_currency(left: Money, right: Money) -> None:
    """Refuse to bring two currencies together."""
    if left.currency != right.currency:
        message = f"{left.currency} and {right.currency} cannot be brought together."
        raise Fault("expression.currency", message, "Convert one of them first.")


def equal(left: Any, right: Any, charge: Callable[[int], None]) -> bool:
    """Compare as CEL does: numbers by value across types, lists and maps by content.

    Values of different kinds are unequal; amounts in different currencies are an error.
    """
    kind = type(left)
    if kind in _NUMBER_TYPES:
        return type(right) in _NUMBER_TYPES and bool(left == right)
    if kind is not type(right):
        return False
    if kind is list:
        charge(len(left) + 1)
        return len(left) == len(right) and all(
            equal(one, other, charge) for one, other in zip(left, right, strict=True)
        )
    if kind is dict:
        charge(len(left) + 1)
        return len(left) == len(right) and all(
            (found := find(right, key)) is not MISSING and equal(each, found, charge)
            for key, each in left.items()
        )
    if kind is Money:
        same_currency(left, right)
    return bool(left == right)


MISSING: Any = object()


def find(entries: dict[Any, Any], key: Any) -> Any:
    """Return what a map holds under a key, or MISSING.

    Python takes True for 1, so a key that could be either is looked for among all keys.
    """
    if type(key) is str or (type(key) is not bool and key not in (0, 1)):
        return entries.get(key, MISSING)
    for candidate, value in entries.items():
        if candidate == key and isinstance(candidate, bool) == isinstance(key, bool):
            return value
    return MISSING


def find_cost(entries: dict[Any, Any], key: Any) -> int:
    """Return the steps of `find`, which looks at all keys where Python cannot tell them apart."""
    return 0 if type(key) is str else len(entries) >> 2


def truncated_quotient(left: int, right: int) -> int:
    """Divide whole numbers towards zero."""
    if right == 0:
        raise Fault("expression.divide_by_zero", "This divides by zero.")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    return left - right * truncated_quotient(left, right)


def _decimal_division(left: Any, right: Any) -> Decimal:
    if not right:
        raise Fault("expression.divide_by_zero", "This divides by zero.")
    return DECIMALS.divide(left, right)


def _ieee_division(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or left != left:
        return float("nan")
    negative = (left < 0) != (str(right)[0] == "-")
    return float("-inf") if negative else float("inf")


def _index(elements: list[Any], index: Any) -> Any:
    # The range first: a decimal such as 1E+6000 must never be written out as a whole number.
    if not 0 <= index < len(elements):
        message = f"The list has no element {index}; it has {len(elements)}."
        raise Fault("expression.missing", message)
    if index != int(index):
        raise Fault("expression.missing", "A list is indexed by whole numbers.")
    return elements[int(index)]


def _entry(entries: dict[Any, Any], key: Any) -> Any:
    found = find(entries, key)
    if found is MISSING:
        raise Fault("expression.missing", f"The map has no key {shown(key)}.")
    return found


def _money_sum(left: Money, right: Money) -> Money:
    same_currency(left, right)
    return Money(check_int(left.minor + right.minor), left.currency)


def _money_difference(left: Money, right: Money) -> Money:
    same_currency(left, right)
    return Money(check_int(left.minor - right.minor), left.currency)


def _money_times(left: Any, right: Any) -> Money:
    amount, times = (left, right) if isinstance(left, Money) else (right, left)
    return Money(check_int(amount.minor * times), amount.currency)


def _money_comparison(compare: Callable[[int, int], bool]) -> Callable[[Money, Money], bool]:
    def call(left: Money, right: Money) -> bool:
        same_currency(left, right)
        return compare(left.minor, right.minor)

    return call


def _text_cost(left: Any, right: Any) -> int:
    return (len(left) + len(right)) >> 6


def _list_cost(left: Any, right: Any) -> int:
    return (len(left) + len(right)) >> 3


def _element_of(container: Type, *_: Type) -> Type:
    return getattr(container, "element", getattr(container, "value", container))


def _declare_arithmetic() -> None:
    for name, compute in (
        ("+", operator.add),
        ("-", operator.sub),
        ("*", operator.mul),
        ("/", truncated_quotient),
        ("%", _remainder),
    ):
        declare(name, "int int", INT, lambda a, b, f=compute: check_int(f(a, b)))
        # Of int, so that Uint's operators do not make the intermediate an unsigned one.
        declare(name, "uint uint", UINT, lambda a, b, f=compute: check_uint(f(int(a), int(b))))
    for name, exact in (
        ("+", DECIMALS.add),
        ("-", DECIMALS.subtract),
        ("*", DECIMALS.multiply),
        ("/", _decimal_division),
    ):
        for kinds in ("decimal decimal", "int decimal", "decimal int"):
            declare(name, kinds, DECIMAL, exact)
    for name, ieee in (
        ("+", operator.add),
        ("-", operator.sub),
        ("*", operator.mul),
        ("/", _ieee_division),
    ):
        declare(name, "double double", DOUBLE, ieee)
    declare("!", "bool", BOOL, operator.not_)
    declare("negate", "int", INT, lambda a: check_int(-a))
    declare("negate", "decimal", DECIMAL, DECIMALS.minus)
    declare("negate", "double", DOUBLE, operator.neg)
    declare("negate", "money", MONEY, lambda a: Money(check_int(-a.minor), a.currency))
    declare("negate", "duration", DURATION, operator.neg)


def _declare_sums() -> None:
    declare("+", "string string", STRING, lambda a, b: check_text(a + b), _text_cost)
    declare("+", "bytes bytes", BYTES, lambda a, b: check_text(a + b), _text_cost)
    declare("+", "list list", join, lambda a, b: check_elements(a + b), _list_cost)
    declare("+", "money money", MONEY, _money_sum)
    declare("-", "money money", MONEY, _money_difference)
    declare("*", "money int", MONEY, _money_times)
    declare("*", "int money", MONEY, _money_times)
    declare("+", "timestamp duration", TIMESTAMP, operator.add)
    declare("+", "duration timestamp", TIMESTAMP, operator.add)
    declare("-", "timestamp duration", TIMESTAMP, operator.sub)
    declare("-", "timestamp timestamp", DURATION, operator.sub)
    declare("+", "duration duration", DURATION, lambda a, b: check_duration(a + b))
    declare("-", "duration duration", DURATION, lambda a, b: check_duration(a - b))


def _declare_comparisons() -> None:
    numbers = ("int", "uint", "decimal", "double")
    alike = ("string", "bytes", "bool", "timestamp", "duration")
    pairs = [(one, other) for one in numbers for other in numbers]
    pairs += [(kind, kind) for kind in alike]
    for name, compare in (
        ("<", operator.lt),
        ("<=", operator.le),
        (">", operator.gt),
        (">=", operator.ge),
    ):
        for one, other in pairs:
            declare(name, f"{one} {other}", BOOL, compare)
        declare(name, "money money", BOOL, _money_comparison(compare))


def _declare_indexes() -> None:
    for kind in ("int", "uint", "decimal", "double"):
        declare("[]", f"list {kind}", _element_of, _index)
        declare("[]", f"map {kind}", _element_of, _entry, find_cost)
    declare("[]", "map string", _element_of, _entry)
    declare("[]", "map bool", _element_of, _entry, find_cost)


_declare_arithmetic()
_declare_sums()
_declare_comparisons()
_declare_indexes()
