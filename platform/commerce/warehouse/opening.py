"""Asking nodes to ship what lines were given, holding that back, and taking it back.

Called with the locks of the order and its lines, except for the holds of a node's own.
"""

from collections.abc import Sequence

from sqlalchemy import select

from commerce.ids import FulfilmentOrderId, NodeId, OrderId, OrderLineId
from commerce.inventory.policy import WRITE_STOCK
from commerce.inventory.shortfalls import open_allocations
from commerce.inventory.tables import Allocation
from commerce.warehouse.errors import AlreadyPacked, HeldBack, NotHeldBack, NotInThisStatus
from commerce.warehouse.events import (
    FulfilmentCancelled,
    FulfilmentHeld,
    FulfilmentOpened,
    FulfilmentReleased,
)
from commerce.warehouse.lifecycle import LIVING, PICKING
from commerce.warehouse.locking import lines_of, lock_fulfilment
from commerce.warehouse.picking import go_on_when_picked
from commerce.warehouse.policy import REASON_LENGTH_MAX
from commerce.warehouse.tables import FulfilmentLine, FulfilmentOrder
from commerce.warehouse.tasks import end_tasks, make_task
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


def open_fulfilments(
    uow: UnitOfWork, order_id: OrderId, line_ids: Sequence[OrderLineId], priority: int
) -> list[FulfilmentOrderId]:
    """Ask each node to ship what is committed of these lines there; one parcel a node.

    A line that a node was asked for already is left as it is. The caller holds order and lines,
    and records.
    """
    asked = set(
        uow.session.scalars(
            select(FulfilmentLine.order_line_id).where(
                FulfilmentLine.order_line_id.in_(sorted(set(line_ids))),
                FulfilmentLine.quantity > FulfilmentLine.shipped + FulfilmentLine.dropped,
            )
        )
    )
    wanted = [line_id for line_id in line_ids if line_id not in asked]
    by_node: dict[NodeId, list[Allocation]] = {}
    for row in open_allocations(uow, wanted) if wanted else ():
        by_node.setdefault(row.node_id, []).append(row)
    return [
        _open(uow, order_id, node_id, rows, priority) for node_id, rows in sorted(by_node.items())
    ]


def withdraw(uow: UnitOfWork, line_ids: Sequence[OrderLineId], *, reason: str) -> None:
    """Ask for these lines no longer; AlreadyPacked where a parcel with one is closed up.

    What was picked of them is to be put away. The caller holds the lines and records.
    """
    rows = uow.session.scalars(
        select(FulfilmentLine.fulfilment_order_id).where(
            FulfilmentLine.order_line_id.in_(sorted(set(line_ids))),
            FulfilmentLine.quantity > FulfilmentLine.shipped + FulfilmentLine.dropped,
        )
    )
    for fulfilment_order_id in sorted(set(rows)):
        fulfilment = lock_fulfilment(uow, fulfilment_order_id)
        if fulfilment.status == "packed":
            raise AlreadyPacked(fulfilment.id)
        if fulfilment.status in PICKING:
            lines = lines_of(uow, [fulfilment.id])
            is_unpicked = any(line.to_pick for line in lines)
            drop(uow, fulfilment, [line for line in lines if line.order_line_id in line_ids])
            if is_unpicked and any(line.remaining for line in lines):
                go_on_when_picked(uow, fulfilment, lines)
            end_if_empty(uow, fulfilment, lines, reason)


def hold(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, *, reason: str) -> None:
    """Hold a fulfilment order back; HeldBack where it is already, NotInThisStatus where it left."""
    uow.actor.must(WRITE_STOCK)
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "warehouse.reason", detail),))
    fulfilment = lock_fulfilment(uow, fulfilment_order_id)
    if fulfilment.status not in LIVING:
        raise NotInThisStatus(fulfilment.id, fulfilment.status)
    if fulfilment.held_for is not None:
        raise HeldBack(fulfilment.id, fulfilment.held_for)
    _hold(uow, fulfilment, reason, with_order=False)
    uow.record("warehouse.hold", Subject("fulfilment_order", fulfilment.id), reason=reason)


def release(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId) -> None:
    """End a hold of the node's own; one that came with the order's hold ends with that."""
    uow.actor.must(WRITE_STOCK)
    fulfilment = lock_fulfilment(uow, fulfilment_order_id)
    if fulfilment.held_for is None:
        raise NotHeldBack(fulfilment.id)
    if fulfilment.held_with_order:
        raise HeldBack(fulfilment.id, fulfilment.held_for)
    _let_go(uow, fulfilment)
    uow.record("warehouse.release", Subject("fulfilment_order", fulfilment.id))


def cancel(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, *, reason: str) -> None:
    """Ask a node no longer; its lines keep their units and may be asked for again. Twice is once.

    What was picked or packed is to be put away. NotInThisStatus for goods that left.
    """
    uow.actor.must(WRITE_STOCK)
    fulfilment = lock_fulfilment(uow, fulfilment_order_id)
    if fulfilment.status == "cancelled":
        return
    if fulfilment.status not in LIVING:
        raise NotInThisStatus(fulfilment.id, fulfilment.status)
    lines = lines_of(uow, [fulfilment.id])
    drop(uow, fulfilment, lines)
    end_if_empty(uow, fulfilment, lines, reason)
    uow.record("warehouse.cancel", Subject("fulfilment_order", fulfilment.id), reason=reason)


def hold_with_order(uow: UnitOfWork, order_id: OrderId, *, reason: str) -> None:
    """Hold back whatever of an order has not left; the caller holds the order and records."""
    for fulfilment in _living_of(uow, order_id):
        if fulfilment.held_for is None:
            _hold(uow, fulfilment, reason, with_order=True)


def release_with_order(uow: UnitOfWork, order_id: OrderId) -> None:
    """Let go on what was held back with its order; the caller holds the order and records."""
    for fulfilment in _living_of(uow, order_id):
        if fulfilment.held_with_order:
            _let_go(uow, fulfilment)


def drop(uow: UnitOfWork, fulfilment: FulfilmentOrder, lines: Sequence[FulfilmentLine]) -> None:
    """Ask for lines of a locked fulfilment order no longer; what was picked is to be put away."""
    if any(line.picked for line in lines):
        make_task(uow, fulfilment, "put_away")
    for line in lines:
        line.picked, line.dropped = 0, line.quantity


def end_if_empty(
    uow: UnitOfWork, fulfilment: FulfilmentOrder, lines: Sequence[FulfilmentLine], reason: str
) -> None:
    """Cancel a locked fulfilment order that asks for nothing any more."""
    if any(line.remaining for line in lines):
        return
    fulfilment.status, fulfilment.closed_at = "cancelled", uow.now
    fulfilment.held_for, fulfilment.held_with_order = None, False
    end_tasks(uow, fulfilment, "cancelled", "pick", "pack", "ship")
    uow.emit(FulfilmentCancelled(fulfilment.id, fulfilment.order_id, fulfilment.node_id, reason))


def _open(
    uow: UnitOfWork, order_id: OrderId, node_id: NodeId, rows: Sequence[Allocation], priority: int
) -> FulfilmentOrderId:
    fulfilment = FulfilmentOrder(
        tenant_id=uow.tenant_id,
        id=FulfilmentOrderId(uow.new_id("ful")),
        order_id=order_id,
        node_id=node_id,
        status="open",
        held_with_order=False,
        priority=priority,
        opened_at=uow.now,
    )
    uow.session.add(fulfilment)
    uow.session.flush()
    units: dict[OrderLineId, int] = {}
    for row in rows:
        line_id = OrderLineId(row.order_line_id)
        units[line_id] = units.get(line_id, 0) + row.quantity
    skus = {row.order_line_id: row.sku_id for row in rows}
    uow.session.add_all(
        FulfilmentLine(
            tenant_id=uow.tenant_id,
            fulfilment_order_id=fulfilment.id,
            position=position,
            order_line_id=line_id,
            sku_id=skus[line_id],
            quantity=quantity,
            picked=0,
            shipped=0,
            dropped=0,
        )
        for position, (line_id, quantity) in enumerate(units.items(), start=1)
    )
    make_task(uow, fulfilment, "pick")
    uow.emit(FulfilmentOpened(fulfilment.id, order_id, node_id, len(units), sum(units.values())))
    return fulfilment.id


def _living_of(uow: UnitOfWork, order_id: OrderId) -> Sequence[FulfilmentOrder]:
    return uow.session.scalars(
        select(FulfilmentOrder)
        .where(FulfilmentOrder.order_id == order_id, FulfilmentOrder.status.in_(LIVING))
        .order_by(FulfilmentOrder.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _hold(uow: UnitOfWork, fulfilment: FulfilmentOrder, reason: str, *, with_order: bool) -> None:
    fulfilment.held_for, fulfilment.held_with_order = reason, with_order
    uow.emit(FulfilmentHeld(fulfilment.id, fulfilment.order_id, fulfilment.node_id, reason))


def _let_go(uow: UnitOfWork, fulfilment: FulfilmentOrder) -> None:
    fulfilment.held_for, fulfilment.held_with_order = None, False
    uow.emit(FulfilmentReleased(fulfilment.id, fulfilment.order_id, fulfilment.node_id))
