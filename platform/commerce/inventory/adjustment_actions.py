"""What inventory can do for a workflow about corrections that need an approval.

A workflow proposes none: nobody decides what they asked for, and it is the workflow that decides.
"""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.ids import AdjustmentId
from commerce.inventory.adjustments import (
    one_adjustment,
    post_adjustment,
    reject_adjustment,
)
from commerce.inventory.policy import ADJUST_STOCK, REASON_LENGTH_MAX
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


def _reason() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, REASON_LENGTH_MAX))


class OneAdjustment(Schema):
    """Which correction."""

    adjustment_id = _id()


class Proposed(OneAdjustment):
    """The correction as an approval sees it."""

    version = fields.Integer(required=True)
    digest = fields.String(required=True)
    requester_id = fields.String(required=True)
    difference = fields.Integer(required=True)


class Posting(OneAdjustment):
    """Which correction, and what was approved."""

    approved_digest = fields.String(required=True)


class Posted(OneAdjustment):
    """The correction, and what is available after it."""

    available = fields.Integer(required=True)


class Rejection(OneAdjustment):
    """Which correction, and why not."""

    reason = _reason()


def _review(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    return _proposed(uow, AdjustmentId(input["adjustment_id"]))


def _proposed(uow: UnitOfWork, identity: AdjustmentId) -> Facts:
    row = one_adjustment(uow, identity)
    return {
        "adjustment_id": row.id,
        "version": row.version,
        "digest": row.digest,
        "requester_id": row.requester_id,
        "difference": row.difference,
    }


def _post(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    identity = AdjustmentId(input["adjustment_id"])
    available = post_adjustment(
        uow, identity, approved_digest=input["approved_digest"], key=step_id
    )
    return {"adjustment_id": identity, "available": available}


def _reject(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    identity = AdjustmentId(input["adjustment_id"])
    reject_adjustment(uow, identity, reason=input["reason"], key=step_id)
    return {"adjustment_id": identity}


REVIEW = Action(
    "inventory.review_adjustment",
    "Read a proposed correction for those who decide",
    ADJUST_STOCK,
    "local",
    OneAdjustment,
    Proposed,
    _review,
)
POST = Action(
    "inventory.post_adjustment",
    "Make a correction as it was approved",
    ADJUST_STOCK,
    "local",
    Posting,
    Posted,
    _post,
)
REJECT = Action(
    "inventory.reject_adjustment",
    "Decide against a correction",
    ADJUST_STOCK,
    "local",
    Rejection,
    OneAdjustment,
    _reject,
)

ADJUSTMENT_ACTIONS = (REVIEW, POST, REJECT)
