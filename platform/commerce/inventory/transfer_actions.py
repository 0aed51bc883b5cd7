"""What inventory can do for a workflow about goods on the road between two nodes."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.catalog.queries import by_code
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, TransferId
from commerce.inventory.policy import QUANTITY_MAX, WRITE_STOCK
from commerce.inventory.transfers import (
    Carried,
    cancel_transfer,
    on_the_road,
    receive_transfer,
    ship_transfer,
)
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


class OneTransfer(Schema):
    """Which transfer."""

    transfer_id = _id()


class TransferWish(Schema):
    """Units of a SKU that are to be carried from one node to another."""

    sku = fields.String(required=True, validate=validate.Length(1, 64))
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, QUANTITY_MAX))
    source = _id()
    target = _id()


def _ship(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    carried = Carried(by_code(uow, Sku, input["sku"]).id, input["quantity"])
    source, target = NodeId(input["source"]), NodeId(input["target"])
    transfer_id = ship_transfer(uow, [carried], source=source, target=target, key=step_id)
    return {"transfer_id": transfer_id}


def _turn_round(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    cancel_transfer(uow, TransferId(output["transfer_id"]), key=step_id)
    return {"transfer_id": output["transfer_id"]}


def _receive(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    transfer_id = TransferId(input["transfer_id"])
    if arrived := on_the_road(uow, transfer_id):
        receive_transfer(uow, transfer_id, arrived, key=step_id)
    return {"transfer_id": transfer_id}


SHIP = Action(
    "inventory.ship_transfer",
    "Let units leave for another node",
    WRITE_STOCK,
    "local",
    TransferWish,
    OneTransfer,
    _ship,
    _turn_round,
)
RECEIVE = Action(
    "inventory.receive_transfer",
    "Take in all that is still on the road",
    WRITE_STOCK,
    "local",
    OneTransfer,
    OneTransfer,
    _receive,
)

TRANSFER_ACTIONS = (SHIP, RECEIVE)
