"""Letting another node serve a line: its units go back to their shelf and come from the other.

Lock order: the order, the line, fulfilment orders, shelves.
"""

from typing import cast

from commerce.commands import once
from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory.allocation import Demand, Shelf, shortages
from commerce.inventory.checks import must_be_open
from commerce.inventory.commitments import Commitment, allocate_from, give_back
from commerce.inventory.errors import OutOfStock
from commerce.inventory.service import free_expired
from commerce.inventory.shelves import lock
from commerce.orders.errors import LineNotMovable
from commerce.orders.events import OrderLineRerouted
from commerce.orders.locking import enter, lock_lines, settle_orders
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.routing import waiting_at
from commerce.warehouse.opening import withdraw
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def reroute_line(uow: UnitOfWork, order_line_id: OrderLineId, target: NodeId, *, key: str) -> None:
    """Serve a line from another node: all of it there, or OutOfStock and nothing changes.

    What others wait for at that node is theirs. The line is allocated then, even if it waited.
    Its parcel is asked for no longer; AlreadyPacked where it is closed up. To its own node:
    nothing happens, unless it waits there. LineNotMovable, NodeClosed, NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    request = {"order_line_id": order_line_id, "target": target}
    once(
        uow, key, "orders.reroute_line", request, lambda: _reroute(uow, order_line_id, target, key)
    )


def _reroute(
    uow: UnitOfWork, order_line_id: OrderLineId, target: NodeId, key: str
) -> dict[str, object]:
    (line,) = lock_lines(uow, [order_line_id])
    subject = Subject("order_line", line.id)
    if line.phase not in ("allocated", "backordered"):
        raise LineNotMovable(line.id, line.phase)
    if line.phase == "allocated" and line.node_id == target:
        uow.record("orders.reroute_line", subject, facts={"again": True})
        return {}
    must_be_open(uow, {target})
    sku_id, before = cast(SkuId, line.sku_id), cast(NodeId, line.node_id)
    withdraw(uow, [line.id], reason="Another node serves it.")
    # Both shelves in their order, before anything is given back to one of them.
    shelves = lock(uow, [Shelf(sku_id, before), Shelf(sku_id, target)])
    free_expired(uow, shelves)
    give_back(uow, [line.id], key=f"{key}/back")
    free = shelves.free()
    for shelf, short in waiting_at(uow, [sku_id]).items():
        own = line.quantity_short if shelf == Shelf(sku_id, before) else 0
        free[shelf] = free.get(shelf, 0) - (short - own)
    wanted = Demand(sku_id, target, line.quantity)
    if missing := shortages([wanted], free):
        raise OutOfStock(tuple(missing))
    allocate_from(uow, shelves, [Commitment(line.id, wanted, line.priority)], key=f"{key}/take")
    line.node_id, line.quantity_short = target, 0
    enter(uow, line, "allocated")
    uow.session.flush()
    settle_orders(uow, [line.order_id])
    uow.emit(OrderLineRerouted(line.id, line.order_id, line.sku_code, before, target))
    uow.record("orders.reroute_line", subject, facts={"from": before, "to": target})
    return {}
