"""`/api/listings`: which SKU a channel offers, under which id, at which price."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.catalog_lists import StateListFields, ThingFields, wish_of
from api.fields import Amount, Fields, Text, Whole, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import ListingContent
from commerce.catalog.network_tables import ChannelListing
from commerce.catalog.units import QUANTITY_MAX
from commerce.ids import ChannelId, ListingId, SkuId
from kernel.uow import UnitOfWork

listings = Resource("listings", "Which SKU a channel offers, under which id, at which price.")


class OfferFields(Fields):
    """How a channel offers a SKU: `price` is for `price_quantity` base units."""

    external_id = Text(required=True, max=100)
    price = Amount(required=True)
    price_quantity = Whole(min=1, max=QUANTITY_MAX)


class NewListingFields(OfferFields):
    """A SKU to offer in a channel."""

    channel_id = Text(required=True, max=40)
    sku_id = Text(required=True, max=40)


class ListingFields(ThingFields, NewListingFields):
    """A SKU as a channel offers it."""


class ListingListFields(StateListFields):
    """Which listings."""

    channel_id = Text(max=40, load_default=None)
    sku_id = Text(max=40, load_default=None)


@listings.operation(
    "GET",
    "",
    "catalog:read",
    query=ListingListFields,
    answer=listed(ListingFields, "ListingPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List listings."""
    found = queries.listings(
        uow,
        wish_of(uow, query),
        state=query["state"],
        channel_id=query["channel_id"],
        sku_id=query["sku_id"],
    )
    return page(uow, query, found.rows, found.next_after)


@listings.operation(
    "POST",
    "",
    "catalog:write",
    body=NewListingFields,
    answer=ListingFields,
    status=201,
    location="/api/listings/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> ChannelListing:
    """Offer a SKU in a channel."""
    said = dict(body)
    channel_id, sku_id = ChannelId(said.pop("channel_id")), SkuId(said.pop("sku_id"))
    return service.create_listing(uow, channel_id, sku_id, ListingContent(**said))


@listings.operation("GET", "/<listing_id>", "catalog:read", answer=ListingFields)
def show(uow: UnitOfWork, listing_id: str) -> ChannelListing:
    """Show a listing."""
    return queries.one(uow, ChannelListing, listing_id)


@listings.operation(
    "PATCH", "/<listing_id>", "catalog:write", body=OfferFields, answer=ListingFields
)
def change(
    uow: UnitOfWork, listing_id: str, body: Mapping[str, Any], expected_version: int
) -> ChannelListing:
    """Change a listing."""
    row = queries.one(uow, ChannelListing, listing_id)
    content = replace(service.listing_content(row), **body)
    return service.change_listing(
        uow, ListingId(listing_id), content, expected_version=expected_version
    )


@listings.operation("POST", "/<listing_id>/retirement", "catalog:write", answer=ListingFields)
def retire(uow: UnitOfWork, listing_id: str) -> ChannelListing:
    """Take a SKU out of a channel."""
    return service.retire_listing(uow, ListingId(listing_id))


@listings.operation("DELETE", "/<listing_id>/retirement", "catalog:write", answer=ListingFields)
def reinstate(uow: UnitOfWork, listing_id: str, expected_version: int) -> ChannelListing:
    """Offer a SKU in a channel again."""
    return service.reinstate_listing(uow, ListingId(listing_id), expected_version=expected_version)
