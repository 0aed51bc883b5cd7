"""Reads of the catalog: lists in a stable order with closed filters, and rows by id or code.

Nothing here asks for a permission: pages and routes ask for `catalog:read`, other departments
read what their own verbs need.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from commerce.catalog.folding import fold
from commerce.catalog.network_tables import Channel, ChannelListing, Node
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Product, Sku
from commerce.ids import ChannelId, ProductId, SkuId, SupplierId
from commerce.keyset import PageWish, Slice, begins_with, keyset_slice
from kernel.db import among, prepared
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

State = Literal["active", "retired", "any"]
Order = Literal["created", "code", "name"]

Thing = TypeVar("Thing", Product, Sku, Supplier, Node, Channel)
Row = TypeVar("Row", Product, Sku, Supplier, SupplierItem, Node, Channel, ChannelListing)
Coded = TypeVar("Coded", Product, Sku, Supplier, Node, Channel)

KINDS: dict[type[Any], str] = {
    Product: "product",
    Sku: "sku",
    Supplier: "supplier",
    SupplierItem: "supplier_item",
    Node: "node",
    Channel: "channel",
    ChannelListing: "listing",
}


@dataclass(frozen=True)
class Filter:
    """Which things: code or name begins so (whatever case and accents), in use or not."""

    begins_with: str = ""
    state: State = "active"


def products(
    uow: UnitOfWork,
    wish: PageWish,
    only: Filter | None = None,
    *,
    order: Order = "created",
    category: str | None = None,
) -> Slice[Product]:
    """List products, of one category where one is named."""
    statement = select(Product)
    if category is not None:
        statement = statement.where(Product.category == category)
    return _listed(uow, statement, Product, wish, only, order)


def skus(
    uow: UnitOfWork,
    wish: PageWish,
    only: Filter | None = None,
    *,
    order: Order = "created",
    product_id: ProductId | None = None,
) -> Slice[Sku]:
    """List SKUs, of one product where one is named."""
    statement = select(Sku)
    if product_id is not None:
        statement = statement.where(Sku.product_id == product_id)
    return _listed(uow, statement, Sku, wish, only, order)


def suppliers(
    uow: UnitOfWork, wish: PageWish, only: Filter | None = None, *, order: Order = "created"
) -> Slice[Supplier]:
    """List suppliers."""
    return _listed(uow, select(Supplier), Supplier, wish, only, order)


def nodes(
    uow: UnitOfWork,
    wish: PageWish,
    only: Filter | None = None,
    *,
    order: Order = "created",
    kind: str | None = None,
) -> Slice[Node]:
    """List nodes, of one kind where one is named."""
    statement = select(Node)
    if kind is not None:
        statement = statement.where(Node.kind == kind)
    return _listed(uow, statement, Node, wish, only, order)


def channels(
    uow: UnitOfWork, wish: PageWish, only: Filter | None = None, *, order: Order = "created"
) -> Slice[Channel]:
    """List channels."""
    return _listed(uow, select(Channel), Channel, wish, only, order)


def supplier_items(
    uow: UnitOfWork,
    wish: PageWish,
    *,
    state: State = "active",
    supplier_id: SupplierId | None = None,
    sku_id: SkuId | None = None,
) -> Slice[SupplierItem]:
    """List terms, of one supplier or for one SKU where named, in the order they were added."""
    statement = _in_state(select(SupplierItem), SupplierItem.retired_at, state)
    if supplier_id is not None:
        statement = statement.where(SupplierItem.supplier_id == supplier_id)
    if sku_id is not None:
        statement = statement.where(SupplierItem.sku_id == sku_id)
    return keyset_slice(uow, statement, [SupplierItem.id], wish)


def listings(
    uow: UnitOfWork,
    wish: PageWish,
    *,
    state: State = "active",
    channel_id: ChannelId | None = None,
    sku_id: SkuId | None = None,
) -> Slice[ChannelListing]:
    """List listings, of one channel or SKU where named, in the order they were added."""
    statement = _in_state(select(ChannelListing), ChannelListing.retired_at, state)
    if channel_id is not None:
        statement = statement.where(ChannelListing.channel_id == channel_id)
    if sku_id is not None:
        statement = statement.where(ChannelListing.sku_id == sku_id)
    return keyset_slice(uow, statement, [ChannelListing.id], wish)


def one(uow: UnitOfWork, table: type[Row], identity: str) -> Row:
    """Return one thing by id, in use or not; NotFound where this tenant has none."""
    row = uow.session.get(table, (uow.tenant_id, identity))
    if row is None:
        raise NotFound(KINDS[table], identity)
    return row


def by_code(uow: UnitOfWork, table: type[Coded], code: str) -> Coded:
    """Return the thing with this code, whatever its case; NotFound where there is none."""
    found = by_codes(uow, table, [code])
    if not found:
        raise NotFound(KINDS[table], code)
    return found[fold(code)]


def by_codes(uow: UnitOfWork, table: type[Coded], codes: Iterable[str]) -> dict[str, Coded]:
    """Return the things that have one of these codes, by folded code; missing ones are left out."""
    keys = {fold(code) for code in codes}
    rows = uow.session.scalars(_with_codes(table), {"keys": sorted(keys)})
    return {row.code_key: row for row in rows}


def by_ids(uow: UnitOfWork, table: type[Row], ids: Iterable[str]) -> dict[str, Row]:
    """Return the things that have one of these ids, by id; missing ones are left out."""
    rows = uow.session.scalars(_with_ids(table), {"ids": sorted(set(ids))})
    return {row.id: row for row in rows}


@cache
def _with_codes(table: type[Coded]) -> Select[Coded]:
    return prepared(select(table).where(among(table.code_key, "keys")))


@cache
def _with_ids(table: type[Row]) -> Select[Row]:
    return prepared(select(table).where(among(table.id, "ids")))


_ACTIVE_NODES = prepared(select(Node).where(Node.retired_at.is_(None)).order_by(Node.id))
_TERMS = prepared(
    select(SupplierItem)
    .join(Supplier, Supplier.id == SupplierItem.supplier_id)
    .where(
        among(SupplierItem.sku_id, "sku_ids"),
        SupplierItem.retired_at.is_(None),
        Supplier.retired_at.is_(None),
    )
    .order_by(SupplierItem.sku_id, SupplierItem.rank, SupplierItem.id)
)


def terms_for(uow: UnitOfWork, sku_ids: Iterable[SkuId]) -> dict[SkuId, list[SupplierItem]]:
    """Return the active terms of active suppliers for each SKU, the one to ask first in front."""
    terms: dict[SkuId, list[SupplierItem]] = {}
    for row in uow.session.scalars(_TERMS, {"sku_ids": sorted(set(sku_ids))}):
        terms.setdefault(row.sku_id, []).append(row)
    return terms


def offers(
    uow: UnitOfWork, channel_id: ChannelId, external_ids: Iterable[str]
) -> dict[str, ChannelListing]:
    """Return what a channel sells under these ids: listing, SKU, product and channel in use."""
    statement = (
        select(ChannelListing)
        .join(Sku, Sku.id == ChannelListing.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .join(Channel, Channel.id == ChannelListing.channel_id)
        .where(
            ChannelListing.channel_id == channel_id,
            ChannelListing.external_id.in_(set(external_ids)),
            ChannelListing.retired_at.is_(None),
            Sku.retired_at.is_(None),
            Product.retired_at.is_(None),
            Channel.retired_at.is_(None),
        )
    )
    return {row.external_id: row for row in uow.session.scalars(statement)}


def active_nodes(uow: UnitOfWork, fulfilment_type: str | None = None) -> Sequence[Node]:
    """Return every node in use, those that do this for orders where a type is named, by id."""
    found = uow.session.scalars(_ACTIVE_NODES)
    return [
        node for node in found if fulfilment_type in (None, *node.fulfilment_types)
    ]  # A tenant has tens or hundreds of nodes, and routing wants all of them.


def _listed(
    uow: UnitOfWork,
    statement: Select[Thing],
    table: type[Thing],
    wish: PageWish,
    only: Filter | None,
    order: Order,
) -> Slice[Thing]:
    only = only or Filter()
    statement = _in_state(statement, table.retired_at, only.state)
    prefix = fold(only.begins_with)
    if prefix:
        statement = statement.where(
            or_(begins_with(table.code_key, prefix), begins_with(table.name_key, prefix))
        )
    columns: dict[Order, list[InstrumentedAttribute[Any]]] = {
        "created": [table.id],
        "code": [table.code_key],
        "name": [table.name_key, table.id],
    }
    return keyset_slice(uow, statement, columns[order], wish)


def _in_state(
    statement: Select[Row], retired_at: InstrumentedAttribute[Any], state: State
) -> Select[Row]:
    if state == "any":
        return statement
    return statement.where(retired_at.is_(None) if state == "active" else retired_at.is_not(None))
