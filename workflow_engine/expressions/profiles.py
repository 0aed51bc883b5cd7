"""The two ways to read numbers: exact for tenants, IEEE 754 for conformance alone."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any

from workflow_engine.expressions.types import DECIMAL, DOUBLE, Type

# The range of decimal128: 34 digits, and an exponent that cannot be made to fill memory.
DECIMALS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


@dataclass(frozen=True)
class Profile:
    """How a literal such as `1.5` is read, and what may be mixed."""

    name: str
    fraction: Type
    read_fraction: Callable[[str], Any]
    mixed_arithmetic: bool


TENANT = Profile("tenant", DECIMAL, lambda text: DECIMALS.create_decimal(Decimal(text)), True)
IEEE = Profile("ieee", DOUBLE, float, False)
