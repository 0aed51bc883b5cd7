"""A supplier's terms for a SKU: how their form reads."""

from collections.abc import Sequence

from builder_ui.portal.catalog.forms import FieldRefused, code_in
from builder_ui.portal.catalog.listing_pages import money_in
from builder_ui.portal.catalog.offers import Form, Offer
from builder_ui.portal.catalog.sku_pages import whole_in
from builder_ui.portal.catalog.things import FormField
from builder_ui.shell.words import _
from commerce.catalog import queries, service
from commerce.catalog.contents import SupplierItemContent
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Sku
from commerce.ids import SkuId, SupplierId, SupplierItemId
from kernel.uow import UnitOfWork


def _fields(uow: UnitOfWork, root: str, is_new: bool) -> Sequence[FormField]:
    del uow
    catalog = f"{root}/catalog/suggestions"
    pair = (
        FormField(
            "sku", _("SKU"), "code", _("Type the beginning of a name."), source=f"{catalog}/skus"
        ),
        FormField(
            "supplier",
            _("Supplier"),
            "code",
            _("Type the beginning of a name."),
            source=f"{catalog}/suppliers",
        ),
    )
    own = (
        FormField("cost", _("Cost"), "decimal", _("In the supplier's currency, such as 4.20.")),
        FormField(
            "cost_quantity",
            _("Cost for"),
            "decimal",
            _("So many base units, such as 1000 for a cost of 1000 g."),
            is_required=False,
        ),
        FormField("lead_time_days", _("Arrives within"), "decimal", _("Days after the order.")),
        FormField("minimum_quantity", _("Least quantity"), "decimal", is_required=False),
        FormField("multiple_quantity", _("In multiples of"), "decimal", is_required=False),
        FormField(
            "rank", _("Rank"), "decimal", _("The supplier of the lowest is asked first."), False
        ),
        FormField("supplier_code", _("Code at the supplier"), is_required=False),
    )
    return (*pair, *own) if is_new else own


def _content(form: Form, currency: str) -> SupplierItemContent:
    days = whole_in(form.get("lead_time_days", ""), "lead_time_days")
    if days is None:
        raise FieldRefused({"lead_time_days": _("Write how many days an order takes to arrive.")})
    return SupplierItemContent(
        cost=money_in(form, "cost", currency),
        lead_time_days=days,
        cost_quantity=_at_least_one(form, "cost_quantity"),
        minimum_quantity=_at_least_one(form, "minimum_quantity"),
        multiple_quantity=_at_least_one(form, "multiple_quantity"),
        rank=_at_least_one(form, "rank"),
        supplier_code=form.get("supplier_code", "").strip() or None,
    )


def _at_least_one(form: Form, name: str) -> int:
    """Return what was typed; nothing typed is one, and a zero is for the rules to refuse."""
    number = whole_in(form.get(name, ""), name)
    return 1 if number is None else number


def _create(uow: UnitOfWork, form: Form) -> SupplierItem:
    sku = code_in(uow, Sku, form.get("sku", ""), "sku", _("SKU"))
    supplier = code_in(uow, Supplier, form.get("supplier", ""), "supplier", "supplier")
    content = _content(form, queries.one(uow, Supplier, supplier).currency)
    return service.create_supplier_item(uow, SupplierId(supplier), SkuId(sku), content)


def _change(uow: UnitOfWork, identity: str, form: Form, version: int | None) -> SupplierItem:
    terms = queries.one(uow, SupplierItem, identity)
    content = _content(form, terms.cost_currency)
    return service.change_supplier_item(
        uow, SupplierItemId(identity), content, expected_version=version
    )


def _values(terms: SupplierItem) -> dict[str, object]:
    return {
        "cost": terms.cost.amount,
        "cost_quantity": terms.cost_quantity,
        "lead_time_days": terms.lead_time_days,
        "minimum_quantity": terms.minimum_quantity,
        "multiple_quantity": terms.multiple_quantity,
        "rank": terms.rank,
        "supplier_code": terms.supplier_code,
    }


def _facts(uow: UnitOfWork, terms: SupplierItem) -> Sequence[tuple[str, str]]:
    supplier = queries.one(uow, Supplier, terms.supplier_id)
    return ((_("Supplier"), supplier.name), (_("Currency"), terms.cost_currency))


TERMS = Offer(
    kind="supplier_item",
    path="supplier-items",
    add=_("Add a supplier of a SKU"),
    change_title=_("Change terms"),
    retire_words=_("Order no more on these terms"),
    reinstate_words=_("Order on these terms again"),
    table=SupplierItem,
    fields=_fields,
    values=_values,
    facts=_facts,
    create=_create,
    change=_change,
    retire=service.retire_supplier_item,
    reinstate=service.reinstate_supplier_item,
)
