"""Products: how their pages read."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

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
from commerce.catalog.contents import ProductContent
from commerce.catalog.queries import Filter
from commerce.catalog.tables import Product
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow, root
    return (
        FormField("code", _("Code"), hint=_("Yours alone, such as MUG.")),
        FormField("name", _("Name"), hint=_("As customers read it.")),
        FormField("category", _("Category"), is_required=False),
        FormField("description", _("Description"), "text", is_required=False),
    )


def _values(uow: UnitOfWork, product: Product) -> dict[str, object]:
    del uow
    return {
        "code": product.code,
        "name": product.name,
        "category": product.category,
        "description": product.description,
    }


def _read(uow: UnitOfWork, form: MultiDict[str, str]) -> ProductContent:
    del uow
    return ProductContent(
        form.get("code", "").strip(),
        form.get("name", "").strip(),
        form.get("category", "").strip() or None,
        form.get("description", "").replace("\r\n", "\n").strip(),
    )


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Product]:
    category = wish.filters.get("category")
    return queries.products(uow, wish.page, wish.only, order=wish.order, category=category)


def _facts(uow: UnitOfWork, product: Product, root: str) -> Sequence[tuple[str, str]]:
    del uow, root
    return (
        (_("Code"), product.code),
        (_("Category"), product.category or ""),
        (_("Description"), product.description),
    )


def _related(uow: UnitOfWork, product: Product, root: str) -> Sequence[Related]:
    some = PageWish(limit=100)
    found = queries.skus(uow, some, Filter(state="any"), order="code", product_id=product.id)
    rows = [
        RelatedRow(
            f"{root}/catalog/skus/{sku.id}",
            (sku.code, sku.name, sku.base_unit, sku.gtin or "–"),
            sku.is_active,
        )
        for sku in found.rows
    ]
    add = (_("Add a SKU"), adding(root, "skus", product=product.code))
    nothing = _("No SKU yet. A SKU is what is counted: one for each size or colour.")
    headings = (_("Code"), _("Name"), _("Counted in"), "GTIN")
    return (Related(_("SKUs"), headings, rows, nothing, add if product.is_active else None),)


PRODUCTS = Thing(
    kind="product",
    path="products",
    words=Words(
        _("product"),
        _("products"),
        _("Products"),
        "tag",
        _("Products are what you sell, as customers see them; sizes and colours are their SKUs."),
        retire=_("Take off sale"),
        retire_question=_("Take {code} off sale, with all its SKUs?"),
        reinstate=_("Put back on sale"),
    ),
    table=Product,
    columns=(Column("category", _("Category"), on_phone=False),),
    cells=lambda product: (cells.text(product.category),),
    fields=_fields,
    values=_values,
    read=_read,
    listed=_listed,
    facts=_facts,
    related=_related,
    create=service.create_product,
    change=service.change_product,
    retire=service.retire_product,
    reinstate=service.reinstate_product,
    edits=("name", "category"),
)
