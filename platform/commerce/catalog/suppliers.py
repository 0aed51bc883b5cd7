"""The verbs of suppliers."""

from typing import Any

from commerce.catalog import access, events
from commerce.catalog.contents import SupplierContent
from commerce.catalog.errors import CodeTaken
from commerce.catalog.folding import fold
from commerce.catalog.retirement import reinstate, retire
from commerce.catalog.rules import insist, supplier_faults
from commerce.catalog.supply_tables import Supplier
from commerce.ids import PREFIXES, SupplierId
from commerce.rows import flush_or_refuse, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def create_supplier(uow: UnitOfWork, content: SupplierContent) -> Supplier:
    """Add a supplier. Raises Invalid with every fault, or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(supplier_faults(content))
    supplier = Supplier(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["supplier"]),
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(supplier)
    uow.emit(events.SupplierCreated(supplier.id, supplier.code))
    _flush(uow, supplier)
    uow.record("catalog.create_supplier", Subject("supplier", supplier.id, supplier.version))
    return supplier


def change_supplier(
    uow: UnitOfWork,
    supplier_id: SupplierId,
    content: SupplierContent,
    *,
    expected_version: int | None = None,
) -> Supplier:
    """Make a supplier say this; raises NotFound, StaleWrite, Invalid or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(supplier_faults(content))
    supplier = locked(uow, Supplier, "supplier", supplier_id)
    must_be_version(supplier, expected_version)
    changed = write(supplier, _columns(content))
    if changed:
        uow.emit(events.SupplierChanged(supplier.id, supplier.code, changed))
        _flush(uow, supplier)
        uow.record("catalog.change_supplier", Subject("supplier", supplier.id, supplier.version))
    return supplier


def retire_supplier(
    uow: UnitOfWork, supplier_id: SupplierId, *, expected_version: int | None = None
) -> Supplier:
    """Order nothing more from a supplier; what is on order stays so. Twice is once."""
    uow.actor.must(access.WRITE)
    supplier = locked(uow, Supplier, "supplier", supplier_id)
    must_be_version(supplier, expected_version)
    retire(uow, supplier, "supplier", events.SupplierRetired(supplier.id, supplier.code))
    return supplier


def reinstate_supplier(
    uow: UnitOfWork, supplier_id: SupplierId, *, expected_version: int | None = None
) -> Supplier:
    """Order from a retired supplier again; twice is once."""
    uow.actor.must(access.WRITE)
    supplier = locked(uow, Supplier, "supplier", supplier_id)
    must_be_version(supplier, expected_version)
    reinstate(uow, supplier, "supplier", events.SupplierReinstated(supplier.id, supplier.code))
    return supplier


def supplier_content(supplier: Supplier) -> SupplierContent:
    """Return what a supplier says: what forms and merge patches start from."""
    return SupplierContent(
        supplier.code, supplier.name, supplier.country, supplier.currency, supplier.email
    )


def _columns(content: SupplierContent) -> dict[str, Any]:
    return {
        "code": content.code,
        "code_key": fold(content.code),
        "name": content.name,
        "name_key": fold(content.name),
        "country": content.country,
        "currency": content.currency,
        "email": content.email,
    }


def _flush(uow: UnitOfWork, supplier: Supplier) -> None:
    taken = CodeTaken("supplier", supplier.code)
    flush_or_refuse(uow, {"uq_supplier_tenant_id_code_key": taken})
