"""The verbs of channel listings: which SKU a channel offers, under which id, at which price.

SKU and channel are held, in this order, before a listing is added.
"""

from typing import Any

from commerce.catalog import access, events
from commerce.catalog.contents import ListingContent
from commerce.catalog.errors import AlreadyListed, ExternalIdTaken
from commerce.catalog.network_tables import Channel, ChannelListing
from commerce.catalog.retirement import must_be_active, reinstate, retire
from commerce.catalog.rules import insist, listing_faults
from commerce.catalog.tables import Sku
from commerce.ids import PREFIXES, ChannelId, ListingId, SkuId
from commerce.rows import flush_or_refuse, held, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def create_listing(
    uow: UnitOfWork, channel_id: ChannelId, sku_id: SkuId, content: ListingContent
) -> ChannelListing:
    """Offer an active SKU in an active channel, priced in the channel's currency.

    Raises NotFound, Retired, Invalid, AlreadyListed or ExternalIdTaken.
    """
    uow.actor.must(access.WRITE)
    must_be_active(held(uow, Sku, "sku", sku_id), "sku")
    channel = held(uow, Channel, "channel", channel_id)
    must_be_active(channel, "channel")
    insist(listing_faults(content, channel.currency))
    listing = ChannelListing(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["listing"]),
        channel_id=channel_id,
        sku_id=sku_id,
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(listing)
    uow.emit(events.ListingCreated(listing.id, channel_id, sku_id))
    _flush(uow, listing)
    uow.record("catalog.create_listing", Subject("listing", listing.id, listing.version))
    return listing


def change_listing(
    uow: UnitOfWork,
    listing_id: ListingId,
    content: ListingContent,
    *,
    expected_version: int | None = None,
) -> ChannelListing:
    """Change id or price; raises NotFound, StaleWrite, Invalid or ExternalIdTaken."""
    uow.actor.must(access.WRITE)
    listing = locked(uow, ChannelListing, "listing", listing_id)
    must_be_version(listing, expected_version)
    # The stored currency is the channel's: a foreign key says so.
    insist(listing_faults(content, listing.price_currency))
    changed = write(listing, _columns(content))
    if changed:
        uow.emit(events.ListingChanged(listing.id, listing.channel_id, listing.sku_id, changed))
        _flush(uow, listing)
        uow.record("catalog.change_listing", Subject("listing", listing.id, listing.version))
    return listing


def retire_listing(
    uow: UnitOfWork, listing_id: ListingId, *, expected_version: int | None = None
) -> ChannelListing:
    """Take a SKU out of a channel; twice is once."""
    uow.actor.must(access.WRITE)
    listing = locked(uow, ChannelListing, "listing", listing_id)
    must_be_version(listing, expected_version)
    told = events.ListingRetired(listing.id, listing.channel_id, listing.sku_id)
    retire(uow, listing, "listing", told)
    return listing


def reinstate_listing(
    uow: UnitOfWork, listing_id: ListingId, *, expected_version: int | None = None
) -> ChannelListing:
    """Offer a SKU in a channel again; twice is once."""
    uow.actor.must(access.WRITE)
    listing = locked(uow, ChannelListing, "listing", listing_id)
    must_be_version(listing, expected_version)
    told = events.ListingReinstated(listing.id, listing.channel_id, listing.sku_id)
    reinstate(uow, listing, "listing", told)
    return listing


def listing_content(listing: ChannelListing) -> ListingContent:
    """Return what a listing says: what forms and merge patches start from."""
    return ListingContent(listing.external_id, listing.price, listing.price_quantity)


def _columns(content: ListingContent) -> dict[str, Any]:
    return {
        "external_id": content.external_id,
        "price_minor": content.price.minor,
        "price_currency": content.price.currency,
        "price_quantity": content.price_quantity,
    }


def _flush(uow: UnitOfWork, listing: ChannelListing) -> None:
    taken = ExternalIdTaken(listing.channel_id, listing.external_id)
    listed = AlreadyListed(listing.channel_id, listing.sku_id)
    flush_or_refuse(
        uow,
        {
            "uq_channel_listing_tenant_id_channel_id_external_id": taken,
            "uq_channel_listing_tenant_id_channel_id_sku_id": listed,
        },
    )
