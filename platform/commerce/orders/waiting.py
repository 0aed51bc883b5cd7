"""Stock that arrives goes to the lines that wait for it, in their stated order.

Lock order: the orders of the waiting lines, the lines, and then the shelves.
"""

from collections.abc import Collection
from typing import cast

from sqlalchemy import select, tuple_

from commerce.catalog.queries import active_nodes
from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory.allocation import Demand, Shelf
from commerce.inventory.commitments import Commitment, allocate_from
from commerce.inventory.events import StockAdjusted, StockReceived, StockReleased, StockTransferred
from commerce.inventory.service import free_expired
from commerce.inventory.shelves import LockedShelves, lock
from commerce.orders.events import BackorderAllocated
from commerce.orders.locking import enter, lock_lines, settle_orders
from commerce.orders.queueing import Share, Waiting, hand_out
from commerce.orders.tables import SalesOrder, SalesOrderLine
from kernel.audit import Subject
from kernel.events import DeliveredEvent
from kernel.outbox import Consumer, consumer_of
from kernel.uow import UnitOfWork


def allocate_waiting(uow: UnitOfWork, shelves: Collection[Shelf], *, key: str) -> list[Share]:
    """Commit what is free on these shelves to the lines that wait there; return who got what.

    By priority, then the time of the order, then its number and the line's position in it; see
    `hand_out`. A closed node gives nothing. Emits `backorder.allocated` per line. The department's
    own duty, so nobody's permission is asked.
    """
    open_nodes = {node.id for node in active_nodes(uow)}
    shelves = sorted({shelf for shelf in shelves if shelf.node_id in open_nodes})
    chosen = [(shelf.sku_id, shelf.node_id) for shelf in shelves]
    waiting_ids = uow.session.scalars(
        select(SalesOrderLine.id).where(
            SalesOrderLine.phase == "backordered",
            tuple_(SalesOrderLine.sku_id, SalesOrderLine.node_id).in_(chosen),
        )
    ).all()
    if not waiting_ids:
        return []
    # Read again under their locks: one may have been cancelled or served meanwhile.
    lines = {line.id: line for line in lock_lines(uow, waiting_ids)}
    queue = [_waiting(uow, line) for line in lines.values() if line.phase == "backordered"]
    held = lock(uow, [each.shelf for each in queue])
    free_expired(uow, held)
    shares = hand_out(queue, held.free())
    if shares:
        _give(uow, held, lines, shares, key)
    return shares


def _give(
    uow: UnitOfWork,
    held: LockedShelves,
    lines: dict[OrderLineId, SalesOrderLine],
    shares: list[Share],
    key: str,
) -> None:
    commitments = [
        Commitment(
            share.line_id,
            Demand(share.shelf.sku_id, share.shelf.node_id, share.quantity),
            lines[share.line_id].priority,
        )
        for share in shares
    ]
    allocate_from(uow, held, commitments, key=key)
    for share in shares:
        line = lines[share.line_id]
        line.quantity_short -= share.quantity
        if line.quantity_short == 0:
            enter(uow, line, "allocated")
        uow.emit(
            BackorderAllocated(
                line.id,
                line.order_id,
                line.sku_code,
                share.shelf.node_id,
                share.quantity,
                line.quantity_short,
            )
        )
    uow.session.flush()
    settle_orders(uow, {lines[share.line_id].order_id for share in shares})
    subject = Subject("order_line", shares[0].line_id)
    uow.record("orders.allocate_waiting", subject, facts={"shares": shares})


def _waiting(uow: UnitOfWork, line: SalesOrderLine) -> Waiting:
    shelf = Shelf(cast(SkuId, line.sku_id), cast(NodeId, line.node_id))
    # Read with its lock a moment ago, so this asks the session and not the database.
    order = uow.session.get_one(SalesOrder, (uow.tenant_id, line.order_id))
    turn = (order.number, line.position)
    return Waiting(line.id, turn, shelf, line.quantity_short, line.priority, line.placed_at)


def _serve(uow: UnitOfWork, event: DeliveredEvent) -> None:
    if event.name == StockAdjusted.name:
        touched = [event.data] if int(event.data["difference"]) > 0 else []
    else:
        touched = event.data["lines"]
    shelves = {Shelf(SkuId(line["sku_id"]), NodeId(line["node_id"])) for line in touched}
    if shelves:
        allocate_waiting(uow, shelves, key=f"waiting/{event.id}")


SERVE_WAITING: Consumer = consumer_of(
    "orders.waiting", [StockReceived, StockReleased, StockTransferred, StockAdjusted], _serve
)
"""Whatever makes units available serves those who wait for them."""
