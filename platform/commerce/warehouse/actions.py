"""What a warehouse can do for a workflow: note what was picked and packed, hold parcels back."""

from contextlib import suppress
from typing import Any

from marshmallow import Schema, fields, validate

from commerce.ids import FulfilmentOrderId
from commerce.inventory.policy import WRITE_STOCK
from commerce.warehouse import opening, picking
from commerce.warehouse.errors import HeldBack, NotHeldBack
from commerce.warehouse.policy import REASON_LENGTH_MAX
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


class OneFulfilment(Schema):
    """Which fulfilment order."""

    fulfilment_order_id = fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


class FulfilmentAndReason(OneFulfilment):
    """Which fulfilment order, and why."""

    reason = fields.String(required=True, validate=validate.Length(1, REASON_LENGTH_MAX))


def _id(facts: Any) -> FulfilmentOrderId:
    return FulfilmentOrderId(facts["fulfilment_order_id"])


def _pick(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    picking.pick(uow, _id(input), key=step_id)
    return {"fulfilment_order_id": _id(input)}


def _pack(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    picking.pack(uow, _id(input), key=step_id)
    return {"fulfilment_order_id": _id(input)}


def _hold(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    try:
        opening.hold(uow, _id(input), reason=input["reason"])
    except HeldBack as already:
        if already.reason != input["reason"]:
            raise
    return {"fulfilment_order_id": _id(input)}


def _release(uow: UnitOfWork, output: Any, step_id: str) -> Facts:
    del step_id
    with suppress(NotHeldBack):  # It goes on already.
        opening.release(uow, _id(output))
    return {"fulfilment_order_id": _id(output)}


def _cancel(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    opening.cancel(uow, _id(input), reason=input["reason"])
    return {"fulfilment_order_id": _id(input)}


PICK = Action(
    "warehouse.pick",
    "Note everything of a fulfilment order as picked",
    WRITE_STOCK,
    "local",
    OneFulfilment,
    OneFulfilment,
    _pick,
)
PACK = Action(
    "warehouse.pack",
    "Note a fulfilment order as packed",
    WRITE_STOCK,
    "local",
    OneFulfilment,
    OneFulfilment,
    _pack,
)
HOLD = Action(
    "warehouse.hold",
    "Hold a fulfilment order back",
    WRITE_STOCK,
    "local",
    FulfilmentAndReason,
    OneFulfilment,
    _hold,
    _release,
)
RELEASE = Action(
    "warehouse.release",
    "Let a fulfilment order that was held back go on",
    WRITE_STOCK,
    "local",
    OneFulfilment,
    OneFulfilment,
    _release,
)
CANCEL = Action(
    "warehouse.cancel",
    "Ask a node no longer to ship",
    WRITE_STOCK,
    "local",
    FulfilmentAndReason,
    OneFulfilment,
    _cancel,
)

ACTIONS = (PICK, PACK, HOLD, RELEASE, CANCEL)
