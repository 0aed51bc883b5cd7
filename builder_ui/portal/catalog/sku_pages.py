"""SKUs: how their pages read, and how packs are written."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from builder_ui.portal.catalog.forms import FieldRefused, code_in
from builder_ui.portal.catalog.things import (
    FormField,
    ListWish,
    Related,
    RelatedRow,
    Thing,
    Words,
    adding,
)
from builder_ui.shell import cells
from builder_ui.shell.listing import Column
from commerce.catalog import queries, service
from commerce.catalog.contents import Pack, SkuContent
from commerce.catalog.network_tables import Channel
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.tables import Product, Sku
from commerce.ids import ProductId
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork

UNITS = (("piece", "Pieces"), ("g", "Grams"), ("ml", "Millilitres"), ("mm", "Millimetres"))


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow
    products = f"{root}/catalog/suggestions/products"
    return (
        FormField("product", "Product", "code", "Type the beginning of a name.", source=products),
        FormField("code", "Code", hint="Yours alone, such as MUG-BLUE."),
        FormField("name", "Name"),
        FormField(
            "base_unit", "Counted in", "choice", "This never changes afterwards.", options=UNITS
        ),
        FormField("gtin", "GTIN", hint="The number under the bar code.", is_required=False),
        FormField("weight_grams", "Weight in grams", "decimal", is_required=False),
        FormField(
            "packs", "Packs", "text", "One a line: a unit and its size, such as: case 12",
            is_required=False,
        ),
    )  # fmt: skip


def _values(uow: UnitOfWork, sku: Sku) -> dict[str, object]:
    return {
        "product": queries.one(uow, Product, sku.product_id).code,
        "code": sku.code,
        "name": sku.name,
        "base_unit": sku.base_unit,
        "gtin": sku.gtin,
        "weight_grams": sku.weight_grams,
        "packs": "\n".join(f"{pack['unit']} {pack['quantity']}" for pack in sku.packs),
    }


def _read(uow: UnitOfWork, form: MultiDict[str, str]) -> tuple[ProductId, SkuContent]:
    product = code_in(uow, Product, form.get("product", ""), "product", "product")
    content = SkuContent(
        form.get("code", "").strip(),
        form.get("name", "").strip(),
        form.get("base_unit", ""),
        form.get("gtin", "").replace(" ", "") or None,
        whole_in(form.get("weight_grams", ""), "weight_grams"),
        _packs_in(form.get("packs", "")),
    )
    return ProductId(product), content


def whole_in(text: str, field: str) -> int | None:
    """Return the whole number that somebody typed, None for nothing, or refuse."""
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise FieldRefused({field: "Write a whole number in figures, such as 350."})
    return int(text) if text else None


def _packs_in(text: str) -> tuple[Pack, ...]:
    packs = []
    for line in filter(None, map(str.strip, text.splitlines())):
        unit, _, size = line.rpartition(" ")
        quantity = whole_in(size, "packs") if unit else None
        if quantity is None:
            raise FieldRefused({"packs": f"Write “{line}” as a unit and its size: case 12"})
        packs.append(Pack(unit.strip(), quantity))
    return tuple(packs)


def _create(uow: UnitOfWork, said: tuple[ProductId, SkuContent]) -> Sku:
    return service.create_sku(uow, *said)


def _change(
    uow: UnitOfWork, sku_id: Any, said: tuple[ProductId, SkuContent], *, expected_version: int
) -> Sku:
    product_id, content = said
    if queries.one(uow, Sku, sku_id).product_id != product_id:
        raise FieldRefused({"product": "A SKU stays with its product: add a new SKU there."})
    return service.change_sku(uow, sku_id, content, expected_version=expected_version)


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Sku]:
    return queries.skus(uow, wish.page, wish.only, order=wish.order)


def _facts(uow: UnitOfWork, sku: Sku, root: str) -> Sequence[tuple[str, str]]:
    del root
    packs = ", ".join(f"{pack['unit']} of {pack['quantity']}" for pack in sku.packs)
    return (
        ("Code", sku.code),
        ("Product", queries.one(uow, Product, sku.product_id).name),
        ("Counted in", dict(UNITS)[sku.base_unit].lower()),
        ("GTIN", sku.gtin or ""),
        ("Weight", f"{sku.weight_grams} g" if sku.weight_grams else ""),
        ("Packs", packs),
    )


def _related(uow: UnitOfWork, sku: Sku, root: str) -> Sequence[Related]:
    product = queries.one(uow, Product, sku.product_id)
    active = sku.is_active
    return (
        Related(
            "Product",
            ("Code", "Name"),
            [
                RelatedRow(
                    f"{root}/catalog/products/{product.id}",
                    (product.code, product.name),
                    product.is_active,
                )
            ],
            "",
        ),
        _offers(uow, sku, root, may_add=active),
        _terms(uow, sku, root, may_add=active),
    )


def _offers(uow: UnitOfWork, sku: Sku, root: str, *, may_add: bool) -> Related:
    found = queries.listings(uow, PageWish(limit=100), state="any", sku_id=sku.id).rows
    channels = queries.by_ids(uow, Channel, (listing.channel_id for listing in found))
    rows = [
        RelatedRow(
            f"{root}/catalog/listings/{listing.id}",
            (channels[listing.channel_id].name, listing.external_id, str(listing.price)),
            listing.is_active,
        )
        for listing in found
    ]
    add = ("Offer in a channel", adding(root, "listings", sku=sku.code))
    nothing = "Not offered anywhere yet."
    headings = ("Channel", "Id in the channel", "Price")
    return Related("Offered in", headings, rows, nothing, add if may_add else None)


def _terms(uow: UnitOfWork, sku: Sku, root: str, *, may_add: bool) -> Related:
    found = queries.supplier_items(uow, PageWish(limit=100), state="any", sku_id=sku.id).rows
    suppliers = queries.by_ids(uow, Supplier, (terms.supplier_id for terms in found))
    rows = [
        RelatedRow(
            f"{root}/catalog/supplier-items/{terms.id}",
            (
                suppliers[terms.supplier_id].name,
                str(terms.cost),
                f"{terms.lead_time_days} days",
                str(terms.minimum_quantity),
            ),
            terms.is_active,
        )
        for terms in found
    ]
    add = ("Add a supplier", adding(root, "supplier-items", sku=sku.code))
    nothing = "Nobody supplies this yet."
    headings = ("Supplier", "Cost", "Arrives within", "Least quantity")
    return Related("Supplied by", headings, rows, nothing, add if may_add else None)


SKUS = Thing(
    kind="sku",
    path="skus",
    words=Words(
        "SKU",
        "SKUs",
        "box",
        "A SKU is what is counted, stored and ordered: one for each size or colour of a product.",
        retire="Take off sale",
        retire_question="Take {code} off sale everywhere? Its stock stays where it is.",
        reinstate="Put back on sale",
    ),
    table=Sku,
    columns=(
        Column("base_unit", "Counted in", on_phone=False),
        Column("gtin", "GTIN", on_phone=False),
        Column("weight_grams", "Weight in grams", align="end", on_phone=False, at_first=False),
    ),
    cells=lambda sku: (
        cells.text(dict(UNITS)[sku.base_unit].lower()),
        cells.text(sku.gtin),
        cells.number(sku.weight_grams),
    ),
    fields=_fields,
    values=_values,
    read=_read,
    listed=_listed,
    facts=_facts,
    related=_related,
    create=_create,
    change=_change,
    retire=service.retire_sku,
    reinstate=service.reinstate_sku,
)
