"""`/api/channels`: where goods are offered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.catalog_lists import NamedListFields, ThingFields, filter_of, wish_of
from api.fields import Choice, Fields, Text, listed
from api.paging import page
from api.resource import Resource
from commerce.catalog import queries, service
from commerce.catalog.contents import CHANNEL_KINDS, ChannelContent
from commerce.catalog.network_tables import Channel
from commerce.ids import ChannelId
from kernel.uow import UnitOfWork

channels = Resource("channels", "Where goods are offered.")


class NewChannelFields(Fields):
    """What is known of a channel. Its currency is fixed once anything was listed."""

    code = Text(required=True, max=64, metadata={"example": "SHOP"})
    name = Text(required=True, max=200)
    kind = Choice(*CHANNEL_KINDS, required=True)
    currency = Text(required=True, max=3, metadata={"example": "EUR"})
    node_id = Text(
        max=40, allow_none=True, metadata={"description": "Of a store: the node that it is."}
    )


class ChannelFields(ThingFields, NewChannelFields):
    """A channel."""


@channels.operation(
    "GET",
    "",
    "catalog:read",
    query=NamedListFields,
    answer=listed(ChannelFields, "ChannelPage"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List channels."""
    found = queries.channels(uow, wish_of(uow, query), filter_of(query), order=query["sort"])
    return page(uow, query, found.rows, found.next_after)


@channels.operation(
    "POST",
    "",
    "catalog:write",
    body=NewChannelFields,
    answer=ChannelFields,
    status=201,
    location="/api/channels/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> Channel:
    """Add a channel."""
    return service.create_channel(uow, ChannelContent(**body))


@channels.operation("GET", "/<channel_id>", "catalog:read", answer=ChannelFields)
def show(uow: UnitOfWork, channel_id: str) -> Channel:
    """Show a channel."""
    return queries.one(uow, Channel, channel_id)


@channels.operation(
    "PATCH", "/<channel_id>", "catalog:write", body=NewChannelFields, answer=ChannelFields
)
def change(
    uow: UnitOfWork, channel_id: str, body: Mapping[str, Any], expected_version: int
) -> Channel:
    """Change a channel."""
    row = queries.one(uow, Channel, channel_id)
    content = replace(service.channel_content(row), **body)
    return service.change_channel(
        uow, ChannelId(channel_id), content, expected_version=expected_version
    )


@channels.operation("POST", "/<channel_id>/retirement", "catalog:write", answer=ChannelFields)
def retire(uow: UnitOfWork, channel_id: str) -> Channel:
    """Offer nothing more in a channel."""
    return service.retire_channel(uow, ChannelId(channel_id))


@channels.operation("DELETE", "/<channel_id>/retirement", "catalog:write", answer=ChannelFields)
def reinstate(uow: UnitOfWork, channel_id: str, expected_version: int) -> Channel:
    """Offer goods in a retired channel again."""
    return service.reinstate_channel(uow, ChannelId(channel_id), expected_version=expected_version)
