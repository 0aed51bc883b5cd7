"""Corrections that somebody else has to approve: proposed, decided, and only then made.

Lock order: the proposal, then its shelf.
"""

import hashlib

from commerce.commands import once
from commerce.ids import AdjustmentId
from commerce.inventory import goods
from commerce.inventory.adjustment_tables import StockAdjustment
from commerce.inventory.allocation import Demand, Shelf
from commerce.inventory.checks import must_be_movable, must_exist
from commerce.inventory.errors import AdjustmentDecided, NotAsApproved, OwnAdjustment
from commerce.inventory.events import AdjustmentPosted, AdjustmentProposed, AdjustmentRejected
from commerce.inventory.policy import ADJUST_STOCK, REASON_LENGTH_MAX
from commerce.rows import locked
from kernel.audit import Subject
from kernel.canonical import canonical_bytes
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork


def propose_adjustment(
    uow: UnitOfWork,
    shelf: Shelf,
    difference: int,
    *,
    reason: str,
    key: str,
    expected_available: int | None = None,
) -> AdjustmentId:
    """Ask for a correction; nothing moves until somebody else has approved just this."""
    uow.actor.must(ADJUST_STOCK)
    if difference == 0 or not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = "A correction changes something, and says why."
        raise Invalid((Fault("/difference", "inventory.correction", detail),))
    demand = Demand(shelf.sku_id, shelf.node_id, abs(difference))
    must_be_movable([demand])
    request = {"shelf": shelf, "difference": difference, "expected": expected_available}

    def propose() -> dict[str, object]:
        must_exist(uow, [demand])
        row = _row(uow, shelf, difference, reason, expected_available)
        uow.session.add(row)
        uow.emit(
            AdjustmentProposed(
                row.id,
                row.sku_id,
                row.node_id,
                row.difference,
                row.reason,
                row.requester_id,
                row.digest,
            )
        )
        uow.record("inventory.propose_adjustment", Subject("stock_adjustment", row.id))
        return {"adjustment_id": row.id}

    answer = once(uow, key, "inventory.propose_adjustment", {**request, "why": reason}, propose)
    return AdjustmentId(answer["adjustment_id"])


def post_adjustment(
    uow: UnitOfWork, adjustment_id: AdjustmentId, *, approved_digest: str, key: str
) -> int:
    """Make a correction that was approved as it stands; return what is available after it.

    NotAsApproved where the digest is another's; OwnAdjustment where who asked decides;
    AdjustmentDecided; CountedMeanwhile and OutOfStock as `goods.adjust` says.
    """
    uow.actor.must(ADJUST_STOCK)
    request = {"adjustment_id": adjustment_id, "approved_digest": approved_digest}
    answer = once(
        uow,
        key,
        "inventory.post_adjustment",
        request,
        lambda: _post(uow, adjustment_id, approved_digest, key),
    )
    return int(answer["available"])


def reject_adjustment(
    uow: UnitOfWork, adjustment_id: AdjustmentId, *, reason: str, key: str
) -> None:
    """Decide against a correction; nothing moves. Rejecting twice is once. AdjustmentDecided."""
    uow.actor.must(ADJUST_STOCK)
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "inventory.correction", detail),))
    request = {"adjustment_id": adjustment_id, "reason": reason}
    once(
        uow,
        key,
        "inventory.reject_adjustment",
        request,
        lambda: _reject(uow, adjustment_id, reason),
    )


def one_adjustment(uow: UnitOfWork, adjustment_id: str) -> StockAdjustment:
    """Return a proposed correction; NotFound where this tenant has none."""
    row = uow.session.get(StockAdjustment, (uow.tenant_id, adjustment_id))
    if row is None:
        raise NotFound("stock_adjustment", adjustment_id)
    return row


def _row(
    uow: UnitOfWork, shelf: Shelf, difference: int, reason: str, expected: int | None
) -> StockAdjustment:
    row = StockAdjustment(
        tenant_id=uow.tenant_id,
        id=AdjustmentId(uow.new_id("adj")),
        sku_id=shelf.sku_id,
        node_id=shelf.node_id,
        difference=difference,
        expected_available=expected,
        reason=reason,
        state="proposed",
        requester_id=uow.actor.id,
        proposed_at=uow.now,
    )
    row.digest = digest_of(row)
    return row


def digest_of(row: StockAdjustment) -> str:
    """Return what an approval covers: everything that decides what is moved, and why."""
    covered = {
        "id": row.id,
        "sku_id": row.sku_id,
        "node_id": row.node_id,
        "difference": row.difference,
        "expected_available": row.expected_available,
        "reason": row.reason,
        "requester_id": row.requester_id,
    }
    return "sha256:" + hashlib.sha256(canonical_bytes(covered)).hexdigest()


def _post(
    uow: UnitOfWork, adjustment_id: AdjustmentId, approved_digest: str, key: str
) -> dict[str, object]:
    row = _undecided(uow, adjustment_id)
    # The workflow that had it approved acts as the system, never as who asked.
    if row.requester_id == uow.actor.id:
        raise OwnAdjustment(row.id)
    if approved_digest != digest_of(row):
        raise NotAsApproved(row.id)
    available = goods.make_correction(
        uow,
        Shelf(row.sku_id, row.node_id),
        row.difference,
        reason=row.reason,
        key=f"{key}/units",
        expected_available=row.expected_available,
    )
    row.state, row.decided_at, row.decided_by = "posted", uow.now, uow.actor.id
    uow.emit(AdjustmentPosted(row.id, row.sku_id, row.node_id, row.difference))
    subject = Subject("stock_adjustment", row.id)
    uow.record("inventory.post_adjustment", subject, reason=row.reason)
    return {"available": available}


def _reject(uow: UnitOfWork, adjustment_id: AdjustmentId, reason: str) -> dict[str, object]:
    row = _undecided(uow, adjustment_id)
    row.state, row.decided_at, row.decided_by = "rejected", uow.now, uow.actor.id
    uow.emit(AdjustmentRejected(row.id, row.sku_id, row.node_id, reason))
    subject = Subject("stock_adjustment", row.id)
    uow.record("inventory.reject_adjustment", subject, reason=reason)
    return {}


def _undecided(uow: UnitOfWork, adjustment_id: AdjustmentId) -> StockAdjustment:
    row = locked(uow, StockAdjustment, "stock_adjustment", adjustment_id)
    if row.state != "proposed":
        raise AdjustmentDecided(row.id, row.state)
    return row
