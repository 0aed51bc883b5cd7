"""What a picker says was not found: the line, how many were found, and why the rest is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.tables import Sku
from commerce.inventory.shortfalls import Shortfall
from commerce.warehouse.leaving import ShortPick
from commerce.warehouse.tables import FulfilmentLine
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork

REASONS: Sequence[tuple[Shortfall, str, str]] = (
    ("not_in_stock", _("The shelf is empty"), _("The books are corrected: nothing is left there.")),
    ("mismatch", _("Some are missing"), _("Only these units are taken off the books.")),
    ("damaged", _("Some are damaged"), _("They are there, and cannot be sold.")),
)


@dataclass(frozen=True)
class Asked:
    """A line of which units are still to pick."""

    position: int
    code: str
    name: str
    units: int


def still_asked(uow: UnitOfWork, lines: Sequence[FulfilmentLine]) -> list[Asked]:
    """Return what is still to pick, line by line."""
    waiting = [line for line in lines if line.to_pick]
    skus = catalog.by_ids(uow, Sku, [line.sku_id for line in waiting])
    return [
        Asked(line.position, skus[line.sku_id].code, skus[line.sku_id].name, line.to_pick)
        for line in waiting
    ]


def short_pick_in(form: MultiDict[str, str]) -> tuple[ShortPick, str]:
    """Return what a form says was not found, and what tells this report from any other.

    Raises Invalid with every fault. What is still to pick only ever gets less, so the number that
    the picker saw makes a second report of as many units another one.
    """
    faults: dict[str, str] = {}
    position = _whole(form.get("line", ""))
    asked = _whole(form.get(f"asked-{position}", "")) if position is not None else None
    if position is None or asked is None:
        faults["line"] = _("Choose the line of which units are missing.")
    found = _whole(form.get("found", ""))
    if found is None:
        faults["found"] = _("Write how many were found, in figures; 0 where there were none.")
    elif asked is not None and found >= asked:
        faults["found"] = _("%(units)s are asked for: write fewer than that.", units=asked)
    why = next((each for each, _label, _told in REASONS if each == form.get("why")), None)
    if why is None:
        faults["why"] = _("Choose why they are missing.")
    if faults or position is None or asked is None or found is None or why is None:
        raise _refused(faults)
    missing = asked - found
    return ShortPick(position, missing, why), f"{position}/{asked}/{missing}/{why}"


def _refused(faults: Mapping[str, str]) -> Invalid:
    return Invalid(
        tuple(Fault(f"/{name}", "warehouse.short_pick", told) for name, told in faults.items())
    )


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
