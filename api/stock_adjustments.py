"""`/api/stock-adjustments`: corrections that one person proposes and another decides."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant, Text, Whole, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import AdjustmentId, NodeId, SkuId
from commerce.inventory import queries
from commerce.inventory.adjustment_tables import StockAdjustment
from commerce.inventory.adjustments import (
    one_adjustment,
    post_adjustment,
    propose_adjustment,
    reject_adjustment,
)
from commerce.inventory.allocation import Shelf
from commerce.inventory.policy import QUANTITY_MAX, REASON_LENGTH_MAX
from commerce.keyset import PageWish
from kernel.uow import UnitOfWork

stock_adjustments = Resource(
    "stock-adjustments", "Corrections that one person proposes and another decides."
)

STATES = ("proposed", "posted", "rejected")


class NewAdjustmentFields(Fields):
    """By how much what is available is to be corrected, and why."""

    sku_id = Text(required=True, max=40)
    node_id = Text(required=True, max=40)
    difference = Whole(required=True, min=-QUANTITY_MAX, max=QUANTITY_MAX)
    reason = Text(required=True, max=REASON_LENGTH_MAX)
    expected_available = Whole(load_default=None, allow_none=True)


class AdjustmentFields(NewAdjustmentFields):
    """A correction, what an approval of it covers (`digest`), and what was decided."""

    id = fields.String(required=True)
    digest = fields.String(required=True)
    state = Choice(*STATES, required=True)
    requester_id = fields.String(required=True)
    proposed_at = Instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AdjustmentListFields(PageFields):
    """Which corrections."""

    state = Choice(*STATES, load_default=None)


class AdjustmentApprovalFields(Fields):
    """The digest of what was seen: only just that is made."""

    digest = Text(required=True, max=80)


class AdjustmentRejectionFields(Fields):
    """Why not."""

    reason = Text(required=True, max=REASON_LENGTH_MAX)


@stock_adjustments.operation(
    "GET",
    "",
    "inventory:read",
    query=AdjustmentListFields,
    answer=listed(AdjustmentFields, "AdjustmentPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List corrections, the newest first."""
    wish = PageWish(after(uow, query), query["limit"], descending=True)
    found = queries.adjustments(uow, wish, state=query["state"])
    return page(uow, query, found.rows, found.next_after)


@stock_adjustments.operation(
    "POST",
    "",
    "inventory:adjust",
    body=NewAdjustmentFields,
    answer=AdjustmentFields,
    status=201,
    needs_key=True,
    location="/api/stock-adjustments/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> StockAdjustment:
    """Propose a correction: nothing moves until somebody else approves it."""
    identity = propose_adjustment(
        uow,
        Shelf(SkuId(body["sku_id"]), NodeId(body["node_id"])),
        body["difference"],
        reason=body["reason"],
        expected_available=body["expected_available"],
        key=uow.new_id("cmd"),
    )
    return one_adjustment(uow, identity)


@stock_adjustments.operation("GET", "/<adjustment_id>", "inventory:read", answer=AdjustmentFields)
def show(uow: UnitOfWork, adjustment_id: str) -> StockAdjustment:
    """Show a correction."""
    return one_adjustment(uow, adjustment_id)


@stock_adjustments.operation(
    "POST",
    "/<adjustment_id>/approval",
    "inventory:adjust",
    body=AdjustmentApprovalFields,
    answer=AdjustmentFields,
    status=201,
    needs_key=True,
)
def approve(uow: UnitOfWork, adjustment_id: str, body: Mapping[str, Any]) -> StockAdjustment:
    """Approve a correction somebody else proposed, just as it stands: it is made at once."""
    identity = AdjustmentId(adjustment_id)
    post_adjustment(uow, identity, approved_digest=body["digest"], key=uow.new_id("cmd"))
    return one_adjustment(uow, adjustment_id)


@stock_adjustments.operation(
    "POST",
    "/<adjustment_id>/rejection",
    "inventory:adjust",
    body=AdjustmentRejectionFields,
    answer=AdjustmentFields,
    status=201,
    needs_key=True,
)
def reject(uow: UnitOfWork, adjustment_id: str, body: Mapping[str, Any]) -> StockAdjustment:
    """Decide against a correction."""
    identity = AdjustmentId(adjustment_id)
    reject_adjustment(uow, identity, reason=body["reason"], key=uow.new_id("cmd"))
    return one_adjustment(uow, adjustment_id)
