"""Which column of a file fills which field: guessed from its name, settled by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.catalog.folding import fold
from kernel.errors import Fault


@dataclass(frozen=True)
class ImportField:
    """A field of a row, the words people call it by, and whether a file must have it."""

    name: str
    label: str
    is_required: bool = False
    also: tuple[str, ...] = ()


FIELDS = (
    ImportField(
        "code", "Product code", True,
        ("code", "product id", "product", "item number", "article", "handle", "artikelnummer"),
    ),
    ImportField(
        "name", "Product name", True,
        ("name", "title", "product title", "description short", "bezeichnung", "produktname"),
    ),
    ImportField("category", "Category", False, ("product type", "type", "kategorie", "group")),
    ImportField(
        "description", "Description", False, ("body", "text", "long description", "beschreibung")
    ),
    ImportField("sku_code", "SKU code", False, ("sku", "sku id", "variant sku", "variant code")),
    ImportField("sku_name", "SKU name", False, ("variant", "variant name", "variant title")),
    ImportField("base_unit", "Base unit", False, ("unit", "uom", "einheit", "unit of measure")),
    ImportField("gtin", "GTIN", False, ("ean", "upc", "barcode", "isbn", "gtin/ean")),
    ImportField(
        "weight_grams", "Weight in grams", False, ("weight", "weight (g)", "weight g", "gewicht")
    ),
)  # fmt: skip
LABELS: Mapping[str, str] = {field.name: field.label for field in FIELDS}
SKU_FIELDS = frozenset({"sku_code", "sku_name", "base_unit", "gtin", "weight_grams"})

LEFT_OUT = ""


def guess_fields(header: Sequence[str]) -> list[str]:
    """Return a field, or "" for none, for every column; each field is taken once, from the left."""
    words = {
        _plain(word): field.name
        for field in FIELDS
        for word in (field.name, field.label, *field.also)
    }
    guessed: list[str] = []
    for heading in header:
        name = words.get(_plain(heading), LEFT_OUT)
        guessed.append(LEFT_OUT if name in guessed else name)
    return guessed


def mapping_faults(header: Sequence[str], fields: Sequence[str]) -> list[Fault]:
    """Return what is wrong with a mapping: fields left open, filled twice, or unknown."""
    faults: list[Fault] = []
    if len(fields) != len(header):
        return [Fault("", "import.mapping", "Say of every column what it becomes.")]
    for index, name in enumerate(fields):
        if name and name not in LABELS:
            faults.append(Fault(f"/column.{index}", "import.field_unknown", "Choose a field."))
        elif name and name in fields[:index]:
            told = f"{LABELS[name]} is filled by another column already: choose one of the two."
            faults.append(Fault(f"/column.{index}", "import.field_twice", told))
    for field in FIELDS:
        if field.is_required and field.name not in fields:
            told = f"Choose the column that holds the {field.label.lower()}."
            faults.append(Fault("", "import.field_missing", told))
    if SKU_FIELDS.intersection(fields) and "sku_code" not in fields:
        told = "Choose the column that holds the SKU code, or leave the other SKU columns out."
        faults.append(Fault("", "import.field_missing", told))
    return faults


def _plain(heading: str) -> str:
    return fold(heading).replace("_", " ").replace("-", " ").strip(" *:")
