"""Holding an order back with a reason, and letting it go on.

Lock order: the order, its lines, fulfilment orders, shelves, and last the cases of held lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from commerce.commands import once
from commerce.ids import OrderId
from commerce.orders.cancelling import insist_on_reason
from commerce.orders.cases import close_cases
from commerce.orders.contents import LineContent
from commerce.orders.distance import Point
from commerce.orders.errors import AlreadyHeld, NothingToHold
from commerce.orders.events import OrderHeld, OrderResumed
from commerce.orders.lifecycle import FINISHED
from commerce.orders.locking import enter, lock_order, settle_orders
from commerce.orders.outcomes import tell_what_is_short
from commerce.orders.policy import PRIORITY_OF_TIER, WRITE_ORDERS, Tier
from commerce.orders.routing import Outcome, nodes_for, route_lines
from commerce.orders.tables import Customer, OrderHold, SalesOrder, SalesOrderLine
from commerce.warehouse.opening import hold_with_order, release_with_order
from kernel.audit import Subject
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Resumed:
    """How many lines got an outcome, and how many still wait for a person."""

    routed: int
    still_held: int


def hold_order(uow: UnitOfWork, order_id: OrderId, *, reason: str, key: str) -> None:
    """Hold an order back: its lines keep what they have and their turn, and nothing leaves.

    AlreadyHeld, or NothingToHold where all of it is fulfilled or given up; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    insist_on_reason(reason)
    request = {"order_id": order_id, "reason": reason}
    once(uow, key, "orders.hold", request, lambda: _hold(uow, order_id, reason))


def resume_order(uow: UnitOfWork, order_id: OrderId, *, key: str) -> Resumed:
    """End the hold, and route every held line that can be routed now, as if it came in now.

    A line whose SKU is still unknown or out of use stays held with its reason, and holds its
    order on. NothingToHold where nothing of the order is held; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    request = {"order_id": order_id}
    answer = once(uow, key, "orders.resume", request, lambda: _resume(uow, order_id, key))
    return Resumed(int(answer["routed"]), int(answer["still_held"]))


def _hold(uow: UnitOfWork, order_id: OrderId, reason: str) -> dict[str, object]:
    order, _lines = lock_order(uow, order_id)
    if order.phase in FINISHED:
        raise NothingToHold(order.id, order.phase)
    if earlier := _open_hold(uow, order.id):
        raise AlreadyHeld(order.id, earlier.reason)
    hold = OrderHold(
        tenant_id=uow.tenant_id,
        id=uow.new_id("hld"),
        order_id=order.id,
        reason=reason,
        held_by=uow.actor.id,
        held_at=uow.now,
    )
    uow.session.add(hold)
    uow.session.flush()
    settle_orders(uow, [order.id])
    hold_with_order(uow, order.id, reason=reason)
    uow.emit(OrderHeld(order.id, reason))
    uow.record("orders.hold", Subject("order", order.id), reason=reason)
    return {"hold_id": hold.id}


def _resume(uow: UnitOfWork, order_id: OrderId, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, order_id)
    held = [line for line in lines if line.phase == "held"]
    hold = _open_hold(uow, order.id)
    if hold is None and not held:
        raise NothingToHold(order.id, order.phase)
    if hold is not None:
        hold.ended_at = uow.now
        release_with_order(uow, order.id)
    customer = uow.session.get_one(Customer, (uow.tenant_id, order.customer_id))
    outcomes = _route_again(uow, order, held, PRIORITY_OF_TIER[cast(Tier, customer.tier)], key)
    routed = [each for each in outcomes if each.pick is not None]
    uow.session.flush()
    settle_orders(uow, [order.id])
    tell_what_is_short(uow, order.id, customer.tier, routed)
    still_held = len(held) - len(routed)
    uow.emit(OrderResumed(order.id, still_held, order.phase))
    facts = {"routed": [each.line_id for each in routed], "still_held": still_held}
    uow.record("orders.resume", Subject("order", order.id), facts=facts)
    close_cases(uow, [each.line_id for each in routed], "The order goes on.")
    return {"routed": len(routed), "still_held": still_held}


def _route_again(
    uow: UnitOfWork,
    order: SalesOrder,
    held: Sequence[SalesOrderLine],
    priority: int,
    key: str,
) -> list[Outcome]:
    if not held:
        return []
    latitude, longitude = order.ship_to_latitude, order.ship_to_longitude
    goes_to = Point(latitude, longitude) if latitude is not None and longitude is not None else None
    nodes = nodes_for(uow, goes_to, order.collect_at)
    contents = [(line.id, LineContent(line.sku_code, line.quantity, line.price)) for line in held]
    outcomes = route_lines(uow, contents, nodes, priority, key=f"{key}/units")
    for line, outcome in zip(held, outcomes, strict=True):
        line.sku_id = outcome.sku.id if outcome.sku else None
        line.sku_code, line.reason = outcome.sku_code, outcome.reason
        if outcome.pick is not None:
            line.node_id, line.quantity_short = outcome.pick.node_id, outcome.pick.short
            line.backordered_at = uow.now if outcome.pick.short else None
            enter(uow, line, outcome.phase)
    return outcomes


def _open_hold(uow: UnitOfWork, order_id: OrderId) -> OrderHold | None:
    return uow.session.scalar(
        select(OrderHold).where(OrderHold.order_id == order_id, OrderHold.ended_at.is_(None))
    )
