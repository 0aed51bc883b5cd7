"""`/api/skus`: what is counted, stored and ordered: the variants of products."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields, validate

from api.catalog_lists import NamedListFields, ThingFields, filter_of, wish_of
from api.fields import Choice, Fields, Text, Whole, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import Pack, SkuContent
from commerce.catalog.tables import Sku
from commerce.catalog.units import BASE_UNITS
from commerce.ids import ProductId, SkuId
from kernel.uow import UnitOfWork

skus = Resource("skus", "What is counted, stored and ordered: the variants of products.")


class PackFields(Fields):
    """A unit that a SKU is packed in, and how many base units are in one."""

    unit = Text(required=True, max=20, metadata={"example": "case"})
    quantity = Whole(required=True, min=1, max=10**9, metadata={"example": 12})


class ChangedSkuFields(Fields):
    """What a SKU says. The base unit never changes."""

    code = Text(required=True, max=64, metadata={"example": "MUG-BLUE"})
    name = Text(required=True, max=200)
    base_unit = Choice(*BASE_UNITS)
    gtin = Text(max=14, allow_none=True, metadata={"example": "4006381333931"})
    weight_grams = Whole(min=1, max=10**9, allow_none=True)
    packs = fields.List(fields.Nested(PackFields), validate=validate.Length(max=20))


class NewSkuFields(ChangedSkuFields):
    """A SKU to add to a product."""

    product_id = Text(required=True, max=40)


class SkuFields(ThingFields, NewSkuFields):
    """A SKU."""


class SkuListFields(NamedListFields):
    """Which skus."""

    product_id = Text(max=40, load_default=None)


@skus.operation(
    "GET",
    "",
    "catalog:read",
    query=SkuListFields,
    answer=listed(SkuFields, "SkuPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List SKUs."""
    found = queries.skus(
        uow,
        wish_of(uow, query),
        filter_of(query),
        order=query["sort"],
        product_id=query["product_id"],
    )
    return page(uow, query, found.rows, found.next_after)


@skus.operation(
    "POST",
    "",
    "catalog:write",
    body=NewSkuFields,
    answer=SkuFields,
    status=201,
    location="/api/skus/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> Sku:
    """Add a SKU to a product."""
    said = _said(body)
    product_id = ProductId(said.pop("product_id"))
    return service.create_sku(uow, product_id, SkuContent(**said))


@skus.operation("GET", "/<sku_id>", "catalog:read", answer=SkuFields)
def show(uow: UnitOfWork, sku_id: str) -> Sku:
    """Show a SKU."""
    return queries.one(uow, Sku, sku_id)


@skus.operation("PATCH", "/<sku_id>", "catalog:write", body=ChangedSkuFields, answer=SkuFields)
def change(uow: UnitOfWork, sku_id: str, body: Mapping[str, Any], expected_version: int) -> Sku:
    """Change a SKU."""
    row = queries.one(uow, Sku, sku_id)
    content = replace(service.sku_content(row), **_said(body))
    return service.change_sku(uow, SkuId(sku_id), content, expected_version=expected_version)


@skus.operation("POST", "/<sku_id>/retirement", "catalog:write", answer=SkuFields)
def retire(uow: UnitOfWork, sku_id: str) -> Sku:
    """Take a SKU off sale everywhere; its stock stays where it is."""
    return service.retire_sku(uow, SkuId(sku_id))


@skus.operation("DELETE", "/<sku_id>/retirement", "catalog:write", answer=SkuFields)
def reinstate(uow: UnitOfWork, sku_id: str, expected_version: int) -> Sku:
    """Put a retired SKU back on sale."""
    return service.reinstate_sku(uow, SkuId(sku_id), expected_version=expected_version)


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with its packs as values; what a pack leaves out, the rules complain of."""
    said = dict(body)
    if "packs" in said:
        packs = said["packs"]
        said["packs"] = tuple(Pack(each.get("unit", ""), each.get("quantity", 0)) for each in packs)
    return said
