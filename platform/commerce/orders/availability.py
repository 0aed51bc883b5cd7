"""What a channel may be told of a SKU: the nodes that serve it, less what is ordered already."""

from collections.abc import Collection

from sqlalchemy import func, or_, select

from commerce.catalog.network_tables import Channel
from commerce.catalog.queries import active_nodes, one
from commerce.ids import ChannelId, NodeId, SkuId
from commerce.inventory.policy import READ_STOCK, ChannelStockPolicy
from commerce.inventory.promising import ChannelPromise, NodeShare
from commerce.inventory.queries import available_to_promise
from commerce.orders.tables import SalesOrderLine
from kernel.settings import load, load_each
from kernel.uow import UnitOfWork


def available_to_sell(uow: UnitOfWork, sku_id: SkuId, channel_id: ChannelId) -> ChannelPromise:
    """Return what a channel may be told of a SKU right now, and why. NotFound.

    A store sells what it has; any other channel, what nodes that ship have. Unrouted demand is
    what lines at these nodes wait for, and what lines without a node ask for.
    """
    uow.actor.must(READ_STOCK)
    channel = one(uow, Channel, channel_id)
    serving = {
        node.id
        for node in active_nodes(uow, None if channel.node_id else "ship")
        if channel.node_id in (None, node.id)
    }
    promises = [each for each in available_to_promise(uow, sku_id) if each.node_id in serving]
    buffers = load_each(uow, ChannelStockPolicy, [each.node_id for each in promises])
    shares = [
        NodeShare(each.node_id, each.node_code, each.quantity, buffers[each.node_id].node_buffer)
        for each in promises
    ]
    policy = load(uow, ChannelStockPolicy, (channel.id,))
    unrouted = _unrouted_demand(uow, sku_id, serving)
    return ChannelPromise(shares, unrouted, policy.network_threshold, policy.cap)


def _unrouted_demand(uow: UnitOfWork, sku_id: SkuId, node_ids: Collection[NodeId]) -> int:
    waits = (SalesOrderLine.phase == "backordered") & SalesOrderLine.node_id.in_(node_ids)
    without_node = (SalesOrderLine.phase == "held") & SalesOrderLine.node_id.is_(None)
    units = func.sum(
        func.coalesce(func.nullif(SalesOrderLine.quantity_short, 0), SalesOrderLine.quantity)
    )
    found = uow.session.scalar(
        select(units).where(SalesOrderLine.sku_id == sku_id, or_(waits, without_node))
    )
    return int(found or 0)
