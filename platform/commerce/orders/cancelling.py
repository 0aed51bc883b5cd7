"""Giving orders and lines up: what they hold goes back to the very shelves it is on.

Lock order: orders, lines, fulfilment orders, shelves, and last the cases of lines that were held.
"""

from collections.abc import Sequence

from commerce.commands import once
from commerce.ids import OrderId, OrderLineId
from commerce.inventory.allocation import Demand
from commerce.inventory.commitments import give_back
from commerce.orders.cases import close_cases
from commerce.orders.errors import LineNotCancellable, OrderNotCancellable
from commerce.orders.events import OrderCancelled, OrderFulfilled, OrderLineCancelled
from commerce.orders.lifecycle import CANCELLABLE
from commerce.orders.locking import enter, lock_lines, lock_order, settle_orders
from commerce.orders.policy import REASON_LENGTH_MAX, WRITE_ORDERS
from commerce.orders.tables import SalesOrder, SalesOrderLine
from commerce.warehouse.opening import withdraw
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


def cancel_line(uow: UnitOfWork, order_line_id: OrderLineId, *, reason: str, key: str) -> int:
    """Give a line up and give back exactly the units it holds, to the shelves they are on.

    Returns how many units were given back; twice is once. LineNotCancellable for a line that is
    fulfilled; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    insist_on_reason(reason)
    request = {"order_line_id": order_line_id, "reason": reason}
    answer = once(
        uow, key, "orders.cancel_line", request, lambda: _cancel(uow, order_line_id, reason, key)
    )
    return int(answer["released"])


def cancel_order(uow: UnitOfWork, order_id: OrderId, *, reason: str, key: str) -> int:
    """Give up every line that is still to come; what has left stays, and so does the rest of it.

    Returns how many units were given back; twice is once. OrderNotCancellable where everything
    has left; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    insist_on_reason(reason)
    request = {"order_id": order_id, "reason": reason}
    answer = once(
        uow, key, "orders.cancel", request, lambda: _cancel_order(uow, order_id, reason, key)
    )
    return int(answer["released"])


def insist_on_reason(reason: str) -> None:
    """Raise Invalid for a reason that says nothing or too much."""
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "orders.reason", detail),))


def give_up(
    uow: UnitOfWork, lines: Sequence[SalesOrderLine], *, reason: str, key: str
) -> list[Demand]:
    """Cancel locked lines and return what they gave back; LineNotCancellable, and then none is.

    Nodes are asked for them no longer; AlreadyPacked where a parcel with one is closed up. Emits
    `order.line_cancelled` for each. The caller settles their order and records.
    """
    for line in lines:
        if line.phase not in CANCELLABLE:
            raise LineNotCancellable(line.id, line.phase)
    withdraw(uow, [line.id for line in lines], reason=reason)
    given_back = give_back(uow, [line.id for line in lines], key=f"{key}/units")
    for line in lines:
        line.quantity_short, line.reason = 0, reason
        enter(uow, line, "cancelled")
        released = sum(each.quantity for each in given_back.get(line.id, ()))
        uow.emit(
            OrderLineCancelled(
                line.id, line.order_id, line.sku_code, line.quantity, released, reason
            )
        )
    uow.session.flush()
    return [demand for demands in given_back.values() for demand in demands]


def _cancel(
    uow: UnitOfWork, order_line_id: OrderLineId, reason: str, key: str
) -> dict[str, object]:
    (line,) = lock_lines(uow, [order_line_id])
    subject = Subject("order_line", line.id)
    if line.phase == "cancelled":
        uow.record("orders.cancel_line", subject, reason=reason, facts={"again": True})
        return {"released": 0}
    given_back = give_up(uow, [line], reason=reason, key=key)
    settle_orders(uow, [line.order_id])
    _tell_if_over(uow, line.order_id, given_back, reason)
    uow.record("orders.cancel_line", subject, reason=reason, facts={"released": given_back})
    close_cases(uow, [line.id], "The line was given up.")
    return {"released": sum(each.quantity for each in given_back)}


def _cancel_order(uow: UnitOfWork, order_id: OrderId, reason: str, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, order_id)
    subject = Subject("order", order.id)
    if order.phase == "cancelled":
        uow.record("orders.cancel", subject, reason=reason, facts={"again": True})
        return {"released": 0}
    living = [line for line in lines if line.phase in CANCELLABLE]
    if not living:
        raise OrderNotCancellable(order.id, order.phase)
    given_back = give_up(uow, living, reason=reason, key=key)
    settle_orders(uow, [order.id])
    released = sum(each.quantity for each in given_back)
    _tell_if_over(uow, order.id, given_back, reason)
    uow.record("orders.cancel", subject, reason=reason, facts={"released": given_back})
    close_cases(uow, [line.id for line in living], "The order was given up.")
    return {"released": released}


def _tell_if_over(
    uow: UnitOfWork, order_id: OrderId, given_back: Sequence[Demand], reason: str
) -> None:
    """Tell whether nothing of an order is to come any more: given up whole, or the rest of it."""
    order = uow.session.get_one(SalesOrder, (uow.tenant_id, order_id))
    if order.phase == "cancelled":
        released = sum(each.quantity for each in given_back)
        uow.emit(OrderCancelled(order.id, released, reason))
    elif order.phase == "fulfilled":
        uow.emit(OrderFulfilled(order.id))
