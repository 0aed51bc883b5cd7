"""`/api/stock`: what is where, what can be promised and why, and every movement."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from api.fields import Choice, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.catalog.network_tables import Node
from commerce.catalog.queries import one
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, ReservationId, SkuId
from commerce.inventory import goods, queries, service
from commerce.inventory.allocation import Demand, Shelf
from commerce.inventory.goods import Source
from commerce.inventory.ledger import INTERNAL
from commerce.inventory.policy import QUANTITY_MAX
from commerce.inventory.queries import Level, LevelFilter, Promise
from commerce.inventory.service import Owner
from commerce.inventory.tables import Reservation, StockReceipt
from kernel.errors import Malformed
from kernel.uow import UnitOfWork

stock = Resource("stock", "What is where, what can be promised and why, and every movement.")

LINES_MAX = 500


class LevelFields(Fields):
    """What a node holds of a SKU, bucket by bucket; `on_hand` is what is physically there."""

    sku_id = fields.String(required=True)
    sku = fields.String(required=True, attribute="sku_code")
    node_id = fields.String(required=True)
    node = fields.String(required=True, attribute="node_code")
    buckets = fields.Dict(
        keys=fields.String(validate=validate.OneOf(INTERNAL)),
        values=fields.Integer(),
        required=True,
    )
    on_hand = fields.Integer(required=True)


class LevelListFields(PageFields):
    """Which levels."""

    sku_id = Text(max=40, load_default=None)
    node_id = Text(max=40, load_default=None)


class TermFields(Fields):
    """One term of what can be promised, with its sign."""

    term = fields.String(required=True)
    units = fields.Integer(required=True)


class PromiseFields(Fields):
    """What a node can promise now, and the terms that it is the sum of (never less than 0)."""

    node_id = fields.String(required=True)
    node = fields.String(required=True)
    quantity = fields.Integer(required=True)
    why = fields.List(fields.Nested(TermFields), required=True)


class AvailabilityFields(Fields):
    """What can be promised of a SKU: in all, and node by node."""

    sku_id = fields.String(required=True)
    quantity = fields.Integer(required=True)
    nodes = fields.List(fields.Nested(PromiseFields), required=True)


class MovementFields(Fields):
    """Units that went from one bucket to another."""

    seq = fields.Integer(required=True)
    source = fields.String(required=True, attribute="bucket_from")
    target = fields.String(required=True, attribute="bucket_to")
    quantity = fields.Integer(required=True)
    reason = fields.String(required=True)
    document_kind = fields.String(required=True, attribute="source_kind")
    document_id = fields.String(required=True, attribute="source_id")
    occurred_at = Instant(required=True)
    recorded_at = Instant(required=True)
    actor_id = fields.String(required=True)


class UnitsFields(Fields):
    """Units of a SKU at a node."""

    sku_id = Text(required=True, max=40)
    node_id = Text(required=True, max=40)
    quantity = Whole(required=True, min=1, max=QUANTITY_MAX)


def _units_list() -> fields.List[Any]:
    return fields.List(
        fields.Nested(UnitsFields), required=True, validate=validate.Length(1, LINES_MAX)
    )


class NewReceiptFields(Fields):
    """Goods that came in, on a document of your own."""

    document_kind = Text(required=True, max=40, metadata={"example": "delivery_note"})
    document_id = Text(required=True, max=80)
    lines = _units_list()


class ReceiptFields(Fields):
    """Goods that came in."""

    id = fields.String(required=True)
    document_kind = fields.String(required=True, attribute="source_kind")
    document_id = fields.String(required=True, attribute="source_id")
    received_at = Instant(required=True)


class NewCorrectionFields(Fields):
    """By how much what is available is corrected, and why; `expected_available` is the count."""

    sku_id = Text(required=True, max=40)
    node_id = Text(required=True, max=40)
    difference = Whole(required=True, min=-QUANTITY_MAX, max=QUANTITY_MAX)
    reason = Text(required=True, max=200)
    expected_available = Whole(load_default=None, allow_none=True)


class CorrectionFields(Fields):
    """What is available after a correction."""

    available = fields.Integer(required=True)


class NewTransferFields(Fields):
    """Units that are carried from one node to another."""

    sku_id = Text(required=True, max=40)
    quantity = Whole(required=True, min=1, max=QUANTITY_MAX)
    source_node_id = Text(required=True, max=40)
    target_node_id = Text(required=True, max=40)


class TransferFields(NewTransferFields):
    """Units that were carried."""


class NewCountFields(Fields):
    """What was counted on a shelf, in whatever condition, and what the books said then."""

    sku_id = Text(required=True, max=40)
    node_id = Text(required=True, max=40)
    counted = Whole(required=True, min=0, max=QUANTITY_MAX)
    expected_quantity = Whole(required=True)
    reason = Text(required=True, max=200)


class CountFields(Fields):
    """By how much the books were off."""

    difference = fields.Integer(required=True)


class NewReservationFields(Fields):
    """Units to hold for a cart, until an instant where one is named."""

    cart = Text(required=True, max=80)
    expires_at = Instant(load_default=None, allow_none=True)
    lines = _units_list()


class ReservationFields(Fields):
    """Units that are held."""

    id = fields.String(required=True)
    sku_id = fields.String(required=True)
    node_id = fields.String(required=True)
    quantity = fields.Integer(required=True)
    state = Choice("active", "converted", "expired", "released", required=True)
    expires_at = Instant(required=True, allow_none=True)


class ReservationsFields(Fields):
    """What one request holds."""

    data = fields.List(fields.Nested(ReservationFields), required=True)


@stock.operation(
    "GET",
    "/levels",
    "inventory:read",
    query=LevelListFields,
    answer=listed(LevelFields, "LevelPageFields"),
)
def show_levels(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List stock levels by SKU and node."""
    only = LevelFilter(
        SkuId(query["sku_id"]) if query["sku_id"] else None,
        NodeId(query["node_id"]) if query["node_id"] else None,
    )
    limit, place = query["limit"], _place(after(uow, query))
    rows: list[Level] = queries.levels(uow, only, after=place, limit=limit + 1)
    shown = rows[:limit]
    more = [shown[-1].sku_id, shown[-1].node_id] if len(rows) > limit else None
    return page(uow, query, shown, more)


@stock.operation("GET", "/skus/<sku_id>/availability", "inventory:read", answer=AvailabilityFields)
def show_availability(uow: UnitOfWork, sku_id: str) -> dict[str, Any]:
    """Show what can be promised of a SKU, and why."""
    sku = one(uow, Sku, sku_id)
    promises = queries.available_to_promise(uow, sku.id)
    return {
        "sku_id": sku.id,
        "quantity": sum(each.quantity for each in promises),
        "nodes": [_promise(each) for each in promises],
    }


@stock.operation(
    "GET",
    "/skus/<sku_id>/nodes/<node_id>/movements",
    "inventory:read",
    query=PageFields,
    answer=listed(MovementFields, "MovementPageFields"),
)
def show_movements(
    uow: UnitOfWork, sku_id: str, node_id: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """List the movements of a SKU at a node, the newest first."""
    sku, node = one(uow, Sku, sku_id), one(uow, Node, node_id)
    place = after(uow, query)
    if place is not None and (len(place) != 1 or not isinstance(place[0], int)):
        raise Malformed
    rows = queries.ledger_of(
        uow, sku.id, node.id, before_seq=place[0] if place else None, limit=query["limit"] + 1
    )
    shown = rows[: query["limit"]]
    return page(uow, query, shown, [shown[-1].seq] if len(rows) > len(shown) else None)


@stock.operation(
    "POST",
    "/receipts",
    "inventory:write",
    body=NewReceiptFields,
    answer=ReceiptFields,
    status=201,
    needs_key=True,
)
def receive(uow: UnitOfWork, body: Mapping[str, Any]) -> StockReceipt:
    """Take goods in: they are available at once."""
    source = Source(body["document_kind"], body["document_id"])
    receipt_id = goods.receive(uow, _demands(body["lines"]), source=source, key=uow.new_id("cmd"))
    return uow.session.get_one(StockReceipt, (uow.tenant_id, receipt_id))


@stock.operation(
    "POST",
    "/corrections",
    "inventory:adjust",
    body=NewCorrectionFields,
    answer=CorrectionFields,
    status=201,
    needs_key=True,
)
def correct(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, int]:
    """Correct what is available, up or down."""
    available = goods.adjust(
        uow,
        Shelf(SkuId(body["sku_id"]), NodeId(body["node_id"])),
        body["difference"],
        reason=body["reason"],
        expected_available=body["expected_available"],
        key=uow.new_id("cmd"),
    )
    return {"available": available}


@stock.operation(
    "POST",
    "/counts",
    "inventory:adjust",
    body=NewCountFields,
    answer=CountFields,
    status=201,
    needs_key=True,
)
def count(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, int]:
    """Set what is on hand to what was counted, unless the books have changed since."""
    difference = goods.count(
        uow,
        Shelf(SkuId(body["sku_id"]), NodeId(body["node_id"])),
        body["counted"],
        expected_quantity=body["expected_quantity"],
        reason=body["reason"],
        key=uow.new_id("cmd"),
    )
    return {"difference": difference}


@stock.operation(
    "POST",
    "/transfers",
    "inventory:write",
    body=NewTransferFields,
    answer=TransferFields,
    status=201,
    needs_key=True,
)
def transfer(uow: UnitOfWork, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Carry units from one node to another; they are available there at once."""
    goods.transfer(
        uow,
        SkuId(body["sku_id"]),
        body["quantity"],
        source=NodeId(body["source_node_id"]),
        target=NodeId(body["target_node_id"]),
        key=uow.new_id("cmd"),
    )
    return body


@stock.operation(
    "POST",
    "/reservations",
    "inventory:write",
    body=NewReservationFields,
    answer=ReservationsFields,
    status=201,
    needs_key=True,
)
def reserve(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    """Hold units for a cart: all of them, or none; what it held of them before is superseded."""
    held = service.reserve(
        uow,
        _demands(body["lines"]),
        owner=Owner("cart", body["cart"]),
        expires_at=body["expires_at"],
        key=uow.new_id("cmd"),
    )
    return {"data": [_reservation(uow, each) for each in held]}


@stock.operation(
    "POST",
    "/reservations/<reservation_id>/release",
    "inventory:write",
    answer=ReservationFields,
    status=201,
)
def release(uow: UnitOfWork, reservation_id: str) -> Reservation:
    """Give back exactly the units a reservation holds; twice is once."""
    service.release(uow, [ReservationId(reservation_id)], key=uow.new_id("cmd"))
    return _reservation(uow, reservation_id)


def _reservation(uow: UnitOfWork, reservation_id: str) -> Reservation:
    return uow.session.get_one(Reservation, (uow.tenant_id, reservation_id))


def _demands(lines: list[Mapping[str, Any]]) -> list[Demand]:
    return [
        Demand(SkuId(line["sku_id"]), NodeId(line["node_id"]), line["quantity"]) for line in lines
    ]


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "node_id": promise.node_id,
        "node": promise.node_code,
        "quantity": promise.quantity,
        "why": [{"term": term, "units": units} for term, units in promise.why],
    }


def _place(values: list[Any] | None) -> tuple[str, str] | None:
    if values is None:
        return None
    if len(values) != 2:
        raise Malformed
    return str(values[0]), str(values[1])
