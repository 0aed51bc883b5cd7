"""The verbs of channels: where goods are offered, in one currency."""

from typing import Any

from sqlalchemy import exists, select

from commerce.catalog import access, events
from commerce.catalog.contents import ChannelContent
from commerce.catalog.errors import CodeTaken, CurrencyFixed
from commerce.catalog.folding import fold
from commerce.catalog.network_tables import Channel, ChannelListing, Node
from commerce.catalog.retirement import reinstate, retire
from commerce.catalog.rules import channel_faults, insist
from commerce.ids import PREFIXES, ChannelId
from commerce.rows import flush_or_refuse, held, locked, must_be_version, write
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def create_channel(uow: UnitOfWork, content: ChannelContent) -> Channel:
    """Add a channel. Raises Invalid, NotFound for its node, or CodeTaken."""
    uow.actor.must(access.WRITE)
    insist(channel_faults(content))
    _hold_node(uow, content)
    channel = Channel(
        tenant_id=uow.tenant_id,
        id=uow.new_id(PREFIXES["channel"]),
        created_at=uow.now,
        **_columns(content),
    )
    uow.session.add(channel)
    uow.emit(events.ChannelCreated(channel.id, channel.code))
    _flush(uow, channel)
    uow.record("catalog.create_channel", Subject("channel", channel.id, channel.version))
    return channel


def change_channel(
    uow: UnitOfWork,
    channel_id: ChannelId,
    content: ChannelContent,
    *,
    expected_version: int | None = None,
) -> Channel:
    """Make a channel say this; its currency is fixed once anything was listed.

    Raises NotFound, StaleWrite, Invalid, CodeTaken or CurrencyFixed.
    """
    uow.actor.must(access.WRITE)
    insist(channel_faults(content))
    _hold_node(uow, content)
    channel = locked(uow, Channel, "channel", channel_id)
    must_be_version(channel, expected_version)
    if content.currency != channel.currency and _lists_anything(uow, channel):
        raise CurrencyFixed(channel.id, channel.currency)
    changed = write(channel, _columns(content))
    if changed:
        uow.emit(events.ChannelChanged(channel.id, channel.code, changed))
        _flush(uow, channel)
        uow.record("catalog.change_channel", Subject("channel", channel.id, channel.version))
    return channel


def retire_channel(
    uow: UnitOfWork, channel_id: ChannelId, *, expected_version: int | None = None
) -> Channel:
    """Offer nothing more in a channel; its listings stay as they are. Twice is once."""
    uow.actor.must(access.WRITE)
    channel = locked(uow, Channel, "channel", channel_id)
    must_be_version(channel, expected_version)
    retire(uow, channel, "channel", events.ChannelRetired(channel.id, channel.code))
    return channel


def reinstate_channel(
    uow: UnitOfWork, channel_id: ChannelId, *, expected_version: int | None = None
) -> Channel:
    """Offer goods in a retired channel again; twice is once."""
    uow.actor.must(access.WRITE)
    channel = locked(uow, Channel, "channel", channel_id)
    must_be_version(channel, expected_version)
    reinstate(uow, channel, "channel", events.ChannelReinstated(channel.id, channel.code))
    return channel


def channel_content(channel: Channel) -> ChannelContent:
    """Return what a channel says: what forms and merge patches start from."""
    return ChannelContent(
        channel.code, channel.name, channel.kind, channel.currency, channel.node_id
    )


def _hold_node(uow: UnitOfWork, content: ChannelContent) -> None:
    if content.node_id is not None:
        held(uow, Node, "node", content.node_id)


def _lists_anything(uow: UnitOfWork, channel: Channel) -> bool:
    listed = select(ChannelListing.id).where(ChannelListing.channel_id == channel.id)
    return bool(uow.session.scalar(select(exists(listed))))


def _columns(content: ChannelContent) -> dict[str, Any]:
    return {
        "code": content.code,
        "code_key": fold(content.code),
        "name": content.name,
        "name_key": fold(content.name),
        "kind": content.kind,
        "currency": content.currency,
        "node_id": content.node_id,
    }


def _flush(uow: UnitOfWork, channel: Channel) -> None:
    currency = CurrencyFixed(channel.id, channel.currency)
    flush_or_refuse(
        uow,
        {
            "uq_channel_tenant_id_code_key": CodeTaken("channel", channel.code),
            # A listing was added while this channel changed its currency.
            "fk_channel_listing_tenant_id_channel_id_price_currency": currency,
        },
    )
