"""`/api/channel-stock`: what a channel may be told of a SKU, and why."""

from typing import Any

from marshmallow import fields

from api.fields import Fields
from api.resource import Resource
from commerce.catalog.network_tables import Channel
from commerce.catalog.queries import one
from commerce.catalog.tables import Sku
from commerce.orders.availability import available_to_sell
from kernel.uow import UnitOfWork

channel_stock = Resource("channel-stock", "What channels may be told of stock, and why.")


class ChannelTermFields(Fields):
    """One term of what a channel may be told, with its sign."""

    term = fields.String(required=True)
    units = fields.Integer(required=True)


class NodeShareFields(Fields):
    """What one node adds: available to promise less its buffer, and never less than 0."""

    node_id = fields.String(required=True)
    node = fields.String(required=True, attribute="node_code")
    available_to_promise = fields.Integer(required=True)
    node_buffer = fields.Integer(required=True)
    quantity = fields.Integer(required=True)


class ChannelStockFields(Fields):
    """What a channel may be told: the sum of the terms, at most `cap`, never less than 0."""

    channel_id = fields.String(required=True)
    sku_id = fields.String(required=True)
    quantity = fields.Integer(required=True)
    cap = fields.Integer(required=True)
    why = fields.List(fields.Nested(ChannelTermFields), required=True)
    nodes = fields.List(fields.Nested(NodeShareFields), required=True)


@channel_stock.operation(
    "GET", "/<channel_id>/skus/<sku_id>", "inventory:read", answer=ChannelStockFields
)
def show(uow: UnitOfWork, channel_id: str, sku_id: str) -> dict[str, Any]:
    """Show what a channel may be told of a SKU right now, with every term."""
    channel, sku = one(uow, Channel, channel_id), one(uow, Sku, sku_id)
    promise = available_to_sell(uow, sku.id, channel.id)
    return {
        "channel_id": channel.id,
        "sku_id": sku.id,
        "quantity": promise.quantity,
        "cap": promise.cap,
        "why": [{"term": term, "units": units} for term, units in promise.why],
        "nodes": promise.nodes,
    }
