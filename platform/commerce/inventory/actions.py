"""What inventory can do for a workflow: hold units, give them back, carry and correct them."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.catalog.queries import by_code
from commerce.catalog.tables import Sku
from commerce.commands import once
from commerce.ids import NodeId, ReservationId, SkuId
from commerce.inventory import goods, service
from commerce.inventory.adjustment_actions import ADJUSTMENT_ACTIONS
from commerce.inventory.allocation import Demand, Shelf, Shortage, fullest_first
from commerce.inventory.errors import OutOfStock
from commerce.inventory.policy import ADJUST_STOCK, QUANTITY_MAX, WRITE_STOCK
from commerce.inventory.queries import available_to_promise
from commerce.inventory.service import Owner
from commerce.inventory.transfer_actions import TRANSFER_ACTIONS
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


def _id(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, ID_LENGTH_MAX), **options)


def _quantity() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, QUANTITY_MAX))


class ReservationWish(Schema):
    """Units of a SKU for an order line, at this node or where most are free."""

    sku = fields.String(required=True, validate=validate.Length(1, 64))
    quantity = _quantity()
    order_line_id = _id(required=True)
    node_id = _id(load_default=None, allow_none=True)


class Reserved(Schema):
    """The hold, and where its units are."""

    reservation_id = _id(required=True)
    node_id = _id(required=True)


class OneReservation(Schema):
    """Which hold."""

    reservation_id = _id(required=True)


class Carriage(Schema):
    """Units of a SKU from one node to another."""

    sku = fields.String(required=True, validate=validate.Length(1, 64))
    quantity = _quantity()
    source = _id(required=True)
    target = _id(required=True)


class Correction(Schema):
    """By how much what is available is corrected, and why."""

    sku = fields.String(required=True, validate=validate.Length(1, 64))
    node_id = _id(required=True)
    difference = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class Corrected(Correction):
    """The correction, and what is available after it."""

    available = fields.Integer(required=True)


def _reserve(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    sku = by_code(uow, Sku, input["sku"])
    # Chosen once per step: repeated, the step means the same shelf whatever is free by then.
    chosen = once(
        uow, f"{step_id}/node", "inventory.choose_node", input, lambda: _choose(uow, sku.id, input)
    )
    demand = Demand(sku.id, NodeId(chosen["node_id"]), input["quantity"])
    owner = Owner("order_line", input["order_line_id"])
    (reservation_id,) = service.reserve(uow, [demand], owner=owner, key=step_id)
    return {"reservation_id": reservation_id, "node_id": chosen["node_id"]}


def _choose(uow: UnitOfWork, sku_id: SkuId, input: Any) -> Facts:
    if input["node_id"]:
        return {"node_id": input["node_id"]}
    # Read without locks: `reserve` checks under them, and says no where somebody was faster.
    promised = available_to_promise(uow, sku_id)
    free = {Shelf(sku_id, each.node_id): each.quantity for each in promised}
    nodes = fullest_first(sku_id, free)
    if not nodes:
        raise OutOfStock((Shortage(sku_id, NodeId(""), input["quantity"], 0),))
    return {"node_id": nodes[0]}


def _release(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    service.release(uow, [ReservationId(input["reservation_id"])], key=step_id)
    return {"reservation_id": input["reservation_id"]}


def _transfer(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    sku = by_code(uow, Sku, input["sku"])
    source, target = NodeId(input["source"]), NodeId(input["target"])
    goods.transfer(uow, sku.id, input["quantity"], source=source, target=target, key=step_id)
    return dict(input)


def _transfer_back(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    back = {**output, "source": output["target"], "target": output["source"]}
    return _transfer(uow, back, step_id)


def _adjust(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    sku = by_code(uow, Sku, input["sku"])
    available = goods.adjust(
        uow,
        Shelf(sku.id, NodeId(input["node_id"])),
        input["difference"],
        reason=input["reason"],
        key=step_id,
    )
    return {**input, "available": available}


def _adjust_back(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    reason = f"Undone: {output['reason']}"[:200]
    return _adjust(uow, {**output, "difference": -output["difference"], "reason": reason}, step_id)


RESERVE = Action(
    "inventory.reserve",
    "Hold units for an order line",
    WRITE_STOCK,
    "local",
    ReservationWish,
    Reserved,
    _reserve,
    _release,
)
RELEASE = Action(
    "inventory.release",
    "Give held units back",
    WRITE_STOCK,
    "local",
    OneReservation,
    OneReservation,
    _release,
)
TRANSFER = Action(
    "inventory.transfer",
    "Carry units from one node to another",
    WRITE_STOCK,
    "local",
    Carriage,
    Carriage,
    _transfer,
    _transfer_back,
)
ADJUST = Action(
    "inventory.adjust",
    "Correct what is available",
    ADJUST_STOCK,
    "local",
    Correction,
    Corrected,
    _adjust,
    _adjust_back,
)

ACTIONS = (RESERVE, RELEASE, TRANSFER, ADJUST, *ADJUSTMENT_ACTIONS, *TRANSFER_ACTIONS)
