"""A merchant's things for tests: each builder says only what the test is about."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from commerce.catalog import service
from commerce.catalog.contents import (
    ChannelContent,
    ListingContent,
    NodeContent,
    ProductContent,
    SkuContent,
    SupplierContent,
    SupplierItemContent,
)
from commerce.catalog.network_tables import Channel, ChannelListing, Node
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Product, Sku
from kernel.access import Actor, Permission
from kernel.ids import ActorId
from kernel.money import Money
from kernel.uow import UnitOfWork

CATALOG = frozenset({Permission("catalog:read"), Permission("catalog:write")})
ANA = Actor(ActorId("mem_ana"), "member", "Ana", CATALOG)
BEN = Actor(ActorId("mem_ben"), "member", "Ben", frozenset({Permission("catalog:read")}))

MUG = ProductContent("MUG", "Coffee mug", "Kitchen")
LAMP = ProductContent("LAMP", "Desk lamp", "Office")
MUG_BLUE = SkuContent("MUG-BLUE", "Coffee mug, blue")
POTTERY = SupplierContent("POTTERY", "Potters of Delft", "NL", "EUR")
BERLIN = NodeContent(
    "BERLIN", "Warehouse Berlin", "warehouse", "DE", Decimal("52.520008"), Decimal("13.404954")
)
OSLO = NodeContent(
    "OSLO", "Store Oslo", "store", "NO", Decimal("59.913868"), Decimal("10.752245"),
    fulfilment_types=("ship", "collect"),
)  # fmt: skip
SHOP = ChannelContent("SHOP", "Our own shop", "own_site", "EUR")


def a_product(uow: UnitOfWork, content: ProductContent = MUG, **said: Any) -> Product:
    """Create a product."""
    return service.create_product(uow, replace(content, **said))


def a_sku(uow: UnitOfWork, content: SkuContent = MUG_BLUE, **said: Any) -> Sku:
    """Create a SKU under a product of its own."""
    content = replace(content, **said)
    product = a_product(uow, code=f"P-{content.code}", name=content.name)
    return service.create_sku(uow, product.id, content)


def a_supplier(uow: UnitOfWork, content: SupplierContent = POTTERY, **said: Any) -> Supplier:
    """Create a supplier."""
    return service.create_supplier(uow, replace(content, **said))


def terms(
    uow: UnitOfWork, supplier: Supplier, sku: Sku, cost: str = "4.20", **said: Any
) -> SupplierItem:
    """Note what a supplier asks for a SKU."""
    content = SupplierItemContent(Money.parse(cost, supplier.currency), lead_time_days=7)
    return service.create_supplier_item(uow, supplier.id, sku.id, replace(content, **said))


def a_node(uow: UnitOfWork, content: NodeContent = BERLIN, **said: Any) -> Node:
    """Create a node."""
    return service.create_node(uow, replace(content, **said))


def a_channel(uow: UnitOfWork, content: ChannelContent = SHOP, **said: Any) -> Channel:
    """Create a channel."""
    return service.create_channel(uow, replace(content, **said))


def a_listing(
    uow: UnitOfWork, channel: Channel, sku: Sku, price: str = "12.34", **said: Any
) -> ChannelListing:
    """Offer a SKU in a channel under its own code."""
    content = ListingContent(sku.code, Money.parse(price, channel.currency))
    return service.create_listing(uow, channel.id, sku.id, replace(content, **said))
