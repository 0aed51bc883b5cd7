"""Suppliers: how their pages read."""

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
from commerce.catalog.contents import SupplierContent
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.tables import Sku
from commerce.keyset import PageWish, Slice
from kernel.uow import UnitOfWork


def _fields(uow: UnitOfWork, root: str) -> Sequence[FormField]:
    del uow, root
    return (
        FormField("code", _("Code"), hint=_("Yours alone, such as POTTERY.")),
        FormField("name", _("Name")),
        FormField("country", _("Country"), hint=_("Two letters, such as NL.")),
        FormField(
            "currency", _("Currency"), hint=_("What they invoice in: three letters, such as EUR.")
        ),
        FormField("email", _("E-mail for orders"), is_required=False),
    )


def _values(uow: UnitOfWork, supplier: Supplier) -> dict[str, object]:
    del uow
    return {
        "code": supplier.code,
        "name": supplier.name,
        "country": supplier.country,
        "currency": supplier.currency,
        "email": supplier.email,
    }


def _read(uow: UnitOfWork, form: MultiDict[str, str]) -> SupplierContent:
    del uow
    return SupplierContent(
        form.get("code", "").strip(),
        form.get("name", "").strip(),
        form.get("country", "").strip().upper(),
        form.get("currency", "").strip().upper(),
        form.get("email", "").strip() or None,
    )


def _listed(uow: UnitOfWork, wish: ListWish) -> Slice[Supplier]:
    return queries.suppliers(uow, wish.page, wish.only, order=wish.order)


def _facts(uow: UnitOfWork, supplier: Supplier, root: str) -> Sequence[tuple[str, str]]:
    del uow, root
    return (
        (_("Code"), supplier.code),
        (_("Country"), supplier.country),
        (_("Currency"), supplier.currency),
        (_("E-mail for orders"), supplier.email or ""),
    )


def _related(uow: UnitOfWork, supplier: Supplier, root: str) -> Sequence[Related]:
    some = PageWish(limit=100)
    found = queries.supplier_items(uow, some, state="any", supplier_id=supplier.id).rows
    skus = queries.by_ids(uow, Sku, (terms.sku_id for terms in found))
    rows = [
        RelatedRow(
            f"{root}/catalog/supplier-items/{terms.id}",
            (
                skus[terms.sku_id].code,
                skus[terms.sku_id].name,
                str(terms.cost),
                _("%(lead_time_days)s days", lead_time_days=terms.lead_time_days),
            ),
            terms.is_active,
        )
        for terms in found
    ]
    add = (_("Add a SKU"), adding(root, "supplier-items", supplier=supplier.code))
    nothing = _("Nothing is bought here yet.")
    headings = (_("SKU"), _("Name"), _("Cost"), _("Arrives within"))
    return (Related(_("Supplies"), headings, rows, nothing, add if supplier.is_active else None),)


SUPPLIERS = Thing(
    kind="supplier",
    path="suppliers",
    words=Words(
        _("supplier"),
        _("suppliers"),
        _("Suppliers"),
        "truck",
        _("Suppliers are whom you buy from: their terms decide cost and lead time of your orders."),
        retire=_("Order no more"),
        retire_question=_("Order nothing more from {code}?"),
        reinstate=_("Order again"),
    ),
    table=Supplier,
    columns=(
        Column("country", _("Country"), on_phone=False),
        Column("currency", _("Currency"), on_phone=False),
    ),
    cells=lambda supplier: (cells.text(supplier.country), cells.text(supplier.currency)),
    fields=_fields,
    values=_values,
    read=_read,
    listed=_listed,
    facts=_facts,
    related=_related,
    create=service.create_supplier,
    change=service.change_supplier,
    retire=service.retire_supplier,
    reinstate=service.reinstate_supplier,
)
