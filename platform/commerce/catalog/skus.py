"""The verbs of SKUs. A product is held before a SKU is added to it; a SKU never changes product."""

from typing import Any

from sqlalchemy import select

from commerce.catalog import access, events
from commerce.catalog.contents import Pack, SkuContent
from commerce.catalog.errors import BaseUnitFixed, CodeTaken, GtinTaken
from commerce.catalog.folding import fold
from commerce.catalog.retirement import must_be_active, reinstate, retire
from commerce.catalog.rules import insist, sku_faults
from commerce.catalog.tables import Product, Sku
from commerce.ids import PREFIXES, ProductId, SkuId
from commerce.rows import flush_or_refuse, held, locked, must_be_version, write
from kernel.audit import Subject
from kernel.quotas import Quota, admit, counted, declare
from kernel.uow import UnitOfWork


def _count(uow: UnitOfWork, up_to: int) -> int:
    return counted(uow, select(Sku.id), up_to)


SKUS = declare(
    Quota("skus", "SKUs", 1_000_000, "Ask the operator of this service for a larger plan.", _count)
)


def create_sku(uow: UnitOfWork, product_id: ProductId, content: SkuContent) -> Sku:
    """Add a SKU to an active product. Raises Invalid, NotFound, Retired, CodeTaken, GtinTaken."""
    return add_sku(uow, held(uow, Product, "product", product_id), content)


def add_sku(uow: UnitOfWork, product: Product, content: SkuContent) -> Sku:
    """Add a SKU to a product that this transaction holds, has locked or has made."""
    uow.actor.must(access.WRITE)
    insist(sku_faults(content))
    must_be_active(product, "product")
    admit(uow, SKUS)
    sku = Sku(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["sku"]),
        product_id=product.id,
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(sku)
    uow.emit(events.SkuCreated(sku.id, sku.product_id, sku.code))
    _flush(uow, sku)
    uow.record("catalog.create_sku", Subject("sku", sku.id, sku.version))
    return sku


def change_sku(
    uow: UnitOfWork, sku_id: SkuId, content: SkuContent, *, expected_version: int | None = None
) -> Sku:
    """Make a SKU say this; saying what it says already changes and records nothing.

    Raises NotFound, StaleWrite, Invalid, CodeTaken, GtinTaken, or BaseUnitFixed.
    """
    uow.actor.must(access.WRITE)
    insist(sku_faults(content))
    sku = locked(uow, Sku, "sku", sku_id)
    must_be_version(sku, expected_version)
    if content.base_unit != sku.base_unit:
        raise BaseUnitFixed(sku.id, sku.base_unit)
    changed = write(sku, _columns(content))
    if changed:
        uow.emit(events.SkuChanged(sku.id, sku.product_id, sku.code, changed))
        _flush(uow, sku)
        uow.record("catalog.change_sku", Subject("sku", sku.id, sku.version))
    return sku


def retire_sku(uow: UnitOfWork, sku_id: SkuId, *, expected_version: int | None = None) -> Sku:
    """Take a SKU off sale everywhere; stock that is left stays where it is. Twice is once."""
    uow.actor.must(access.WRITE)
    sku = locked(uow, Sku, "sku", sku_id)
    must_be_version(sku, expected_version)
    retire(uow, sku, "sku", events.SkuRetired(sku.id, sku.product_id, sku.code))
    return sku


def reinstate_sku(uow: UnitOfWork, sku_id: SkuId, *, expected_version: int | None = None) -> Sku:
    """Put a retired SKU back on sale; twice is once."""
    uow.actor.must(access.WRITE)
    sku = locked(uow, Sku, "sku", sku_id)
    must_be_version(sku, expected_version)
    reinstate(uow, sku, "sku", events.SkuReinstated(sku.id, sku.product_id, sku.code))
    return sku


def sku_content(sku: Sku) -> SkuContent:
    """Return what a SKU says: what forms and merge patches start from."""
    packs = tuple(Pack(pack["unit"], pack["quantity"]) for pack in sku.packs)
    return SkuContent(sku.code, sku.name, sku.base_unit, sku.gtin, sku.weight_grams, packs)


def _columns(content: SkuContent) -> dict[str, Any]:
    return {
        "code": content.code,
        "code_key": fold(content.code),
        "name": content.name,
        "name_key": fold(content.name),
        "base_unit": content.base_unit,
        "gtin": content.gtin,
        "weight_grams": content.weight_grams,
        "packs": [{"unit": pack.unit, "quantity": pack.quantity} for pack in content.packs],
    }


def _flush(uow: UnitOfWork, sku: Sku) -> None:
    flush_or_refuse(
        uow,
        {
            "uq_sku_tenant_id_code_key": CodeTaken("sku", sku.code),
            "uq_sku_tenant_id_gtin": GtinTaken(sku.gtin or ""),
        },
    )
