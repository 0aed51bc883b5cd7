"""A supplier for sandboxes: hears what is asked and ordered, and answers in business time.

It hears through the outbox, decides by `supplier_rule`, and speaks through the same verbs as a
person who types a real supplier's answer in. Tenants that are live never meet it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from commerce.catalog.queries import by_ids, one, terms_for
from commerce.catalog.supply_tables import Supplier
from commerce.catalog.tables import Sku
from commerce.ids import PurchaseOrderId, SkuId
from commerce.procurement.asking import Answer, record_supplier_answer
from commerce.procurement.errors import AlreadyAnswered, WrongPhase
from commerce.procurement.events import PurchaseOrderSent, SupplierAsked
from commerce.procurement.receiving import record_delivery
from commerce.procurement.schedule_table import ScheduledAnswer
from commerce.procurement.sending import Acknowledgement, acknowledge_order
from commerce.procurement.supplier_rule import (
    Facts,
    confirmation,
    deliveries,
    reply_to_question,
)
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from kernel.access import system_actor
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.clock import parse_instant
from kernel.db import prepared
from kernel.events import DeliveredEvent
from kernel.exceptions import raise_exception
from kernel.outbox import Consumer
from kernel.tenancy import is_sandbox
from kernel.uow import UnitOfWork
from kernel.work import Claim, LostLease, OpenUnit, WorkSource, backoff

ATTEMPTS_MAX = 8
NO = "The supplier cannot deliver this."
SUPPLIER = system_actor("simulated-supplier")


def _wanted(uow: UnitOfWork, names: Collection[str]) -> Collection[str]:
    heard = {SupplierAsked.name, PurchaseOrderSent.name}.intersection(names)
    if heard and is_sandbox(uow):
        return heard
    return ()


def _hear(uow: UnitOfWork, event: DeliveredEvent) -> None:
    if event.name == SupplierAsked.name:
        _hear_question(uow, event)
    else:
        _hear_order(uow, PurchaseOrderId(event.data["po_id"]))


SUPPLIER_LISTENS = Consumer("procurement.simulated_supplier", _wanted, _hear)
"""Writes down what the supplier will answer, and when."""


def supplier_speaks(open_unit: OpenUnit) -> WorkSource:
    """Return the answers that are due as work for any worker."""
    return WorkSource("scheduled_answer", lambda claim: _perform(open_unit, claim))


def next_answer_due(uow: UnitOfWork) -> datetime | None:
    """Return when the next answer is due, or None: how far a sandbox's clock may be moved."""
    return uow.session.scalar(
        select(func.min(ScheduledAnswer.due_at)).where(ScheduledAnswer.state == "waiting")
    )


def _hear_question(uow: UnitOfWork, event: DeliveredEvent) -> None:
    said = event.data
    supplier = one(uow, Supplier, said["supplier_id"])
    facts = Facts(supplier.code, [said["sku"]], [said["quantity"]], event.occurred_at)
    lead_time = _lead_time(uow, SkuId(said["sku_id"]), supplier.id)
    reply = reply_to_question(facts, lead_time)
    _schedule(uow, "reply", said["request_id"], reply.at, {"eta": reply.eta})
    uow.record("simulated_supplier.hear", Subject("supplier_request", said["request_id"]))


def _hear_order(uow: UnitOfWork, po_id: PurchaseOrderId) -> None:
    order = uow.session.get_one(PurchaseOrder, (uow.tenant_id, po_id))
    assert order.sent_at is not None, "an order that was sent has a date"
    assert order.eta_at is not None, "an order that was sent has a date"
    facts = _facts_of(uow, order)
    answer = confirmation(facts)
    said = {"eta": order.eta_at, "confirmed": answer.confirmed}
    if answer.confirmed is None:
        said = {"eta": None}
    _schedule(uow, "acknowledgement", po_id, answer.at, said)
    if answer.confirmed is not None:
        earliest = max(order.eta_at, answer.at + timedelta(hours=1))
        for delivery in deliveries(facts, answer.confirmed, earliest):
            _schedule(uow, "delivery", po_id, delivery.at, {"quantities": delivery.quantities})
    uow.record("simulated_supplier.hear", Subject("purchase_order", po_id))


def _facts_of(uow: UnitOfWork, order: PurchaseOrder) -> Facts:
    lines: Sequence[PurchaseOrderLine] = uow.session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.order_id == order.id)
        .order_by(PurchaseOrderLine.position)
    ).all()
    skus = by_ids(uow, Sku, [line.sku_id for line in lines])
    supplier = one(uow, Supplier, order.supplier_id)
    assert order.sent_at is not None, "an order that was sent has a date"
    return Facts(
        supplier.code,
        [skus[line.sku_id].code for line in lines],
        [line.quantity for line in lines],
        order.sent_at,
    )


def _lead_time(uow: UnitOfWork, sku_id: SkuId, supplier_id: str) -> timedelta:
    terms = terms_for(uow, [sku_id]).get(sku_id, [])
    days = (each.lead_time_days for each in terms if each.supplier_id == supplier_id)
    return timedelta(days=next(days, 0))


def _schedule(
    uow: UnitOfWork, kind: str, subject_id: str, due_at: datetime, body: Mapping[str, Any]
) -> None:
    uow.session.add(
        ScheduledAnswer(
            tenant_id=uow.tenant_id,
            id=uow.new_id("san"),
            kind=kind,
            subject_id=subject_id,
            due_at=due_at,
            body=to_json(body),
            state="waiting",
            fence=0,
            attempts=0,
        )
    )


def _perform(open_unit: OpenUnit, claim: Claim) -> None:
    """Give one answer, in one transaction with the note that it was given.

    An answer that nobody waits for any more (the question was withdrawn, the order cancelled) is
    dropped; one that fails too often is parked with an exception for a person.
    """
    try:
        with open_unit(claim.tenant_id, SUPPLIER) as uow:
            row = _held(uow, claim)
            try:
                with uow.savepoint(), uow.once_under(_key(row)):
                    _SAYS[row.kind](uow, row)
            except (AlreadyAnswered, WrongPhase) as refusal:
                uow.record(
                    "simulated_supplier.drop",
                    Subject(row.kind, row.subject_id),
                    reason=refusal.code,
                )
            row.state = "done"
            uow.record("simulated_supplier.speak", Subject(row.kind, row.subject_id))
    except LostLease:
        raise
    except Exception as error:
        _postpone(open_unit, claim, error)


def _reply(uow: UnitOfWork, row: ScheduledAnswer) -> None:
    answer = Answer(_eta(row), None if row.body["eta"] else NO)
    record_supplier_answer(uow, row.subject_id, answer, key=_key(row))


def _acknowledge(uow: UnitOfWork, row: ScheduledAnswer) -> None:
    po_id = PurchaseOrderId(row.subject_id)
    eta = _eta(row)
    said = Acknowledgement(eta, None if eta else NO, _units(row.body.get("confirmed", {})))
    acknowledge_order(uow, po_id, said, key=_key(row))


def _deliver(uow: UnitOfWork, row: ScheduledAnswer) -> None:
    units = _units(row.body["quantities"])
    record_delivery(uow, PurchaseOrderId(row.subject_id), units, key=_key(row))


def _key(row: ScheduledAnswer) -> str:
    return f"answer/{row.id}"


def _units(written: Mapping[str, int]) -> dict[int, int]:
    """Read units by position back: JSON has only text for keys."""
    return {int(position): int(units) for position, units in written.items()}


_SAYS: Mapping[str, Callable[[UnitOfWork, ScheduledAnswer], None]] = {
    "reply": _reply,
    "acknowledgement": _acknowledge,
    "delivery": _deliver,
}


def _eta(row: ScheduledAnswer) -> datetime | None:
    return parse_instant(row.body["eta"]) if row.body["eta"] else None


_HELD = prepared(
    select(ScheduledAnswer)
    .where(
        ScheduledAnswer.id == bindparam("id"),
        ScheduledAnswer.fence == bindparam("fence"),
        ScheduledAnswer.state == "waiting",
    )
    .with_for_update()
)


def _held(uow: UnitOfWork, claim: Claim) -> ScheduledAnswer:
    row = uow.session.scalar(_HELD, {"id": claim.id, "fence": claim.fence})
    if row is None:
        raise LostLease(claim.id)
    return row


def _postpone(open_unit: OpenUnit, claim: Claim, error: Exception) -> None:
    with open_unit(claim.tenant_id, SUPPLIER) as uow:
        row = _held(uow, claim)
        attempts = row.attempts + 1
        uow.session.execute(
            update(ScheduledAnswer)
            .where(ScheduledAnswer.id == claim.id, ScheduledAnswer.fence == claim.fence)
            .values(
                attempts=attempts,
                lease_until=None,
                next_at=func.clock_timestamp() + backoff(attempts),
                last_error=f"{type(error).__name__}: {error}"[:500],
            )
        )
        if attempts >= ATTEMPTS_MAX:
            row.state = "parked"
            subject = Subject(row.kind, row.subject_id)
            uow.record("simulated_supplier.park", subject, outcome="failed")
            raise_exception(
                uow,
                kind="simulated_supplier.parked",
                subject=subject,
                cause=f"{row.kind} failed {attempts} times: {type(error).__name__}",
            )
