"""What must be true of what people write: each rule returns faults that say how to mend them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from babel import Locale
from babel.numbers import is_currency

from commerce.catalog.contents import (
    CHANNEL_KINDS,
    FULFILMENT_TYPES,
    NODE_KINDS,
    ChannelContent,
    ListingContent,
    NodeContent,
    ProductContent,
    SkuContent,
    SupplierContent,
    SupplierItemContent,
)
from commerce.catalog.folding import fold
from commerce.catalog.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from commerce.catalog.units import BASE_UNITS, QUANTITY_MAX, units_of
from kernel.errors import Fault, Invalid

DESCRIPTION_LENGTH_MAX = 5_000
PACKS_MAX = 20
LEAD_TIME_DAYS_MAX = 1_000
RANK_MAX = 1_000

_COUNTRIES = frozenset(
    str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code))
) - {"EU", "EZ", "UN", "XA", "XB", "ZZ"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Faults = list[Fault]


def insist(faults: Iterable[Fault]) -> None:
    """Raise Invalid with every fault there is; return where there is none."""
    found = tuple(faults)
    if found:
        raise Invalid(found)


def product_faults(content: ProductContent) -> Faults:
    """Return what is wrong with a product."""
    return [
        *_named(content.code, content.name),
        *_line("/category", content.category, NAME_LENGTH_MAX),
        *_at_most("/description", content.description, DESCRIPTION_LENGTH_MAX),
    ]


def sku_faults(content: SkuContent) -> Faults:
    """Return what is wrong with a SKU."""
    faults = [
        *_named(content.code, content.name),
        *_one_of("/base_unit", content.base_unit, BASE_UNITS),
        *_whole("/weight_grams", content.weight_grams, 1, 10**9),
    ]
    if content.gtin is not None and not is_gtin(content.gtin):
        detail = "A GTIN has 8, 12, 13 or 14 digits, and the last one checks the others."
        faults.append(Fault("/gtin", "catalog.gtin_wrong", detail))
    return faults if faults else _pack_faults(content)


def supplier_faults(content: SupplierContent) -> Faults:
    """Return what is wrong with a supplier."""
    faults = [
        *_named(content.code, content.name),
        *_country(content.country),
        *_currency("/currency", content.currency),
    ]
    if content.email is not None and not _EMAIL.fullmatch(content.email):
        detail = "Write an address such as orders@supplier.example."
        faults.append(Fault("/email", "catalog.email_wrong", detail))
    return [*faults, *_at_most("/email", content.email or "", 254)]


def supplier_item_faults(content: SupplierItemContent) -> Faults:
    """Return what is wrong with a supplier's terms."""
    return [
        *_whole("/cost/amount", content.cost.minor, 0, QUANTITY_MAX),
        *_currency("/cost/currency", content.cost.currency),
        *_whole("/cost_quantity", content.cost_quantity, 1, QUANTITY_MAX),
        *_whole("/lead_time_days", content.lead_time_days, 0, LEAD_TIME_DAYS_MAX),
        *_whole("/minimum_quantity", content.minimum_quantity, 1, QUANTITY_MAX),
        *_whole("/multiple_quantity", content.multiple_quantity, 1, QUANTITY_MAX),
        *_whole("/rank", content.rank, 1, RANK_MAX),
        *_line("/supplier_code", content.supplier_code, CODE_LENGTH_MAX),
    ]


def node_faults(content: NodeContent) -> Faults:
    """Return what is wrong with a node."""
    faults = [
        *_named(content.code, content.name),
        *_one_of("/kind", content.kind, NODE_KINDS),
        *_country(content.country),
        *_degrees("/latitude", content.latitude, 90),
        *_degrees("/longitude", content.longitude, 180),
        *_line("/city", content.city, 100),
        *_line("/postal_code", content.postal_code, 20),
    ]
    for place, kind in enumerate(content.fulfilment_types):
        faults.extend(_one_of(f"/fulfilment_types/{place}", kind, FULFILMENT_TYPES))
    if len(set(content.fulfilment_types)) != len(content.fulfilment_types):
        faults.append(Fault("/fulfilment_types", "catalog.repeated", "Name each type once."))
    return faults


def channel_faults(content: ChannelContent) -> Faults:
    """Return what is wrong with a channel."""
    faults = [
        *_named(content.code, content.name),
        *_one_of("/kind", content.kind, CHANNEL_KINDS),
        *_currency("/currency", content.currency),
    ]
    if content.node_id is not None and content.kind != "store":
        detail = "Only a channel of the kind store stands at a node: leave it out."
        faults.append(Fault("/node_id", "catalog.node_not_wanted", detail))
    return faults


def listing_faults(content: ListingContent, channel_currency: str) -> Faults:
    """Return what is wrong with a listing in a channel of this currency."""
    faults = [
        *_required("/external_id", content.external_id, 100),
        *_whole("/price/amount", content.price.minor, 0, QUANTITY_MAX),
        *_whole("/price_quantity", content.price_quantity, 1, QUANTITY_MAX),
    ]
    if content.price.currency != channel_currency:
        detail = f"This channel sells in {channel_currency}: state the price in it."
        faults.append(Fault("/price/currency", "catalog.currency_wrong", detail))
    return faults


def is_gtin(digits: str) -> bool:
    """Tell whether this is a GTIN-8, -12, -13 or -14 with a right check digit (mod 10, 3-1-3)."""
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
        return False
    weighted = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits[::-1]))
    return sum(weighted) % 10 == 0


def _pack_faults(content: SkuContent) -> Faults:
    faults: Faults = []
    known = set(units_of(content.base_unit, {}))
    if len(content.packs) > PACKS_MAX:
        detail = f"A SKU has at most {PACKS_MAX} pack units."
        faults.append(Fault("/packs", "catalog.too_many", detail))
    for place, pack in enumerate(content.packs):
        faults.extend(_required(f"/packs/{place}/unit", pack.unit, 20))
        faults.extend(_whole(f"/packs/{place}/quantity", pack.quantity, 1, 10**9))
        if pack.unit in known:
            detail = f"The unit {pack.unit} is there already: name another one."
            faults.append(Fault(f"/packs/{place}/unit", "catalog.repeated", detail))
        known.add(pack.unit)
    return faults


def _named(code: str, name: str) -> Faults:
    return [
        *_required("/code", code, CODE_LENGTH_MAX),
        *_required("/name", name, NAME_LENGTH_MAX),
    ]


def _required(pointer: str, value: str, length_max: int) -> Faults:
    if not fold(value):
        return [Fault(pointer, "catalog.missing", "This must not be empty.")]
    return _line(pointer, value, length_max)


def _line(pointer: str, value: str | None, length_max: int) -> Faults:
    if value is None:
        return []
    if value != value.strip() or not value.isprintable():
        detail = "Write one line without blanks around it and without control characters."
        return [Fault(pointer, "catalog.not_a_line", detail)]
    return _at_most(pointer, value, length_max)


def _at_most(pointer: str, value: str, length_max: int) -> Faults:
    if "\x00" in value:
        return [Fault(pointer, "catalog.not_text", "Take out the NUL character.")]
    if len(value) <= length_max:
        return []
    detail = f"This has {len(value)} characters: {length_max} is the most."
    return [Fault(pointer, "catalog.too_long", detail)]


def _one_of(pointer: str, value: str, choices: Sequence[str]) -> Faults:
    if value in choices:
        return []
    return [Fault(pointer, "catalog.not_a_choice", f"Choose one of {', '.join(choices)}.")]


def _whole(pointer: str, value: int | None, least: int, most: int) -> Faults:
    if value is None or least <= value <= most:
        return []
    detail = f"This must be at least {least} and at most {most}."
    return [Fault(pointer, "catalog.out_of_range", detail)]


def _country(value: str) -> Faults:
    if value in _COUNTRIES:
        return []
    detail = "Write the two capital letters of a country (ISO 3166), such as DE."
    return [Fault("/country", "catalog.country_unknown", detail)]


def _currency(pointer: str, value: str) -> Faults:
    if is_currency(value):
        return []
    detail = "Write the three capital letters of a currency (ISO 4217), such as EUR."
    return [Fault(pointer, "catalog.currency_unknown", detail)]


def _degrees(pointer: str, value: Decimal, most: int) -> Faults:
    if not value.is_finite() or abs(value) > most:
        detail = f"Write degrees between -{most} and {most}."
        return [Fault(pointer, "catalog.out_of_range", detail)]
    if value != value.quantize(Decimal("0.000001")):
        detail = "Write at most six decimal places: that is a tenth of a metre."
        return [Fault(pointer, "catalog.too_exact", detail)]
    return []
