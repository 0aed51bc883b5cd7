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
from builder_ui.shell.words import _
from commerce.catalog import queries, service
from commerce.catalog.contents import Pack, SkuContent
from commerce.catalog.network_tables import Channel
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.tables import Product, Sku
from commerce.ids import ProductId
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork

UNITS = (
    ("piece", _("Pieces")),
    ("g", _("Grams")),
    ("ml", _("Millilitres")),
    ("mm", _("Millimetres")),
)


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow
    products = f"{root}/catalog/suggestions/products"
    return (
        FormField(
            "product", _("Product"), "code", _("Type the beginning of a name."), source=products
        ),
        FormField("code", _("Code"), hint=_("Yours alone, such as MUG-BLUE.")),
        FormField("name", _("Name")),
        FormField(
            "base_unit",
            _("Counted in"),
            "choice",
            _("This never changes afterwards."),
            options=UNITS,
        ),
        FormField("gtin", "GTIN", hint=_("The number under the bar code."), is_required=False),
        FormField("weight_grams", _("Weight in grams"), "decimal", is_required=False),
        FormField(
            "packs", _("Packs"), "text", _("One a line: a unit and its size, such as: case 12"),
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
        raise FieldRefused({field: _("Write a whole number in figures, such as 350.")})
    return int(text) if text else None


def _packs_in(text: str) -> tuple[Pack, ...]:
    packs = []
    for line in filter(None, map(str.strip, text.splitlines())):
        unit, _space, size = line.rpartition(" ")
        quantity = whole_in(size, "packs") if unit else None
        if quantity is None:
            raise FieldRefused(
                {"packs": _("Write “%(line)s” as a unit and its size: case 12", line=line)}
            )
        packs.append(Pack(unit.strip(), quantity))
    return tuple(packs)


def _create(uow: UnitOfWork, said: tuple[ProductId, SkuContent]) -> Sku:
    return service.create_sku(uow, *said)


def _change(
    uow: UnitOfWork, sku_id: Any, said: tuple[ProductId, SkuContent], *, expected_version: int
) -> Sku:
    product_id, content = said
    if queries.one(uow, Sku, sku_id).product_id != product_id:
        raise FieldRefused({"product": _("A SKU stays with its product: add a new SKU there.")})
    return service.change_sku(uow, sku_id, content, expected_version=expected_version)


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Sku]:
    return queries.skus(uow, wish.page, wish.only, order=wish.order)


def _facts(uow: UnitOfWork, sku: Sku, root: str) -> Sequence[tuple[str, str]]:
    del root
    packs = ", ".join(
        _("%(pack)s of %(pack_2)s", pack=pack["unit"], pack_2=pack["quantity"])
        for pack in sku.packs
    )
    return (
        (_("Code"), sku.code),
        (_("Product"), queries.one(uow, Product, sku.product_id).name),
        (_("Counted in"), str(dict(UNITS)[sku.base_unit]).lower()),
        ("GTIN", sku.gtin or ""),
        (_("Weight"), f"{sku.weight_grams} g" if sku.weight_grams else ""),
        (_("Packs"), packs),
    )


def _related(uow: UnitOfWork, sku: Sku, root: str) -> Sequence[Related]:
    product = queries.one(uow, Product, sku.product_id)
    active = sku.is_active
    return (
        Related(
            _("Product"),
            (_("Code"), _("Name")),
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
    add = (_("Offer in a channel"), adding(root, "listings", sku=sku.code))
    nothing = _("Not offered anywhere yet.")
    headings = (_("Channel"), _("Id in the channel"), _("Price"))
    return Related(_("Offered in"), headings, rows, nothing, add if may_add else None)


def _terms(uow: UnitOfWork, sku: Sku, root: str, *, may_add: bool) -> Related:
    found = queries.supplier_items(uow, PageWish(limit=100), state="any", sku_id=sku.id).rows
    suppliers = queries.by_ids(uow, Supplier, (terms.supplier_id for terms in found))
    rows = [
        RelatedRow(
            f"{root}/catalog/supplier-items/{terms.id}",
            (
                suppliers[terms.supplier_id].name,
                str(terms.cost),
                _("%(lead_time_days)s days", lead_time_days=terms.lead_time_days),
                str(terms.minimum_quantity),
            ),
            terms.is_active,
        )
        for terms in found
    ]
    add = (_("Add a supplier"), adding(root, "supplier-items", sku=sku.code))
    nothing = _("Nobody supplies this yet.")
    headings = (_("Supplier"), _("Cost"), _("Arrives within"), _("Least quantity"))
    return Related(_("Supplied by"), headings, rows, nothing, add if may_add else None)


_ABOUT = _(
    "A SKU is what is counted, stored and ordered: one for each size or colour of a product."
)

SKUS = Thing(
    kind="sku",
    path="skus",
    words=Words(
        _("SKU"),
        _("SKUs"),
        _("SKUs"),
        "box",
        _ABOUT,
        retire=_("Take off sale"),
        retire_question=_("Take {code} off sale everywhere? Its stock stays where it is."),
        reinstate=_("Put back on sale"),
    ),
    table=Sku,
    columns=(
        Column("base_unit", _("Counted in"), on_phone=False),
        Column("gtin", "GTIN", on_phone=False),
        Column("weight_grams", _("Weight in grams"), align="end", on_phone=False, at_first=False),
    ),
    cells=lambda sku: (
        cells.text(str(dict(UNITS)[sku.base_unit]).lower()),
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
    edits=("name", "gtin", "weight_grams"),
)
