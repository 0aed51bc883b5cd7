"""The verbs of orders: taking one in, serving who waits, and giving a line up."""

from commerce.commands import once
from commerce.ids import OrderLineId
from commerce.inventory.commitments import deallocate
from commerce.orders.errors import LineNotCancellable
from commerce.orders.events import OrderLineCancelled
from commerce.orders.lifecycle import CANCELLABLE
from commerce.orders.locking import enter, lock_lines, settle_orders
from commerce.orders.placing import Placed, place_order
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.waiting import allocate_waiting
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork

REASON_LENGTH_MAX = 200

__all__ = ["Placed", "allocate_waiting", "cancel_line", "place_order"]


def cancel_line(uow: UnitOfWork, order_line_id: OrderLineId, *, reason: str, key: str) -> int:
    """Give a line up and give back exactly the units it holds, to the shelves they are on.

    Returns how many units were given back; twice is once. LineNotCancellable for a line that is
    fulfilled; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "orders.reason", detail),))
    request = {"order_line_id": order_line_id, "reason": reason}
    answer = once(
        uow, key, "orders.cancel_line", request, lambda: _cancel(uow, order_line_id, reason, key)
    )
    return int(answer["released"])


def _cancel(
    uow: UnitOfWork, order_line_id: OrderLineId, reason: str, key: str
) -> dict[str, object]:
    (line,) = lock_lines(uow, [order_line_id])
    subject = Subject("order_line", line.id)
    if line.phase == "cancelled":
        uow.record("orders.cancel_line", subject, reason=reason, facts={"again": True})
        return {"released": 0}
    if line.phase not in CANCELLABLE:
        raise LineNotCancellable(line.id, line.phase)
    given_back = deallocate(uow, [line.id], key=f"{key}/units")
    released = sum(each.quantity for each in given_back)
    line.quantity_short, line.reason = 0, reason
    enter(uow, line, "cancelled")
    uow.session.flush()
    settle_orders(uow, [line.order_id])
    uow.emit(
        OrderLineCancelled(line.id, line.order_id, line.sku_code, line.quantity, released, reason)
    )
    uow.record("orders.cancel_line", subject, reason=reason, facts={"released": given_back})
    return {"released": released}
