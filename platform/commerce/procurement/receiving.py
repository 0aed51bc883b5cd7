"""Goods that come on a purchase order: first they stand at the dock, then they are in stock."""

from collections.abc import Mapping
from dataclasses import dataclass

from commerce.commands import once
from commerce.ids import PurchaseOrderId
from commerce.inventory.allocation import Demand
from commerce.inventory.goods import receive
from commerce.inventory.policy import WRITE_STOCK
from commerce.procurement.errors import DeliversTooMuch
from commerce.procurement.events import PurchaseOrderDelivered, PurchaseOrderReceived
from commerce.procurement.lifecycle import ON_ORDER
from commerce.procurement.locking import bought_for, lock_order, source_of, subject_of
from commerce.procurement.policy import WRITE_PURCHASES
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Received:
    """Units that came into stock, and those the supplier still owes."""

    quantity: int
    missing: int


def record_delivery(
    uow: UnitOfWork, po_id: PurchaseOrderId, quantities: Mapping[int, int], *, key: str
) -> None:
    """Note units that stand at the dock, by the position of their line; they are not in stock.

    DeliversTooMuch where a line has more than the supplier owes on it; WrongPhase.
    """
    uow.actor.must(WRITE_PURCHASES)
    if not quantities or min(quantities.values()) <= 0:
        detail = "Send the units of each line that came, from 1 up."
        raise Invalid((Fault("/quantities", "procurement.quantity", detail),))
    request = {"po_id": po_id, "quantities": dict(quantities)}
    once(uow, key, "procurement.record_delivery", request, lambda: _note(uow, po_id, quantities))


def receive_order(uow: UnitOfWork, po_id: PurchaseOrderId, *, key: str) -> Received:
    """Take what stands at the dock into stock, at the order's node.

    Emits `stock.received`, which serves the lines that wait. Where nothing stands there, nothing
    moves: receiving after somebody else has is no fault.
    """
    uow.actor.must(WRITE_STOCK)
    answer = once(
        uow, key, "procurement.receive_order", {"po_id": po_id}, lambda: _receive(uow, po_id, key)
    )
    return Received(int(answer["quantity"]), int(answer["missing"]))


def _note(
    uow: UnitOfWork, po_id: PurchaseOrderId, quantities: Mapping[int, int]
) -> dict[str, object]:
    order, lines = lock_order(uow, po_id, ON_ORDER)
    by_position = {line.position: line for line in lines}
    for position, units in sorted(quantities.items()):
        line = by_position.get(position)
        owed = line.promised - line.quantity_delivered if line is not None else 0
        if line is None or units > owed:
            raise DeliversTooMuch(order.id, position, owed, units)
        line.quantity_delivered += units
    uow.emit(
        PurchaseOrderDelivered(
            order.id,
            order.number,
            order.supplier_id,
            bought_for(lines),
            sum(quantities.values()),
        )
    )
    facts = {"quantities": dict(quantities)}
    uow.record("procurement.record_delivery", subject_of(order), facts=facts)
    return {"po_id": po_id}


def _receive(uow: UnitOfWork, po_id: PurchaseOrderId, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, po_id)
    arrived = [line for line in lines if line.quantity_delivered > line.quantity_received]
    units = [
        Demand(line.sku_id, order.node_id, line.quantity_delivered - line.quantity_received)
        for line in arrived
    ]
    if arrived:
        receive(uow, units, source=source_of(order), key=f"{key}/units", was_expected=True)
        for line in arrived:
            line.quantity_received = line.quantity_delivered
    quantity = sum(each.quantity for each in units)
    missing = sum(line.promised - line.quantity_received for line in lines)
    if arrived:
        order.phase = "partially_received" if missing else "received"
        order.closed_at = None if missing else uow.now
        uow.emit(
            PurchaseOrderReceived(
                order.id, order.number, order.supplier_id, bought_for(lines), quantity, missing
            )
        )
    facts = {"quantity": quantity, "missing": missing}
    uow.record("procurement.receive_order", subject_of(order), facts=facts)
    return {"quantity": quantity, "missing": missing}
