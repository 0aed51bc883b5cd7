"""What a row would do to the catalog as it stands: asked by the dry run and by the import alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import or_, select

from commerce.catalog.contents import ProductContent, SkuContent
from commerce.catalog.imports.reading import (
    CellFault,
    RowWish,
    product_cells,
    sku_cells,
    wanted_product,
    wanted_sku,
)
from commerce.catalog.products import product_content
from commerce.catalog.rules import product_faults, sku_faults
from commerce.catalog.skus import sku_content
from commerce.catalog.tables import Product, Sku
from kernel.uow import UnitOfWork

Outcome = Literal["create", "change", "unchanged", "bad"]
OUTCOMES: tuple[Outcome, ...] = ("create", "change", "unchanged", "bad")


@dataclass
class KnownProduct:
    """A product as it will be when the rows so far are in; `row` is None where it is yet to be."""

    content: ProductContent
    row: Product | None = None
    is_active: bool = True


@dataclass
class KnownSku:
    """A SKU as it will be when the rows so far are in."""

    content: SkuContent
    product_key: str
    row: Sku | None = None


@dataclass
class Known:
    """What the catalog holds of the things that some rows speak of."""

    products: dict[str, KnownProduct] = field(default_factory=dict)
    skus: dict[str, KnownSku] = field(default_factory=dict)
    gtins: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a row would do: nothing where it has faults; else what product and SKU shall say."""

    wish: RowWish
    outcome: Outcome
    faults: tuple[CellFault, ...] = ()
    product: ProductContent | None = None
    sku: SkuContent | None = None


def look_up(uow: UnitOfWork, wishes: Sequence[RowWish], *, to_change: bool) -> Known:
    """Read what the rows speak of; `to_change` locks it first, in one order for everybody."""
    products = select(Product).where(
        Product.code_key.in_({wish.product_key for wish in wishes if wish.product_key})
    )
    sku_keys = {wish.sku_key for wish in wishes if wish.sku_key}
    gtins = {wanted_sku(wish, None)[0].gtin for wish in wishes if wish.sku_key}
    skus = select(Sku).where(or_(Sku.code_key.in_(sku_keys), Sku.gtin.in_(gtins - {None})))
    if to_change:
        fresh = {"populate_existing": True}
        products = products.order_by(Product.id).with_for_update(key_share=True)
        skus = skus.order_by(Sku.id).with_for_update(key_share=True)
        products = products.execution_options(**fresh)
        skus = skus.execution_options(**fresh)
    known = Known()
    for row in uow.session.scalars(products):
        known.products[row.code_key] = KnownProduct(product_content(row), row, row.is_active)
    _note_skus(uow, known, list(uow.session.scalars(skus)) if sku_keys else [])
    return known


def judge(known: Known, wish: RowWish, also: Sequence[CellFault] = ()) -> Verdict:
    """Decide what a row would do, and note it, so that the rows after it know."""
    product = known.products.get(wish.product_key)
    faults = [*wish.faults, *also]
    said = wanted_product(wish, product.content if product else None)
    faults.extend(product_cells(product_faults(said)))
    sku, sku_said = known.skus.get(wish.sku_key), None
    if wish.sku_key and not faults:
        sku_said, unread = wanted_sku(wish, sku.content if sku else None)
        faults.extend(unread or sku_cells(sku_faults(sku_said)))
        faults.extend(_clashes(known, wish, sku_said))
    if faults:
        return Verdict(wish, "bad", tuple(faults))
    is_new = product is None or (sku_said is not None and sku is None)
    is_same = product is not None and said == product.content
    is_same = is_same and (sku_said is None or (sku is not None and sku_said == sku.content))
    _note(known, wish, said, sku_said)
    outcome: Outcome = "create" if is_new else "unchanged" if is_same else "change"
    return Verdict(wish, outcome, (), said, sku_said)


def _clashes(known: Known, wish: RowWish, said: SkuContent) -> list[CellFault]:
    sku, product = known.skus.get(wish.sku_key), known.products.get(wish.product_key)
    if sku is not None and sku.product_key != wish.product_key:
        told = "This SKU belongs to another product: choose another SKU code."
        return [CellFault("sku_code", "import.other_product", told)]
    if sku is not None and said.base_unit != sku.content.base_unit:
        told = f"This SKU is counted in {sku.content.base_unit}, and that never changes."
        return [CellFault("base_unit", "catalog.base_unit_fixed", told)]
    if sku is None and product is not None and not product.is_active:
        told = "This product is out of use: bring it back before you add a SKU."
        return [CellFault("code", "catalog.retired", told)]
    if said.gtin is not None and known.gtins.get(said.gtin, wish.sku_key) != wish.sku_key:
        told = "This GTIN belongs to another SKU."
        return [CellFault("gtin", "catalog.gtin_taken", told)]
    return []


def _note(known: Known, wish: RowWish, said: ProductContent, sku_said: SkuContent | None) -> None:
    product = known.products.setdefault(wish.product_key, KnownProduct(said))
    product.content = said
    if sku_said is not None:
        sku = known.skus.setdefault(wish.sku_key, KnownSku(sku_said, wish.product_key))
        if sku.content.gtin is not None:
            known.gtins.pop(sku.content.gtin, None)
        sku.content = sku_said
        if sku_said.gtin is not None:
            known.gtins[sku_said.gtin] = wish.sku_key


def _note_skus(uow: UnitOfWork, known: Known, rows: Sequence[Sku]) -> None:
    keys = {each.row.id: key for key, each in known.products.items() if each.row is not None}
    others = {row.product_id for row in rows} - set(keys)
    if others:
        statement = select(Product.id, Product.code_key).where(Product.id.in_(others))
        keys |= {each.id: each.code_key for each in uow.session.execute(statement)}
    for row in rows:
        known.skus[row.code_key] = KnownSku(sku_content(row), keys[row.product_id], row)
        if row.gtin is not None:
            known.gtins[row.gtin] = row.code_key
