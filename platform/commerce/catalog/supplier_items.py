"""The verbs of supplier items: on what terms a supplier sells a SKU.

SKU and supplier are held, in this order, before terms are added.
"""

from typing import Any

from commerce.catalog import access, events
from commerce.catalog.contents import SupplierItemContent
from commerce.catalog.errors import AlreadySupplied
from commerce.catalog.retirement import must_be_active, reinstate, retire
from commerce.catalog.rules import insist, supplier_item_faults
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Sku
from commerce.ids import PREFIXES, SkuId, SupplierId, SupplierItemId
from commerce.rows import flush_or_refuse, held, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def create_supplier_item(
    uow: UnitOfWork, supplier_id: SupplierId, sku_id: SkuId, content: SupplierItemContent
) -> SupplierItem:
    """Note on what terms an active supplier sells an active SKU.

    Raises Invalid, NotFound, Retired or AlreadySupplied.
    """
    uow.actor.must(access.WRITE)
    insist(supplier_item_faults(content))
    must_be_active(held(uow, Sku, "sku", sku_id), "sku")
    must_be_active(held(uow, Supplier, "supplier", supplier_id), "supplier")
    terms = SupplierItem(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["supplier_item"]),
        supplier_id=supplier_id,
        sku_id=sku_id,
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(terms)
    uow.emit(events.SupplierItemCreated(terms.id, supplier_id, sku_id))
    taken = AlreadySupplied(supplier_id, sku_id)
    flush_or_refuse(uow, {"uq_supplier_item_tenant_id_supplier_id_sku_id": taken})
    uow.record("catalog.create_supplier_item", Subject("supplier_item", terms.id, terms.version))
    return terms


def change_supplier_item(
    uow: UnitOfWork,
    supplier_item_id: SupplierItemId,
    content: SupplierItemContent,
    *,
    expected_version: int | None = None,
) -> SupplierItem:
    """Change a supplier's terms for a SKU; raises NotFound, StaleWrite or Invalid."""
    uow.actor.must(access.WRITE)
    insist(supplier_item_faults(content))
    terms = locked(uow, SupplierItem, "supplier_item", supplier_item_id)
    must_be_version(terms, expected_version)
    changed = write(terms, _columns(content))
    if changed:
        uow.emit(events.SupplierItemChanged(terms.id, terms.supplier_id, terms.sku_id, changed))
        uow.session.flush()
        subject = Subject("supplier_item", terms.id, terms.version)
        uow.record("catalog.change_supplier_item", subject)
    return terms


def retire_supplier_item(
    uow: UnitOfWork, supplier_item_id: SupplierItemId, *, expected_version: int | None = None
) -> SupplierItem:
    """Order a SKU no more on these terms; twice is once."""
    uow.actor.must(access.WRITE)
    terms = locked(uow, SupplierItem, "supplier_item", supplier_item_id)
    must_be_version(terms, expected_version)
    told = events.SupplierItemRetired(terms.id, terms.supplier_id, terms.sku_id)
    retire(uow, terms, "supplier_item", told)
    return terms


def reinstate_supplier_item(
    uow: UnitOfWork, supplier_item_id: SupplierItemId, *, expected_version: int | None = None
) -> SupplierItem:
    """Order on retired terms again; twice is once."""
    uow.actor.must(access.WRITE)
    terms = locked(uow, SupplierItem, "supplier_item", supplier_item_id)
    must_be_version(terms, expected_version)
    told = events.SupplierItemReinstated(terms.id, terms.supplier_id, terms.sku_id)
    reinstate(uow, terms, "supplier_item", told)
    return terms


def supplier_item_content(terms: SupplierItem) -> SupplierItemContent:
    """Return what the terms say: what forms and merge patches start from."""
    return SupplierItemContent(
        terms.cost,
        terms.lead_time_days,
        terms.cost_quantity,
        terms.minimum_quantity,
        terms.multiple_quantity,
        terms.rank,
        terms.supplier_code,
    )


def _columns(content: SupplierItemContent) -> dict[str, Any]:
    return {
        "cost_minor": content.cost.minor,
        "cost_currency": content.cost.currency,
        "cost_quantity": content.cost_quantity,
        "lead_time_days": content.lead_time_days,
        "minimum_quantity": content.minimum_quantity,
        "multiple_quantity": content.multiple_quantity,
        "rank": content.rank,
        "supplier_code": content.supplier_code,
    }
