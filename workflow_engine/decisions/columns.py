"""The columns of a table: what a cell of each may hold, and how its literals are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.money import Money
from workflow_engine.decisions.errors import CellFault
from workflow_engine.expressions import (
    BOOL,
    DECIMAL,
    DURATION,
    DYN,
    INT,
    MONEY,
    STRING,
    TIMESTAMP,
    EnumType,
    Type,
    ValueFault,
    from_json,
    nullable,
)

SCALARS: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "decimal": DECIMAL,
    "money": MONEY,
    "string": STRING,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
}
ORDERED = frozenset({"int", "decimal", "money", "timestamp", "duration"})


@dataclass(frozen=True, slots=True)
class Domain:
    """What a column may meet: a closed range, a list of values, or (both None) anything."""

    minimum: Any = None
    maximum: Any = None
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """An input: the expression it asks, and the values it may meet."""

    id: str
    value: str
    kind: str
    domain: Domain = Domain()
    currency: str | None = None
    nullable: bool = False

    @property
    def type(self) -> Type:
        """The type its expression must have."""
        of: Type = SCALARS.get(self.kind, STRING)
        if self.kind == "enum":
            of = EnumType(tuple(map(str, self.domain.values or ())))
        return nullable(of) if self.nullable else of

    def literal(self, value: Any) -> Any:
        """Read a JSON literal of this column; CellFault where it is none."""
        return read_literal(value, self.kind, self.currency)


@dataclass(frozen=True, slots=True)
class Output:
    """An output column. `values`, where given, are all it can be, the highest priority first."""

    id: str
    kind: str
    values: tuple[Any, ...] | None = None
    default: Any = None
    has_default: bool = False

    @property
    def type(self) -> Type:
        """The type its cells must have."""
        if self.kind == "enum":
            return EnumType(tuple(map(str, self.values or ())))
        return SCALARS.get(self.kind, DYN)


def read_literal(value: Any, kind: str, currency: str | None = None) -> Any:
    """Read a JSON literal as a value of this kind; CellFault where it is none."""
    if kind == "money" and currency and isinstance(value, str):
        value = {"amount": value, "currency": currency}
    wanted = STRING if kind == "enum" else SCALARS.get(kind, DYN)
    try:
        found = from_json(value, wanted)
    except ValueFault as fault:
        raise CellFault(f"{_shown(value)} is not of type {kind}.") from fault
    if isinstance(found, Money) and currency and found.currency != currency:
        raise CellFault(f"This column is in {currency}, not in {found.currency}.")
    return found


def _shown(value: Any) -> str:
    return repr(value)[:60]


def read_domain(document: Mapping[str, Any], kind: str, currency: str | None) -> Domain:
    """Read `{"min", "max"}` or `{"values"}`; CellFault where it makes no sense."""
    unknown = set(document) - {"min", "max", "values"}
    if unknown:
        raise CellFault(f"A domain has no '{min(unknown)}'.", "It has min and max, or values.")
    if "values" in document:
        if {"min", "max"} & set(document):
            raise CellFault("A domain has either values, or min and max.")
        if not isinstance(document["values"], list):
            raise CellFault("The values of a domain are a list.")
        values = tuple(read_literal(each, kind, currency) for each in document["values"])
        if not values or len(set(values)) != len(values):
            raise CellFault("The values of a domain are at least one, each of them once.")
        return Domain(values=values)
    if kind not in ORDERED and document:
        raise CellFault(f"Values of type {kind} have no least and greatest.", "List its values.")
    least, greatest = (
        read_literal(document[name], kind, currency) if name in document else None
        for name in ("min", "max")
    )
    if least is not None and greatest is not None and least > greatest:
        raise CellFault("The least value of a domain is not above its greatest.")
    return Domain(minimum=least, maximum=greatest)
