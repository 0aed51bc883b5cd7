"""What orders can do for a workflow: give lines and orders up, hold them back, let them go on."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.ids import FulfilmentOrderId, NodeId, OrderId, OrderLineId
from commerce.inventory.policy import WRITE_STOCK
from commerce.orders.errors import NothingToHold
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.service import (
    REASON_LENGTH_MAX,
    cancel_line,
    cancel_order,
    fulfil_order,
    hold_order,
    release_order,
    reroute_line,
    resume_order,
)
from commerce.warehouse.lifecycle import LIVING
from commerce.warehouse.queries import one_fulfilment
from commerce.warehouse.service import cancel
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


def _reason() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, REASON_LENGTH_MAX))


class Cancellation(Schema):
    """Which line is given up, and why."""

    order_line_id = _id()
    reason = _reason()


class Cancelled(Schema):
    """The line, and how many units are available again."""

    order_line_id = fields.String(required=True)
    released = fields.Integer(required=True)


class Routing(Schema):
    """Which line, and which node is to serve it."""

    order_line_id = _id()
    node_id = _id()


class OrderAndReason(Schema):
    """Which order, and why."""

    order_id = _id()
    reason = _reason()


class OneOrder(Schema):
    """Which order."""

    order_id = _id()


class OrderCancelled(OneOrder):
    """The order, and how many units are available again."""

    released = fields.Integer(required=True)


class Resumed(OneOrder):
    """The order, how many lines got an outcome, and how many still wait for a person."""

    routed = fields.Integer(required=True)
    still_held = fields.Integer(required=True)


class Released(OneOrder):
    """The order, and what its nodes are asked to ship now."""

    fulfilment_order_ids = fields.List(fields.String(), required=True)
    parcels = fields.Integer(required=True)


class Fulfilled(OneOrder):
    """The order, and how many parcels of it left."""

    parcels = fields.Integer(required=True)


def _cancel(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    line_id = OrderLineId(input["order_line_id"])
    released = cancel_line(uow, line_id, reason=input["reason"], key=step_id)
    return {"order_line_id": line_id, "released": released}


def _cancel_order(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    order_id = OrderId(input["order_id"])
    released = cancel_order(uow, order_id, reason=input["reason"], key=step_id)
    return {"order_id": order_id, "released": released}


def _hold(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    hold_order(uow, OrderId(input["order_id"]), reason=input["reason"], key=step_id)
    return {"order_id": input["order_id"]}


def _resume(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    resumed = resume_order(uow, OrderId(input["order_id"]), key=step_id)
    counts = {"routed": resumed.routed, "still_held": resumed.still_held}
    return {"order_id": input["order_id"], **counts}


def _release(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    made = release_order(uow, OrderId(input["order_id"]), key=step_id)
    return {
        "order_id": input["order_id"],
        "fulfilment_order_ids": made,
        "parcels": len(made),
    }


def _call_back(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    del step_id
    for identity in output["fulfilment_order_ids"]:
        if one_fulfilment(uow, identity).status in LIVING:
            cancel(uow, FulfilmentOrderId(identity), reason="Asking for it was undone.")
    return {**output}


def _fulfil(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    order_id = OrderId(input["order_id"])
    left = fulfil_order(uow, order_id, key=step_id)
    return {"order_id": order_id, "parcels": len(left)}


def _reroute(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    line_id, node_id = OrderLineId(input["order_line_id"]), NodeId(input["node_id"])
    reroute_line(uow, line_id, node_id, key=step_id)
    return {"order_line_id": line_id, "node_id": node_id}


def _let_go(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    try:
        return _resume(uow, output, step_id)
    except NothingToHold:  # Somebody was faster: the order goes on already.
        return {"order_id": output["order_id"], "routed": 0, "still_held": 0}


CANCEL_LINE = Action(
    "orders.cancel_line",
    "Give an order line up and its units back",
    WRITE_ORDERS,
    "local",
    Cancellation,
    Cancelled,
    _cancel,
)
CANCEL_ORDER = Action(
    "orders.cancel",
    "Give an order up and its units back",
    WRITE_ORDERS,
    "local",
    OrderAndReason,
    OrderCancelled,
    _cancel_order,
)
HOLD_ORDER = Action(
    "orders.hold",
    "Hold an order back",
    WRITE_ORDERS,
    "local",
    OrderAndReason,
    OneOrder,
    _hold,
    _let_go,
)
RESUME_ORDER = Action(
    "orders.resume",
    "Let a held order go on",
    WRITE_ORDERS,
    "local",
    OneOrder,
    Resumed,
    _resume,
)

RELEASE_ORDER = Action(
    "orders.release",
    "Ask the nodes to ship what an order has",
    WRITE_ORDERS,
    "local",
    OneOrder,
    Released,
    _release,
    _call_back,
)
FULFIL_ORDER = Action(
    "orders.fulfil",
    "Pick, pack and ship at once what an order has",
    WRITE_STOCK,
    "local",
    OneOrder,
    Fulfilled,
    _fulfil,
)

REROUTE_LINE = Action(
    "orders.reroute_line",
    "Let another node serve a line",
    WRITE_ORDERS,
    "local",
    Routing,
    Routing,
    _reroute,
)

ACTIONS = (
    REROUTE_LINE,
    CANCEL_LINE,
    CANCEL_ORDER,
    HOLD_ORDER,
    RESUME_ORDER,
    RELEASE_ORDER,
    FULFIL_ORDER,
)
