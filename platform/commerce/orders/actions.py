"""What orders can do for a workflow: give a line up."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.ids import OrderLineId
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.service import REASON_LENGTH_MAX, cancel_line
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


class Cancellation(Schema):
    """Which line is given up, and why."""

    order_line_id = fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))
    reason = fields.String(required=True, validate=validate.Length(1, REASON_LENGTH_MAX))


class Cancelled(Schema):
    """The line, and how many units are available again."""

    order_line_id = fields.String(required=True)
    released = fields.Integer(required=True)


def _cancel(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    line_id = OrderLineId(input["order_line_id"])
    released = cancel_line(uow, line_id, reason=input["reason"], key=step_id)
    return {"order_line_id": line_id, "released": released}


CANCEL_LINE = Action(
    "orders.cancel_line",
    "Give an order line up and its units back",
    WRITE_ORDERS,
    "local",
    Cancellation,
    Cancelled,
    _cancel,
)

ACTIONS = (CANCEL_LINE,)
