"""Writing a purchase order, having it approved, and taking it off the table before it is sent."""

from dataclasses import dataclass

from commerce.catalog.queries import one, terms_for
from commerce.catalog.supply_tables import SupplierItem
from commerce.catalog.tables import Sku
from commerce.commands import once
from commerce.ids import (
    NodeId,
    OrderLineId,
    PurchaseOrderId,
    PurchaseOrderLineId,
    SkuId,
    SupplierId,
)
from commerce.inventory.checks import must_be_open
from commerce.numbers import next_number
from commerce.procurement.asking import insist_on_quantity
from commerce.procurement.contents import OrderedLine, PurchaseContent, quantity_to_order
from commerce.procurement.errors import (
    ChangedSinceApproval,
    NoSupplier,
    OrderLocked,
    RequesterApproves,
)
from commerce.procurement.events import (
    PurchaseOrderApproved,
    PurchaseOrderDrafted,
    PurchaseOrderSubmitted,
    PurchaseOrderVoided,
)
from commerce.procurement.lifecycle import UNSENT
from commerce.procurement.locking import bought_for, content_of, lock_order, phase_of, subject_of
from commerce.procurement.policy import APPROVE_PURCHASES, WRITE_PURCHASES
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Need:
    """Units of a SKU that are needed at a node, for a customer's line where there is one.

    Without a supplier, the one to ask first is taken.
    """

    sku_id: SkuId
    quantity: int
    node_id: NodeId
    order_line_id: OrderLineId | None = None
    supplier_id: SupplierId | None = None


def draft_order(uow: UnitOfWork, need: Need, *, key: str) -> PurchaseOrder:
    """Write a purchase order over what is needed, rounded up to the supplier's terms.

    Whoever asks is its requester, and never its approver. NoSupplier where nobody sells it.
    """
    uow.actor.must(WRITE_PURCHASES)
    insist_on_quantity(need.quantity)
    answer = once(uow, key, "procurement.draft_order", {"need": need}, lambda: _draft(uow, need))
    return one_order(uow, PurchaseOrderId(answer["po_id"]))


def submit_order(uow: UnitOfWork, po_id: PurchaseOrderId, *, key: str) -> None:
    """Put a draft before those who approve."""
    uow.actor.must(WRITE_PURCHASES)
    once(uow, key, "procurement.submit_order", {"po_id": po_id}, lambda: _submit(uow, po_id))


def approve_order(uow: UnitOfWork, po_id: PurchaseOrderId, *, digest: str, key: str) -> None:
    """Approve an order as the approver saw it: `digest` names what they saw.

    RequesterApproves, ChangedSinceApproval where it says something else by now, WrongPhase.
    """
    uow.actor.must(APPROVE_PURCHASES)
    request = {"po_id": po_id, "digest": digest}
    once(uow, key, "procurement.approve_order", request, lambda: _approve(uow, po_id, digest))


def void_order(uow: UnitOfWork, po_id: PurchaseOrderId, *, key: str) -> None:
    """Take an order that was never sent off the table: the inverse of drafting it.

    Twice is once. OrderLocked where it was sent.
    """
    uow.actor.must(WRITE_PURCHASES)
    once(uow, key, "procurement.void_order", {"po_id": po_id}, lambda: _void(uow, po_id))


def one_order(uow: UnitOfWork, po_id: PurchaseOrderId) -> PurchaseOrder:
    """Return an order that exists."""
    return uow.session.get_one(PurchaseOrder, (uow.tenant_id, po_id))


def _draft(uow: UnitOfWork, need: Need) -> dict[str, object]:
    one(uow, Sku, need.sku_id)
    must_be_open(uow, {need.node_id})
    terms = _terms(uow, need)
    quantity = quantity_to_order(
        need.quantity, minimum=terms.minimum_quantity, multiple=terms.multiple_quantity
    )
    said = PurchaseContent(
        terms.supplier_id,
        need.node_id,
        [OrderedLine(need.sku_id, quantity, terms.cost_of(quantity))],
    )
    order = _write(uow, said, need.order_line_id)
    uow.emit(
        PurchaseOrderDrafted(
            order.id,
            order.number,
            order.supplier_id,
            need.order_line_id,
            said.total,
            order.digest,
            order.requester_id,
        )
    )
    uow.record("procurement.draft_order", subject_of(order), facts={"total": said.total})
    return {"po_id": order.id}


def _terms(uow: UnitOfWork, need: Need) -> SupplierItem:
    for terms in terms_for(uow, [need.sku_id]).get(need.sku_id, []):
        if need.supplier_id in (None, terms.supplier_id):
            return terms
    raise NoSupplier(need.sku_id)


def _write(
    uow: UnitOfWork, said: PurchaseContent, order_line_id: OrderLineId | None
) -> PurchaseOrder:
    order = PurchaseOrder(
        tenant_id=uow.tenant_id,
        id=PurchaseOrderId(uow.new_id("pur")),
        number=next_number(uow, "purchase_order"),
        supplier_id=said.supplier_id,
        node_id=said.node_id,
        phase="draft",
        requester_id=uow.actor.on_behalf_of or uow.actor.id,
        digest=said.digest,
        total_minor=said.total.minor,
        total_currency=said.total.currency,
        drafted_at=uow.now,
    )
    uow.session.add(order)
    uow.session.flush()
    uow.session.add_all(
        PurchaseOrderLine(
            tenant_id=uow.tenant_id,
            id=PurchaseOrderLineId(uow.new_id("pol")),
            order_id=order.id,
            position=position,
            sku_id=line.sku_id,
            quantity=line.quantity,
            quantity_delivered=0,
            quantity_received=0,
            cost_minor=line.cost.minor,
            cost_currency=line.cost.currency,
            order_line_id=order_line_id,
        )
        for position, line in enumerate(said.lines, start=1)
    )
    return order


def _submit(uow: UnitOfWork, po_id: PurchaseOrderId) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, {"draft"})
    order.phase = "pending_approval"
    uow.emit(PurchaseOrderSubmitted(order.id, order.number, order.supplier_id, bought_for(lines)))
    uow.record("procurement.submit_order", subject_of(order))
    return {"po_id": po_id}


def _approve(uow: UnitOfWork, po_id: PurchaseOrderId, digest: str) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, {"pending_approval"})
    approver_id = uow.actor.on_behalf_of or uow.actor.id
    if approver_id == order.requester_id:
        raise RequesterApproves(order.id)
    stands = content_of(order, lines).digest
    if digest != stands:
        raise ChangedSinceApproval(order.id, digest, stands)
    order.phase, order.approver_id, order.approved_digest = "approved", approver_id, digest
    uow.emit(
        PurchaseOrderApproved(
            order.id, order.number, order.supplier_id, bought_for(lines), approver_id
        )
    )
    uow.record("procurement.approve_order", subject_of(order), facts={"digest": digest})
    return {"po_id": po_id}


def _void(uow: UnitOfWork, po_id: PurchaseOrderId) -> dict[str, object]:
    order, lines = lock_order(uow, po_id)
    if phase_of(order) != "voided":
        if phase_of(order) not in UNSENT:
            raise OrderLocked(order.id, order.phase)
        order.phase, order.closed_at = "voided", uow.now
        uow.emit(PurchaseOrderVoided(order.id, order.number, order.supplier_id, bought_for(lines)))
    uow.record("procurement.void_order", subject_of(order))
    return {"po_id": po_id}
