"""Asking a supplier when they could deliver, and writing down what they say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from commerce.catalog.queries import one
from commerce.catalog.supply_tables import SupplierItem
from commerce.catalog.tables import Sku
from commerce.commands import once
from commerce.ids import OrderLineId, SkuId, SupplierId
from commerce.inventory.policy import QUANTITY_MAX
from commerce.procurement.contents import days_late
from commerce.procurement.errors import AlreadyAnswered, NoSupplier
from commerce.procurement.events import BackorderEtaUpdated, SupplierAnswered, SupplierAsked
from commerce.procurement.policy import REASON_LENGTH_MAX, WRITE_PURCHASES
from commerce.procurement.tables import SupplierRequest
from commerce.rows import locked
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Answer:
    """What a supplier says: a date by which they deliver, or None and a reason why not."""

    eta: datetime | None
    reason: str | None = None


def ask_supplier(
    uow: UnitOfWork,
    supplier_id: SupplierId,
    sku_id: SkuId,
    quantity: int,
    *,
    key: str,
    order_line_id: OrderLineId | None = None,
) -> str:
    """Ask when a supplier could deliver; return the id of the request. NoSupplier without terms.

    The answer comes later, as `supplier.answered`.
    """
    uow.actor.must(WRITE_PURCHASES)
    insist_on_quantity(quantity)
    request = {"supplier_id": supplier_id, "sku_id": sku_id, "quantity": quantity}
    answer = once(
        uow,
        key,
        "procurement.ask_supplier",
        {**request, "order_line_id": order_line_id},
        lambda: _ask(uow, supplier_id, sku_id, quantity, order_line_id),
    )
    return str(answer["request_id"])


def record_supplier_answer(uow: UnitOfWork, request_id: str, answer: Answer, *, key: str) -> None:
    """Write an answer down and tell who waits; AlreadyAnswered where the request is closed."""
    uow.actor.must(WRITE_PURCHASES)
    if answer.eta is None and not (answer.reason or "").strip():
        detail = "Send the date by which they deliver, or why they cannot."
        raise Invalid((Fault("/eta", "procurement.answer", detail),))
    request = {"request_id": request_id, "answer": answer}
    once(
        uow,
        key,
        "procurement.record_supplier_answer",
        request,
        lambda: _note(uow, request_id, answer),
    )


def withdraw_request(uow: UnitOfWork, request_id: str, *, key: str) -> None:
    """Take a question back, so that no answer is waited for; what was answered stays answered."""
    uow.actor.must(WRITE_PURCHASES)
    request = {"request_id": request_id}
    once(uow, key, "procurement.withdraw_request", request, lambda: _withdraw(uow, request_id))


def insist_on_quantity(quantity: int) -> None:
    """Raise Invalid for a quantity nobody can mean."""
    if not 0 < quantity <= QUANTITY_MAX:
        detail = f"A quantity is a whole number from 1 to {QUANTITY_MAX}; {quantity} is not."
        raise Invalid((Fault("/quantity", "procurement.quantity", detail),))


def _ask(
    uow: UnitOfWork,
    supplier_id: SupplierId,
    sku_id: SkuId,
    quantity: int,
    order_line_id: OrderLineId | None,
) -> dict[str, object]:
    sku = one(uow, Sku, sku_id)
    terms = uow.session.scalar(
        select(SupplierItem).where(
            SupplierItem.supplier_id == supplier_id, SupplierItem.sku_id == sku_id
        )
    )
    if terms is None or not terms.is_active:
        raise NoSupplier(sku_id)
    row = SupplierRequest(
        tenant_id=uow.tenant_id,
        id=uow.new_id("srq"),
        supplier_id=supplier_id,
        sku_id=sku_id,
        quantity=quantity,
        order_line_id=order_line_id,
        state="asked",
        asked_at=uow.now,
        expected_at=uow.now + timedelta(days=terms.lead_time_days),
    )
    uow.session.add(row)
    uow.emit(SupplierAsked(row.id, supplier_id, sku.code, sku_id, quantity, order_line_id))
    uow.record("procurement.ask_supplier", Subject("supplier_request", row.id))
    return {"request_id": row.id}


def _note(uow: UnitOfWork, request_id: str, answer: Answer) -> dict[str, object]:
    row = locked(uow, SupplierRequest, "supplier_request", request_id)
    if row.state != "asked":
        raise AlreadyAnswered(row.id, row.state)
    outcome = "rejected" if answer.eta is None else "confirmed"
    late = 0 if answer.eta is None else days_late(answer.eta, row.expected_at)
    row.state, row.eta_at, row.answered_at = outcome, answer.eta, uow.now
    row.reason = answer.reason[:REASON_LENGTH_MAX] if answer.reason else None
    uow.emit(
        SupplierAnswered(
            row.id, row.supplier_id, row.order_line_id, outcome, answer.eta, late, row.reason
        )
    )
    if answer.eta is not None and row.order_line_id is not None:
        uow.emit(BackorderEtaUpdated(row.order_line_id, row.supplier_id, answer.eta, late))
    facts = {"outcome": outcome, "eta": answer.eta}
    uow.record(
        "procurement.record_supplier_answer", Subject("supplier_request", row.id), facts=facts
    )
    return {"outcome": outcome}


def _withdraw(uow: UnitOfWork, request_id: str) -> dict[str, object]:
    row = locked(uow, SupplierRequest, "supplier_request", request_id)
    if row.state == "asked":
        row.state = "withdrawn"
    uow.record("procurement.withdraw_request", Subject("supplier_request", row.id))
    return {"state": row.state}
