"""`/api/products`: what the merchant sells, as customers see it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.catalog_lists import NamedListFields, ThingFields, filter_of, wish_of
from api.fields import Fields, Text, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import ProductContent
from commerce.catalog.tables import Product
from commerce.ids import ProductId
from kernel.uow import UnitOfWork

products = Resource("products", "What the merchant sells, as customers see it.")


class NewProductFields(Fields):
    """What a product says."""

    code = Text(required=True, max=64, metadata={"example": "MUG"})
    name = Text(required=True, max=200, metadata={"example": "Coffee mug"})
    category = Text(max=200, allow_none=True)
    description = Text(min=0, max=5_000)


class ProductFields(ThingFields, NewProductFields):
    """A product."""


class ProductListFields(NamedListFields):
    """Which products."""

    category = Text(load_default=None)


@products.operation(
    "GET",
    "",
    "catalog:read",
    query=ProductListFields,
    answer=listed(ProductFields, "ProductPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List products."""
    found = queries.products(
        uow,
        wish_of(uow, query),
        filter_of(query),
        order=query["sort"],
        category=query["category"],
    )
    return page(uow, query, found.rows, found.next_after)


@products.operation(
    "POST",
    "",
    "catalog:write",
    body=NewProductFields,
    answer=ProductFields,
    status=201,
    location="/api/products/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> Product:
    """Create a product."""
    return service.create_product(uow, ProductContent(**body))


@products.operation("GET", "/<product_id>", "catalog:read", answer=ProductFields)
def show(uow: UnitOfWork, product_id: str) -> Product:
    """Show a product."""
    return queries.one(uow, Product, product_id)


@products.operation(
    "PATCH", "/<product_id>", "catalog:write", body=NewProductFields, answer=ProductFields
)
def change(
    uow: UnitOfWork, product_id: str, body: Mapping[str, Any], expected_version: int
) -> Product:
    """Change a product."""
    product = queries.one(uow, Product, product_id)
    content = replace(service.product_content(product), **body)
    return service.change_product(
        uow, ProductId(product_id), content, expected_version=expected_version
    )


@products.operation("POST", "/<product_id>/retirement", "catalog:write", answer=ProductFields)
def retire(uow: UnitOfWork, product_id: str) -> Product:
    """Take a product off sale, with all its SKUs."""
    return service.retire_product(uow, ProductId(product_id))


@products.operation("DELETE", "/<product_id>/retirement", "catalog:write", answer=ProductFields)
def reinstate(uow: UnitOfWork, product_id: str, expected_version: int) -> Product:
    """Put a retired product back on sale."""
    return service.reinstate_product(uow, ProductId(product_id), expected_version=expected_version)
