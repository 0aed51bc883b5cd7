"""One value of a list: a page shows it by its kind, and a file spells it as said here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from builder_ui.shell.page import Tone
from kernel.money import Money

Kind = Literal["text", "code", "number", "price", "moment", "badge", "person"]

# What a spreadsheet takes for the beginning of a formula.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Cell:
    """A value of one kind; None is a dash on a page and nothing in a file."""

    kind: Kind
    value: object = None
    tone: Tone = "neutral"
    note: str | None = None
    href: str | None = None


def text(value: str | None, note: str | None = None, href: str | None = None) -> Cell:
    """Return words."""
    return Cell("text", value, note=note, href=href)


def person(name: str, note: str | None = None) -> Cell:
    """Return somebody; a page shows their initials before the name."""
    return Cell("person", name, note=note)


def code(value: str | None, href: str | None = None) -> Cell:
    """Return an id or a code, which people copy and compare."""
    return Cell("code", value, href=href)


def number(value: int | None) -> Cell:
    """Return a count."""
    return Cell("number", value)


def price(value: Money | None) -> Cell:
    """Return an exact amount."""
    return Cell("price", value)


def moment(value: datetime | None) -> Cell:
    """Return an instant; a page shows it on the clock of who looks, a file in UTC."""
    return Cell("moment", value)


def badge(told: tuple[str, Tone]) -> Cell:
    """Return a state in its words and tone."""
    return Cell("badge", told[0], tone=told[1])


def spelled(cell: Cell) -> str:
    """Write a cell as a file holds it, exact and without grouping.

    Words that a spreadsheet would run as a formula get an apostrophe before them.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    written = str(value)
    return f"'{written}" if written.startswith(_FORMULA_BEGINS) else written
