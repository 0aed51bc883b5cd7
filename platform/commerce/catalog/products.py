"""The verbs of products: lock, compare, decide, write, tell, record.

Retiring a product says nothing of its SKUs: a SKU is for sale only while its product is, too.
"""

from typing import Any

from commerce.catalog import access, events
from commerce.catalog.contents import ProductContent
from commerce.catalog.errors import CodeTaken
from commerce.catalog.folding import fold
from commerce.catalog.retirement import reinstate, retire
from commerce.catalog.rules import insist, product_faults
from commerce.catalog.tables import Product
from commerce.ids import PREFIXES, ProductId
from commerce.rows import flush_or_refuse, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def create_product(uow: UnitOfWork, content: ProductContent) -> Product:
    """Add a product. Raises Invalid with every fault, or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(product_faults(content))
    product = Product(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["product"]),
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(product)
    uow.emit(events.ProductCreated(product.id, product.code))
    _flush(uow, product)
    uow.record("catalog.create_product", Subject("product", product.id, product.version))
    return product


def change_product(
    uow: UnitOfWork,
    product_id: ProductId,
    content: ProductContent,
    *,
    expected_version: int | None = None,
) -> Product:
    """Make a product say this; saying what it says already changes and records nothing.

    Raises NotFound, StaleWrite, Invalid or CodeTaken.
    """
    uow.actor.must(access.WRITE)
    insist(product_faults(content))
    product = locked(uow, Product, "product", product_id)
    must_be_version(product, expected_version)
    changed = write(product, _columns(content))
    if changed:
        uow.emit(events.ProductChanged(product.id, product.code, changed))
        _flush(uow, product)
        uow.record("catalog.change_product", Subject("product", product.id, product.version))
    return product


def retire_product(
    uow: UnitOfWork, product_id: ProductId, *, expected_version: int | None = None
) -> Product:
    """Take a product off sale with all its SKUs; twice is once."""
    uow.actor.must(access.WRITE)
    product = locked(uow, Product, "product", product_id)
    must_be_version(product, expected_version)
    retire(uow, product, "product", events.ProductRetired(product.id, product.code))
    return product


def reinstate_product(
    uow: UnitOfWork, product_id: ProductId, *, expected_version: int | None = None
) -> Product:
    """Put a retired product back on sale; twice is once."""
    uow.actor.must(access.WRITE)
    product = locked(uow, Product, "product", product_id)
    must_be_version(product, expected_version)
    reinstate(uow, product, "product", events.ProductReinstated(product.id, product.code))
    return product


def product_content(product: Product) -> ProductContent:
    """Return what a product says: what forms and merge patches start from."""
    return ProductContent(product.code, product.name, product.category, product.description)


def _columns(content: ProductContent) -> dict[str, Any]:
    return {
        "code": content.code,
        "code_key": fold(content.code),
        "name": content.name,
        "name_key": fold(content.name),
        "category": content.category,
        "description": content.description,
    }


def _flush(uow: UnitOfWork, product: Product) -> None:
    taken = CodeTaken("product", product.code)
    flush_or_refuse(uow, {"uq_product_tenant_id_code_key": taken})
