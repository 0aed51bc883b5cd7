"""`/api/transfers`: goods on the road between two nodes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from api.fields import Choice, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import NodeId, SkuId, TransferId
from commerce.inventory import queries
from commerce.inventory.policy import QUANTITY_MAX, REASON_LENGTH_MAX
from commerce.inventory.transfers import (
    Carried,
    cancel_transfer,
    close_transfer,
    receive_transfer,
    ship_transfer,
)
from commerce.keyset import PageWish
from kernel.uow import UnitOfWork

transfers = Resource("transfers", "Goods on the road between two nodes.")

LINES_MAX = 500
STATES = ("shipped", "received", "cancelled")


class CarriedFields(Fields):
    """Units of a SKU."""

    sku_id = Text(required=True, max=40)
    quantity = Whole(required=True, min=1, max=QUANTITY_MAX)


def _units() -> fields.List[Any]:
    return fields.List(
        fields.Nested(CarriedFields), required=True, validate=validate.Length(1, LINES_MAX)
    )


class NewShippedTransferFields(Fields):
    """What leaves one node for another."""

    source_node_id = Text(required=True, max=40)
    target_node_id = Text(required=True, max=40)
    lines = _units()


class ArrivalFields(Fields):
    """What arrived."""

    lines = _units()


class ClosingFields(Fields):
    """Why what is missing is written off."""

    reason = Text(required=True, max=REASON_LENGTH_MAX)


class TransferLineFields(Fields):
    """Units of a SKU: `on_the_road` have left and come nowhere yet."""

    sku_id = fields.String(required=True)
    shipped = fields.Integer(required=True)
    received = fields.Integer(required=True)
    lost = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    on_the_road = fields.Integer(required=True)


class TransferHeadFields(Fields):
    """Goods that left one node for another."""

    id = fields.String(required=True)
    source_node_id = fields.String(required=True, attribute="source_id")
    target_node_id = fields.String(required=True, attribute="target_id")
    state = Choice(*STATES, required=True)
    shipped_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)


class ShippedTransferFields(TransferHeadFields):
    """Goods that left one node for another, SKU by SKU."""

    lines = fields.List(fields.Nested(TransferLineFields), required=True)
    version = fields.Integer(required=True)


class TransferListFields(PageFields):
    """Which transfers."""

    state = Choice(*STATES, load_default=None)


@transfers.operation(
    "GET",
    "",
    "inventory:read",
    query=TransferListFields,
    answer=listed(TransferHeadFields, "TransferPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List transfers, the newest first."""
    wish = PageWish(after(uow, query), query["limit"], descending=True)
    found = queries.transfers(uow, wish, state=query["state"])
    return page(uow, query, found.rows, found.next_after)


@transfers.operation(
    "POST",
    "",
    "inventory:write",
    body=NewShippedTransferFields,
    answer=ShippedTransferFields,
    status=201,
    needs_key=True,
    location="/api/transfers/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    """Let goods leave a node: they are in transit at the other one, and promised to nobody."""
    identity = ship_transfer(
        uow,
        [Carried(SkuId(line["sku_id"]), line["quantity"]) for line in body["lines"]],
        source=NodeId(body["source_node_id"]),
        target=NodeId(body["target_node_id"]),
        key=uow.new_id("cmd"),
    )
    return _whole(uow, identity)


@transfers.operation("GET", "/<transfer_id>", "inventory:read", answer=ShippedTransferFields)
def show(uow: UnitOfWork, transfer_id: str) -> dict[str, Any]:
    """Show a transfer, SKU by SKU."""
    return _whole(uow, transfer_id)


@transfers.operation(
    "POST",
    "/<transfer_id>/arrivals",
    "inventory:write",
    body=ArrivalFields,
    answer=ShippedTransferFields,
    status=201,
    needs_key=True,
)
def arrive(uow: UnitOfWork, transfer_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Take in what arrived: it is available at once, and the rest stays on the road."""
    arrived: dict[SkuId, int] = {}
    for line in body["lines"]:
        sku_id = SkuId(line["sku_id"])
        arrived[sku_id] = arrived.get(sku_id, 0) + line["quantity"]
    receive_transfer(uow, TransferId(transfer_id), arrived, key=uow.new_id("cmd"))
    return _whole(uow, transfer_id)


@transfers.operation(
    "POST",
    "/<transfer_id>/closing",
    "inventory:adjust",
    body=ClosingFields,
    answer=ShippedTransferFields,
    status=201,
    needs_key=True,
)
def close(uow: UnitOfWork, transfer_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Write off what never arrived."""
    identity = TransferId(transfer_id)
    close_transfer(uow, identity, reason=body["reason"], key=uow.new_id("cmd"))
    return _whole(uow, transfer_id)


@transfers.operation(
    "POST",
    "/<transfer_id>/cancellation",
    "inventory:write",
    answer=ShippedTransferFields,
    status=201,
    needs_key=True,
)
def cancel(uow: UnitOfWork, transfer_id: str) -> dict[str, Any]:
    """Turn goods round: what is on the road is available where it came from."""
    cancel_transfer(uow, TransferId(transfer_id), key=uow.new_id("cmd"))
    return _whole(uow, transfer_id)


def _whole(uow: UnitOfWork, transfer_id: str) -> dict[str, Any]:
    uow.session.flush()
    row, lines = queries.transfer_with_lines(uow, transfer_id)
    names = ("id", "source_id", "target_id", "state", "shipped_at", "ended_at", "version")
    return {**{name: getattr(row, name) for name in names}, "lines": lines}
