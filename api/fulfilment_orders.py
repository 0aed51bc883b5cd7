"""`/api/fulfilment-orders`: what nodes are asked to ship, and how far they are."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from api.fields import Choice, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import FulfilmentOrderId, NodeId, OrderId
from commerce.inventory.policy import QUANTITY_MAX
from commerce.inventory.shortfalls import SHORTFALLS
from commerce.keyset import PageWish
from commerce.orders.service import report_short, ship_parcel
from commerce.warehouse import queries, service
from commerce.warehouse.leaving import Parcel, ShortPick
from commerce.warehouse.lifecycle import FULFILMENT_STATUSES
from commerce.warehouse.policy import CARRIER_LENGTH_MAX, REASON_LENGTH_MAX, TRACKING_LENGTH_MAX
from commerce.warehouse.queries import FulfilmentFilter
from commerce.warehouse.tables import FulfilmentOrder
from kernel.uow import UnitOfWork

fulfilment_orders = Resource(
    "fulfilment-orders", "What nodes are asked to ship, and how far they are."
)

LINES_MAX = 500


class FulfilmentHeadFields(Fields):
    """What one node is asked to ship of one order, as one parcel."""

    id = fields.String(required=True)
    order_id = fields.String(required=True)
    node_id = fields.String(required=True)
    status = Choice(*FULFILMENT_STATUSES, required=True)
    held_for = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)


class FulfilmentLineFields(Fields):
    """Units of an order line: `remaining` are still to be shipped, `to_pick` still on the shelf."""

    position = fields.Integer(required=True)
    order_line_id = fields.String(required=True)
    sku_id = fields.String(required=True)
    quantity = fields.Integer(required=True)
    picked = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    to_pick = fields.Integer(required=True)


class FulfilmentFields(FulfilmentHeadFields):
    """A fulfilment order with its lines."""

    lines = fields.List(fields.Nested(FulfilmentLineFields), required=True)
    version = fields.Integer(required=True)


class FulfilmentListFields(PageFields):
    """Which fulfilment orders."""

    order_id = Text(max=40, load_default=None)
    node_id = Text(max=40, load_default=None)
    status = Choice(*FULFILMENT_STATUSES, load_default=None)


class PickedFields(Fields):
    """Units of a line that were taken off the shelf."""

    position = Whole(required=True, min=1, max=LINES_MAX)
    quantity = Whole(required=True, min=1, max=QUANTITY_MAX)


class NewPickFields(Fields):
    """What was picked, line by line; without lines, everything that was still to pick."""

    lines = fields.List(
        fields.Nested(PickedFields),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, LINES_MAX),
    )


class NewShortPickFields(PickedFields):
    """Units that were not found, and why: the reason decides about the stock."""

    reason = Choice(*SHORTFALLS, required=True)


class ReasonFields(Fields):
    """Why."""

    reason = Text(required=True, max=REASON_LENGTH_MAX)


class NewShipmentFields(Fields):
    """Who carries the parcel, and under which number it is followed."""

    carrier = Text(max=CARRIER_LENGTH_MAX, load_default=None, allow_none=True)
    tracking = Text(max=TRACKING_LENGTH_MAX, load_default=None, allow_none=True)


@fulfilment_orders.operation(
    "GET",
    "",
    "inventory:read",
    query=FulfilmentListFields,
    answer=listed(FulfilmentHeadFields, "FulfilmentPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List fulfilment orders, the newest first."""
    only = FulfilmentFilter(
        OrderId(query["order_id"]) if query["order_id"] else None,
        NodeId(query["node_id"]) if query["node_id"] else None,
        query["status"],
    )
    wish = PageWish(after(uow, query), query["limit"], descending=True)
    found = queries.fulfilments(uow, wish, only)
    return page(uow, query, found.rows, found.next_after)


@fulfilment_orders.operation(
    "GET", "/<fulfilment_order_id>", "inventory:read", answer=FulfilmentFields
)
def show(uow: UnitOfWork, fulfilment_order_id: str) -> dict[str, Any]:
    """Show a fulfilment order with its lines."""
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/picks",
    "inventory:write",
    body=NewPickFields,
    answer=FulfilmentFields,
    status=201,
    needs_key=True,
)
def pick(uow: UnitOfWork, fulfilment_order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Note units as picked; once all are, the parcel is to be packed."""
    units: dict[int, int] | None = None
    if body["lines"] is not None:
        units = {}
        for line in body["lines"]:
            units[line["position"]] = units.get(line["position"], 0) + line["quantity"]
    service.pick(uow, FulfilmentOrderId(fulfilment_order_id), units, key=uow.new_id("cmd"))
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/short-picks",
    "inventory:write",
    body=NewShortPickFields,
    answer=FulfilmentFields,
    status=201,
    needs_key=True,
)
def fall_short(
    uow: UnitOfWork, fulfilment_order_id: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Report units that were not found: the stock is corrected, and the customer's line waits."""
    short = ShortPick(body["position"], body["quantity"], body["reason"])
    report_short(uow, FulfilmentOrderId(fulfilment_order_id), short, key=uow.new_id("cmd"))
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/packing",
    "inventory:write",
    answer=FulfilmentFields,
    status=201,
    needs_key=True,
)
def pack(uow: UnitOfWork, fulfilment_order_id: str) -> dict[str, Any]:
    """Close the parcel up."""
    service.pack(uow, FulfilmentOrderId(fulfilment_order_id), key=uow.new_id("cmd"))
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/shipment",
    "inventory:write",
    body=NewShipmentFields,
    answer=FulfilmentFields,
    status=201,
    needs_key=True,
)
def ship(uow: UnitOfWork, fulfilment_order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Let a packed parcel leave: its units go to the customer."""
    parcel = Parcel(body["carrier"], body["tracking"])
    ship_parcel(uow, FulfilmentOrderId(fulfilment_order_id), parcel, key=uow.new_id("cmd"))
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/hold",
    "inventory:write",
    body=ReasonFields,
    answer=FulfilmentFields,
    status=201,
)
def hold(uow: UnitOfWork, fulfilment_order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Hold a parcel back."""
    service.hold(uow, FulfilmentOrderId(fulfilment_order_id), reason=body["reason"])
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/resumption",
    "inventory:write",
    answer=FulfilmentFields,
    status=201,
)
def resume(uow: UnitOfWork, fulfilment_order_id: str) -> dict[str, Any]:
    """Let a parcel that was held back go on."""
    service.release(uow, FulfilmentOrderId(fulfilment_order_id))
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


@fulfilment_orders.operation(
    "POST",
    "/<fulfilment_order_id>/cancellation",
    "inventory:write",
    body=ReasonFields,
    answer=FulfilmentFields,
    status=201,
)
def cancel(uow: UnitOfWork, fulfilment_order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the node no longer; the lines keep their units, and may be asked for again."""
    service.cancel(uow, FulfilmentOrderId(fulfilment_order_id), reason=body["reason"])
    return _whole(uow, queries.one_fulfilment(uow, fulfilment_order_id))


def _whole(uow: UnitOfWork, row: FulfilmentOrder) -> dict[str, Any]:
    uow.session.flush()
    head = {name: getattr(row, name) for name in FulfilmentHeadFields().fields}
    return {**head, "version": row.version, "lines": queries.lines_of(uow, row.id)}
