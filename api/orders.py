"""`/api/orders`: what customers ordered, and what became of each line."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from api.fields import Amount, Choice, Exact, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import (
    ChannelId,
    CustomerId,
    FulfilmentOrderId,
    NodeId,
    OrderId,
    OrderLineId,
)
from commerce.inventory.policy import QUANTITY_MAX
from commerce.keyset import PageWish
from commerce.orders import queries
from commerce.orders.contents import (
    EMAIL_LENGTH_MAX,
    CustomerContent,
    LineContent,
    OrderContent,
    ShipTo,
)
from commerce.orders.lifecycle import LINE_PHASES, ORDER_PHASES
from commerce.orders.policy import LINES_MAX, REASON_LENGTH_MAX, TIERS, VERSION_MAX
from commerce.orders.queries import OrderFilter
from commerce.orders.service import (
    cancel_line,
    cancel_order,
    hold_order,
    place_order,
    release_order,
    reroute_line,
    resume_order,
)
from commerce.orders.tables import OrderHold, SalesOrder, SalesOrderLine
from kernel.errors import NotFound
from kernel.uow import UnitOfWork

orders = Resource("orders", "What customers ordered, and what became of each line.")


class CustomerFields(Fields):
    """Who orders, under your own reference for them."""

    reference = Text(required=True, max=64, metadata={"example": "C-1001"})
    name = Text(required=True, max=200)
    tier = Choice(*TIERS, load_default="basic")
    email = Text(
        max=EMAIL_LENGTH_MAX,
        load_default=None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        metadata={"example": "carla@example.com"},
    )


class ShipToFields(Fields):
    """Where an order goes; the coordinates decide which node is nearest."""

    country = Text(required=True, min=2, max=2, pattern="^[A-Z]{2}$", metadata={"example": "DE"})
    postal_code = Text(required=True, max=20)
    latitude = Exact(required=True, metadata={"example": "52.520008"})
    longitude = Exact(required=True, metadata={"example": "13.404954"})


class NewOrderLineFields(Fields):
    """Units of a SKU, and what the customer pays for all of them together."""

    sku = Text(required=True, max=64, metadata={"example": "MUG-BLUE"})
    quantity = Whole(required=True, min=1, max=QUANTITY_MAX)
    price = Amount(required=True)


class NewOrderFields(Fields):
    """An order as a channel hands it over: shipped, or collected at a node."""

    channel_id = Text(required=True, max=40)
    external_id = Text(required=True, max=100, metadata={"example": "1000-42"})
    external_version = Whole(min=1, max=VERSION_MAX, load_default=1)
    placed_at = Instant(required=True)
    customer = fields.Nested(CustomerFields, required=True)
    ship_to = fields.Nested(ShipToFields, load_default=None)
    collect_at = Text(max=40, load_default=None)
    lines = fields.List(
        fields.Nested(NewOrderLineFields), required=True, validate=validate.Length(1, LINES_MAX)
    )


class OrderLineFields(Fields):
    """A line: `node_id` is where it ships from, or waits for the `quantity_short` units."""

    id = fields.String(required=True)
    position = fields.Integer(required=True)
    sku = fields.String(required=True, attribute="sku_code")
    sku_id = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    quantity_short = fields.Integer(required=True)
    price = Amount(required=True)
    phase = Choice(*LINE_PHASES, required=True)
    phase_since = Instant(required=True)
    node_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class OrderHeadFields(Fields):
    """An order without its lines."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    channel_id = fields.String(required=True)
    external_id = fields.String(required=True)
    customer_id = fields.String(required=True)
    phase = Choice(*ORDER_PHASES, required=True)
    total = Amount(required=True)
    placed_at = Instant(required=True)
    received_at = Instant(required=True)


class OrderFields(OrderHeadFields):
    """An order with its lines."""

    lines = fields.List(fields.Nested(OrderLineFields), required=True)
    version = fields.Integer(required=True)


class OrderListFields(PageFields):
    """Which orders."""

    phase = Choice(*ORDER_PHASES, load_default=None)
    channel_id = Text(max=40, load_default=None)
    customer_id = Text(max=40, load_default=None)
    external_id = Text(max=100, load_default=None)


class CancellationFields(Fields):
    """Why it is given up."""

    reason = Text(required=True, max=REASON_LENGTH_MAX)


class NewHoldFields(Fields):
    """Why an order is held back."""

    reason = Text(required=True, max=REASON_LENGTH_MAX)


class HoldFields(NewHoldFields):
    """Why an order was held back, by whom, and until when."""

    id = fields.String(required=True)
    held_by = fields.String(required=True)
    held_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)


class ReleaseFields(Fields):
    """What nodes were asked to ship, one a node; none where every line was asked for before."""

    fulfilment_order_ids = fields.List(fields.String(), required=True)


class NewRoutingFields(Fields):
    """Which node is to serve a line."""

    node_id = Text(required=True, max=40)


class HoldsFields(Fields):
    """The holds of an order, the newest first."""

    data = fields.List(fields.Nested(HoldFields), required=True)


@orders.operation(
    "GET",
    "",
    "orders:read",
    query=OrderListFields,
    answer=listed(OrderHeadFields, "OrderPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List orders, the newest first."""
    only = OrderFilter(
        query["phase"],
        ChannelId(query["channel_id"]) if query["channel_id"] else None,
        CustomerId(query["customer_id"]) if query["customer_id"] else None,
        query["external_id"],
    )
    wish = PageWish(after(uow, query), query["limit"], descending=True)
    found = queries.orders(uow, wish, only)
    return page(uow, query, found.rows, found.next_after)


@orders.operation(
    "POST",
    "",
    "orders:write",
    body=NewOrderFields,
    answer=OrderFields,
    status=201,
    needs_key=True,
    location="/api/orders/{id}",
)
def place(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    """Place an order: its stock is committed, or its lines wait.

    The same `external_id` of a channel again is the same order, and answers with it; a larger
    `external_version` amends it, and one that comes late changes nothing.
    """
    placed = place_order(uow, _content(body))
    uow.session.flush()
    return _whole(uow, queries.one_order(uow, placed.order_id))


@orders.operation("GET", "/<order_id>", "orders:read", answer=OrderFields)
def show(uow: UnitOfWork, order_id: str) -> dict[str, Any]:
    """Show an order with its lines."""
    return _whole(uow, queries.one_order(uow, order_id))


@orders.operation(
    "POST",
    "/<order_id>/lines/<order_line_id>/cancellation",
    "orders:write",
    body=CancellationFields,
    answer=OrderLineFields,
    status=201,
    needs_key=True,
)
def cancel(
    uow: UnitOfWork, order_id: str, order_line_id: str, body: Mapping[str, Any]
) -> SalesOrderLine:
    """Give a line up: exactly the units it holds are available again."""
    line = _line_of(uow, order_id, order_line_id)
    # The request's own key makes it happen once; this one only names the command.
    cancel_line(uow, OrderLineId(line.id), reason=body["reason"], key=uow.new_id("cmd"))
    return line


@orders.operation(
    "POST",
    "/<order_id>/cancellation",
    "orders:write",
    body=CancellationFields,
    answer=OrderFields,
    status=201,
    needs_key=True,
)
def cancel_whole(uow: UnitOfWork, order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Give up everything that is still to come; the units it holds are available again."""
    cancel_order(uow, OrderId(order_id), reason=body["reason"], key=uow.new_id("cmd"))
    return _whole(uow, queries.one_order(uow, order_id))


@orders.operation("GET", "/<order_id>/holds", "orders:read", answer=HoldsFields)
def show_holds(uow: UnitOfWork, order_id: str) -> dict[str, Sequence[OrderHold]]:
    """List why and when an order was held back."""
    return {"data": queries.holds_of(uow, queries.one_order(uow, order_id).id)}


@orders.operation(
    "POST",
    "/<order_id>/holds",
    "orders:write",
    body=NewHoldFields,
    answer=OrderFields,
    status=201,
    needs_key=True,
)
def hold(uow: UnitOfWork, order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Hold an order back: it keeps its stock and its turn, and nothing of it leaves."""
    hold_order(uow, OrderId(order_id), reason=body["reason"], key=uow.new_id("cmd"))
    return _whole(uow, queries.one_order(uow, order_id))


@orders.operation(
    "POST",
    "/<order_id>/resumption",
    "orders:write",
    answer=OrderFields,
    status=201,
    needs_key=True,
)
def resume(uow: UnitOfWork, order_id: str) -> dict[str, Any]:
    """Let a held order go on: lines that were held are routed where they can be now."""
    resume_order(uow, OrderId(order_id), key=uow.new_id("cmd"))
    return _whole(uow, queries.one_order(uow, order_id))


@orders.operation(
    "POST",
    "/<order_id>/release",
    "orders:write",
    answer=ReleaseFields,
    status=201,
    needs_key=True,
)
def release(uow: UnitOfWork, order_id: str) -> dict[str, list[FulfilmentOrderId]]:
    """Ask nodes to ship every line that has all its units; see `/api/fulfilment-orders`."""
    made = release_order(uow, OrderId(order_id), key=uow.new_id("cmd"))
    return {"fulfilment_order_ids": made}


@orders.operation(
    "POST",
    "/<order_id>/lines/<order_line_id>/routing",
    "orders:write",
    body=NewRoutingFields,
    answer=OrderLineFields,
    status=201,
    needs_key=True,
)
def reroute(
    uow: UnitOfWork, order_id: str, order_line_id: str, body: Mapping[str, Any]
) -> SalesOrderLine:
    """Let another node serve a line: all of it there, or nothing changes."""
    line = _line_of(uow, order_id, order_line_id)
    reroute_line(uow, line.id, NodeId(body["node_id"]), key=uow.new_id("cmd"))
    return line


def _line_of(uow: UnitOfWork, order_id: str, order_line_id: str) -> SalesOrderLine:
    """Return a line by its address; one of another order is not there."""
    line = queries.one_line(uow, order_line_id)
    if line.order_id != order_id:
        raise NotFound("order_line", order_line_id)
    return line


def _content(body: Mapping[str, Any]) -> OrderContent:
    return OrderContent(
        ChannelId(body["channel_id"]),
        body["external_id"],
        body["placed_at"],
        CustomerContent(**body["customer"]),
        tuple(LineContent(line["sku"], line["quantity"], line["price"]) for line in body["lines"]),
        ShipTo(**body["ship_to"]) if body["ship_to"] else None,
        NodeId(body["collect_at"]) if body["collect_at"] else None,
        body["external_version"],
    )


def _whole(uow: UnitOfWork, order: SalesOrder) -> dict[str, Any]:
    head = {name: getattr(order, name) for name in OrderHeadFields().fields}
    return {**head, "version": order.version, "lines": queries.lines_of(uow, order.id)}
