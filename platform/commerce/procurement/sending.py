"""Sending a purchase order, what the supplier says to it, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from commerce.catalog.queries import terms_for
from commerce.commands import once
from commerce.ids import PurchaseOrderId
from commerce.inventory.allocation import Demand
from commerce.inventory.goods import expect, expect_no_longer
from commerce.procurement.contents import days_late
from commerce.procurement.drafting import one_order
from commerce.procurement.errors import (
    AlreadyDelivered,
    ApprovalMissing,
    ChangedSinceApproval,
    WrongPhase,
)
from commerce.procurement.events import (
    BackorderEtaUpdated,
    PurchaseOrderAcknowledged,
    PurchaseOrderCancelled,
    PurchaseOrderRejected,
    PurchaseOrderSent,
)
from commerce.procurement.lifecycle import UNSENT
from commerce.procurement.locking import (
    bought_for,
    content_of,
    lock_order,
    owed,
    phase_of,
    source_of,
    subject_of,
)
from commerce.procurement.policy import REASON_LENGTH_MAX, WRITE_PURCHASES
from commerce.procurement.tables import PurchaseOrder
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Acknowledgement:
    """What a supplier says to an order: a date, or None and a reason why not.

    `confirmed` gives units by the position of a line; a line that is not named is confirmed
    whole.
    """

    eta: datetime | None
    reason: str | None = None
    confirmed: Mapping[int, int] = field(default_factory=dict)


def send_order(
    uow: UnitOfWork, po_id: PurchaseOrderId, *, approved_digest: str, key: str
) -> PurchaseOrder:
    """Send an order exactly as it was approved; its units are incoming from now on.

    The order is locked and its digest taken afresh: ChangedSinceApproval where it says anything
    else than what was approved. A person sends only what `approve_order` approved
    (ApprovalMissing); a workflow answers for the approval its definition asks for.
    """
    uow.actor.must(WRITE_PURCHASES)
    request = {"po_id": po_id, "approved_digest": approved_digest}
    once(
        uow, key, "procurement.send_order", request, lambda: _send(uow, po_id, approved_digest, key)
    )
    return one_order(uow, po_id)


def acknowledge_order(
    uow: UnitOfWork, po_id: PurchaseOrderId, answer: Acknowledgement, *, key: str
) -> None:
    """Write down what the supplier says to an order that was sent; WrongPhase otherwise."""
    uow.actor.must(WRITE_PURCHASES)
    if answer.eta is None and not (answer.reason or "").strip():
        detail = "Send the date by which they deliver, or why they will not."
        raise Invalid((Fault("/eta", "procurement.answer", detail),))
    request = {"po_id": po_id, "answer": answer}
    once(uow, key, "procurement.acknowledge_order", request, lambda: _note(uow, po_id, answer, key))


def cancel_order(uow: UnitOfWork, po_id: PurchaseOrderId, *, reason: str, key: str) -> None:
    """Take back an order that was sent: the inverse of sending. Its units are no longer incoming.

    Twice is once, and one that its supplier rejected stays so. AlreadyDelivered where goods have
    come; WrongPhase where it was never sent.
    """
    uow.actor.must(WRITE_PURCHASES)
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "procurement.reason", detail),))
    request = {"po_id": po_id, "reason": reason}
    once(uow, key, "procurement.cancel_order", request, lambda: _cancel(uow, po_id, reason, key))


def _send(
    uow: UnitOfWork, po_id: PurchaseOrderId, approved_digest: str, key: str
) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, UNSENT)
    if uow.actor.kind != "system" and order.phase != "approved":
        raise ApprovalMissing(order.id)
    stands = content_of(order, lines).digest
    if approved_digest != stands or order.approved_digest not in (None, stands):
        raise ChangedSinceApproval(order.id, approved_digest, stands)
    terms = terms_for(uow, [line.sku_id for line in lines])
    lead_times = [
        each.lead_time_days
        for line in lines
        for each in terms.get(line.sku_id, ())
        if each.supplier_id == order.supplier_id
    ]
    order.phase, order.sent_at, order.approved_digest = "sent", uow.now, approved_digest
    order.eta_at = uow.now + timedelta(days=max(lead_times, default=0))
    expect(uow, owed(order, lines), source=source_of(order), key=f"{key}/units")
    uow.emit(
        PurchaseOrderSent(
            order.id, order.number, order.supplier_id, bought_for(lines), order.eta_at, order.total
        )
    )
    facts = {"approved_digest": approved_digest}
    uow.record("procurement.send_order", subject_of(order), facts=facts)
    return {"po_id": po_id}


def _note(
    uow: UnitOfWork, po_id: PurchaseOrderId, answer: Acknowledgement, key: str
) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, {"sent"})
    if answer.eta is None:
        return _rejected(uow, order.id, answer.reason or "", key)
    given_up = []
    for line in lines:
        line.quantity_confirmed = answer.confirmed.get(line.position, line.quantity)
        if not 0 <= line.quantity_confirmed <= line.quantity:
            detail = f"Confirm from 0 to {line.quantity} units."
            raise Invalid((Fault(f"/confirmed/{line.position}", "procurement.quantity", detail),))
        if line.quantity_confirmed < line.quantity:
            short = line.quantity - line.quantity_confirmed
            given_up.append(Demand(line.sku_id, order.node_id, short))
    if given_up:
        expect_no_longer(uow, given_up, source=source_of(order), key=f"{key}/units")
    assert order.eta_at is not None, "an order that was sent has a date"
    late = days_late(answer.eta, order.eta_at)
    order.phase, order.acknowledged_at, order.eta_at = "acknowledged", uow.now, answer.eta
    customer_line = bought_for(lines)
    uow.emit(
        PurchaseOrderAcknowledged(
            order.id,
            order.number,
            order.supplier_id,
            customer_line,
            answer.eta,
            sum(line.quantity for line in lines),
            sum(line.promised for line in lines),
        )
    )
    if customer_line is not None:
        uow.emit(BackorderEtaUpdated(customer_line, order.supplier_id, answer.eta, late))
    uow.record("procurement.acknowledge_order", subject_of(order), facts={"eta": answer.eta})
    return {"phase": order.phase}


def _rejected(uow: UnitOfWork, po_id: PurchaseOrderId, reason: str, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, {"sent"})
    expect_no_longer(uow, owed(order, lines), source=source_of(order), key=f"{key}/units")
    order.phase, order.closed_at, order.reason = "rejected", uow.now, reason[:REASON_LENGTH_MAX]
    uow.emit(
        PurchaseOrderRejected(
            order.id, order.number, order.supplier_id, bought_for(lines), order.reason
        )
    )
    uow.record("procurement.acknowledge_order", subject_of(order), reason=order.reason)
    return {"phase": order.phase}


def _cancel(uow: UnitOfWork, po_id: PurchaseOrderId, reason: str, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, po_id)
    # What the supplier rejected is taken back already: they owe nothing.
    if phase_of(order) not in ("cancelled", "rejected"):
        if any(line.quantity_delivered for line in lines):
            raise AlreadyDelivered(order.id)
        if phase_of(order) not in ("sent", "acknowledged"):
            raise WrongPhase(order.id, order.phase)
        if units := owed(order, lines):
            expect_no_longer(uow, units, source=source_of(order), key=f"{key}/units")
        order.phase, order.closed_at, order.reason = "cancelled", uow.now, reason
        uow.emit(
            PurchaseOrderCancelled(order.id, order.number, order.supplier_id, bought_for(lines))
        )
    uow.record("procurement.cancel_order", subject_of(order), reason=reason)
    return {"po_id": po_id}
