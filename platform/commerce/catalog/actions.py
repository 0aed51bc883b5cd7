"""What the catalog can do for a workflow: offer at another price, take off sale and put back."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.catalog import service
from commerce.catalog.access import WRITE
from commerce.catalog.contents import ListingContent
from commerce.catalog.network_tables import ChannelListing
from commerce.catalog.queries import one
from commerce.catalog.tables import Product, Sku
from commerce.ids import ListingId, ProductId, SkuId
from kernel.actions import Action, Facts
from kernel.errors import Fault, Invalid
from kernel.ids import ID_LENGTH_MAX
from kernel.money import Money
from kernel.uow import UnitOfWork


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


class Amount(Schema):
    """Money as JSON carries it."""

    amount = fields.String(required=True)
    currency = fields.String(required=True, validate=validate.Length(equal=3))


class PriceChange(Schema):
    """Which listing, and the price it is to have."""

    listing_id = _id()
    price = fields.Nested(Amount, required=True)


class PriceChanged(PriceChange):
    """The listing, its price, and the one it had."""

    price_before = fields.Nested(Amount, required=True)


class OneSku(Schema):
    """Which SKU."""

    sku_id = _id()


class SkuRetired(OneSku):
    """Which SKU, and whether it was in use until now."""

    was_active = fields.Boolean(required=True)


class OneProduct(Schema):
    """Which product."""

    product_id = _id()


class ProductRetired(OneProduct):
    """Which product, and whether it was in use until now."""

    was_active = fields.Boolean(required=True)


def _change_price(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id  # The effect is committed with the step: it is there once or not at all.
    before = _price_to(uow, input["listing_id"], input["price"])
    return {**input, "price_before": before.to_json()}


def _change_price_back(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    del step_id
    before = _price_to(uow, output["listing_id"], output["price_before"])
    return {
        "listing_id": output["listing_id"],
        "price": output["price_before"],
        "price_before": before.to_json(),
    }


def _price_to(uow: UnitOfWork, listing_id: str, price: Facts) -> Money:
    listing = one(uow, ChannelListing, listing_id)
    before = listing.price
    try:
        wanted = Money.from_json(price)
    except ValueError as error:
        fault = Fault("/price/amount", "catalog.amount_wrong", f"{error}.")
        raise Invalid((fault,)) from error
    content = ListingContent(listing.external_id, wanted, listing.price_quantity)
    service.change_listing(uow, ListingId(listing_id), content, expected_version=listing.version)
    return before


def _retire_sku(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    was_active = one(uow, Sku, input["sku_id"]).is_active
    service.retire_sku(uow, SkuId(input["sku_id"]))
    return {"sku_id": input["sku_id"], "was_active": was_active}


def _reinstate_sku(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    del step_id
    if output["was_active"]:
        service.reinstate_sku(uow, SkuId(output["sku_id"]))
    return output


def _retire_product(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    was_active = one(uow, Product, input["product_id"]).is_active
    service.retire_product(uow, ProductId(input["product_id"]))
    return {"product_id": input["product_id"], "was_active": was_active}


def _reinstate_product(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    del step_id
    if output["was_active"]:
        service.reinstate_product(uow, ProductId(output["product_id"]))
    return output


ACTIONS = (
    Action(
        "catalog.change_price",
        "Change the price of a SKU in a channel",
        WRITE,
        "local",
        PriceChange,
        PriceChanged,
        run=_change_price,
        undo=_change_price_back,
    ),
    Action(
        "catalog.retire_sku",
        "Take a SKU off sale everywhere",
        WRITE,
        "local",
        OneSku,
        SkuRetired,
        run=_retire_sku,
        undo=_reinstate_sku,
    ),
    Action(
        "catalog.retire_product",
        "Take a product off sale with all its SKUs",
        WRITE,
        "local",
        OneProduct,
        ProductRetired,
        run=_retire_product,
        undo=_reinstate_product,
    ),
)
