"""A row's cells as wishes: what a product and its SKU shall say, and what is wrong, by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commerce.catalog.contents import ProductContent, SkuContent
from commerce.catalog.folding import fold
from commerce.catalog.imports.columns import LABELS, SKU_FIELDS
from commerce.catalog.imports.csv_text import FileRow, as_meant
from kernel.errors import Fault

_UNITS = {
    "pcs": "piece", "pc": "piece", "pieces": "piece", "each": "piece", "ea": "piece",
    "stk": "piece", "stuck": "piece", "gram": "g", "grams": "g", "gramm": "g",
}  # fmt: skip
_FIELD_OF_SKU_POINTER = {"code": "sku_code", "name": "sku_name"}


@dataclass(frozen=True)
class CellFault:
    """What is wrong in a row, in which field ("" is the whole row), and how to mend it."""

    field: str
    code: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return the fault as it is stored."""
        return {"field": self.field, "code": self.code, "detail": self.detail}


@dataclass(frozen=True)
class RowWish:
    """What one row says, by field; only columns that are mapped say anything."""

    number: int
    said: Mapping[str, str]
    faults: tuple[CellFault, ...] = ()

    @property
    def product_key(self) -> str:
        """The folded code of the product."""
        return fold(self.said["code"])

    @property
    def sku_key(self) -> str:
        """The folded code of the SKU, or "" where the row speaks of the product alone."""
        return fold(self.said.get("sku_code", ""))


def read_row(row: FileRow, fields: Sequence[str]) -> RowWish:
    """Return what a row says. Missing cells at its end are empty; cells too many are a fault."""
    cells = [as_meant(cell) for cell in row.cells]
    faults = []
    if any(cells[len(fields) :]):
        told = f"This row has {len(cells)} cells, but there are {len(fields)} columns."
        faults.append(CellFault("", "import.too_many_cells", told))
    cells += [""] * (len(fields) - len(cells))
    said = {name: cell for name, cell in zip(fields, cells, strict=False) if name}
    alone = [name for name in SKU_FIELDS - {"sku_code"} if said.get(name)]
    if alone and not said.get("sku_code"):
        told = "Write the SKU code, or leave the other cells of the SKU empty."
        faults.append(CellFault("sku_code", "import.sku_code_missing", told))
    return RowWish(row.number, said, tuple(faults))


def wanted_product(wish: RowWish, current: ProductContent | None) -> ProductContent:
    """Return what the product shall say: the row's words over those it says already."""
    said = wish.said
    start = current or ProductContent(said["code"], said["name"])
    changes: dict[str, Any] = {"name": said["name"]}
    if "category" in said:
        changes["category"] = said["category"] or None
    if "description" in said:
        changes["description"] = said["description"]
    return replace(start, **changes)


def wanted_sku(
    wish: RowWish, current: SkuContent | None
) -> tuple[SkuContent, tuple[CellFault, ...]]:
    """Return what the SKU shall say, and what could not be read of it."""
    said = wish.said
    start = current or SkuContent(said["sku_code"], said["name"])
    changes: dict[str, Any] = {}
    faults: list[CellFault] = []
    if said.get("sku_name"):
        changes["name"] = said["sku_name"]
    if said.get("base_unit"):
        unit = fold(said["base_unit"])
        changes["base_unit"] = _UNITS.get(unit, unit)
    if "gtin" in said:
        changes["gtin"] = said["gtin"].replace(" ", "").replace("-", "") or None
    if "weight_grams" in said:
        weight = said["weight_grams"]
        if weight and not (weight.isascii() and weight.isdigit() and len(weight) <= 10):
            told = "Write whole grams in figures, such as 350."
            faults.append(CellFault("weight_grams", "import.not_whole", told))
        else:
            changes["weight_grams"] = int(weight) if weight else None
    return replace(start, **changes), tuple(faults)


def product_cells(faults: Sequence[Fault]) -> list[CellFault]:
    """Return a product's faults by field of the row."""
    return [CellFault(_field(fault), fault.code, fault.detail) for fault in faults]


def sku_cells(faults: Sequence[Fault]) -> list[CellFault]:
    """Return a SKU's faults by field of the row."""
    named = ((_field(fault), fault) for fault in faults)
    return [
        CellFault(_FIELD_OF_SKU_POINTER.get(field, field), fault.code, fault.detail)
        for field, fault in named
    ]


def repeated(wishes: Sequence[RowWish]) -> dict[int, list[CellFault]]:
    """Return faults that only the whole file shows, by row: what an earlier row says already."""
    faults: dict[int, list[CellFault]] = {}
    products: dict[str, RowWish] = {}
    seen: dict[tuple[str, str], int] = {}
    for wish in wishes:
        found = []
        first = products.setdefault(wish.product_key, wish)
        if first is not wish:
            found.extend(_against_first(wish, first))
        for field in ("sku_code", "gtin"):
            word = fold(wish.said.get(field, ""))
            earlier = seen.setdefault((field, word), wish.number) if word else wish.number
            if earlier != wish.number:
                found.append(_repeats(field, earlier))
        if found:
            faults[wish.number] = found
    return faults


def _against_first(wish: RowWish, first: RowWish) -> list[CellFault]:
    if not wish.product_key:
        return []
    if not wish.sku_key:
        return [_repeats("code", first.number)]
    return [
        CellFault(
            field,
            "import.differs",
            f"Row {first.number} says something else of this product: make both say the same.",
        )
        for field in ("name", "category", "description")
        if wish.said.get(field) != first.said.get(field)
    ]


def _repeats(field: str, row: int) -> CellFault:
    told = f"Row {row} has this {LABELS[field]} already: keep one of the two."
    return CellFault(field, "import.repeated", told)


def _field(fault: Fault) -> str:
    return fault.pointer.split("/")[1] if "/" in fault.pointer else ""
