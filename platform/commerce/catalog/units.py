"""Quantities in any unit become whole base units: exactly, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal, get_args

from kernel.errors import Conflict

BaseUnit = Literal["piece", "g", "ml", "mm"]
BASE_UNITS: tuple[str, ...] = get_args(BaseUnit)

MEASURES: Mapping[str, Mapping[str, int]] = {
    "piece": {},
    "g": {"kg": 1_000, "t": 1_000_000},
    "ml": {"cl": 10, "l": 1_000},
    "mm": {"cm": 10, "m": 1_000},
}
"""For each base unit, the units everybody knows and how many base units one of them is."""

QUANTITY_MAX = 10**15


@dataclass(eq=False)
class UnitUnknown(Conflict):
    """This SKU is not counted in that unit."""

    code: ClassVar[str] = "catalog.unit_unknown"

    unit: str
    known: tuple[str, ...]


@dataclass(eq=False)
class QuantityNotWhole(Conflict):
    """This quantity is not a whole number of the SKU's base unit."""

    code: ClassVar[str] = "catalog.quantity_not_whole"

    quantity: str
    unit: str
    base_unit: str


def units_of(base_unit: str, packs: Mapping[str, int]) -> dict[str, int]:
    """Return every unit a SKU is counted in, with how many base units one of it is."""
    return {base_unit: 1, **MEASURES[base_unit], **packs}


def to_base_units(quantity: Decimal, unit: str, base_unit: str, packs: Mapping[str, int]) -> int:
    """Return 2.5 kg as 2500 g; raises UnitUnknown, or QuantityNotWhole for 0.5 of a piece."""
    known = units_of(base_unit, packs)
    if unit not in known:
        raise UnitUnknown(unit, tuple(known))
    in_base = quantity * known[unit] if quantity.is_finite() else quantity
    if not in_base.is_finite() or in_base != in_base.to_integral_value():
        raise QuantityNotWhole(str(quantity), unit, base_unit)
    if abs(in_base) > QUANTITY_MAX:
        raise QuantityNotWhole(str(quantity), unit, base_unit)
    return int(in_base)
