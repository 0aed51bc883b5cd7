"""What leaves, and what was to leave and is not there: the warehouse's part of both.

Called by the department that keeps the order's lines, with its locks; it records.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.ids import FulfilmentOrderId, OrderLineId, ShipmentId
from commerce.inventory.allocation import Demand
from commerce.inventory.shortfalls import Shortfall, hand_over, lose
from commerce.warehouse.errors import MoreThanAsked
from commerce.warehouse.events import FulfilmentFellShort, FulfilmentShipped
from commerce.warehouse.lifecycle import LIVING, PICKING
from commerce.warehouse.locking import lines_of, lock_for_work
from commerce.warehouse.opening import end_if_empty
from commerce.warehouse.picking import go_on_when_picked, line_at
from commerce.warehouse.tables import FulfilmentLine, FulfilmentOrder, Shipment, ShipmentLine
from commerce.warehouse.tables import ShortPick as ShortPickRow
from commerce.warehouse.tasks import end_tasks
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Parcel:
    """Who carries a shipment, and under which number it is followed."""

    carrier: str | None = None
    tracking: str | None = None


@dataclass(frozen=True)
class ShortPick:
    """Units of a line that were not found as the books say, and why."""

    position: int
    quantity: int
    why: Shortfall


def ship(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, parcel: Parcel, *, key: str
) -> tuple[ShipmentId, list[OrderLineId]]:
    """Let a packed parcel leave: its units go to the customer, under a shipment.

    Returns the shipment and the lines of which everything left.
    """
    fulfilment = lock_for_work(uow, fulfilment_order_id, {"packed"})
    end_tasks(uow, fulfilment, "done", "ship")
    return _leave(uow, fulfilment, lines_of(uow, [fulfilment.id]), parcel, key)


def send_off(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, *, key: str
) -> tuple[ShipmentId, list[OrderLineId]]:
    """Let all that a node is asked for leave at once, whatever was picked or packed of it.

    For nodes whose work is not followed in steps. Returns what `ship` does; HeldBack,
    NotInThisStatus.
    """
    fulfilment = lock_for_work(uow, fulfilment_order_id, LIVING)
    lines = lines_of(uow, [fulfilment.id])
    for line in lines:
        line.picked += line.to_pick
    end_tasks(uow, fulfilment, "done", "pick", "pack", "ship")
    return _leave(uow, fulfilment, lines, Parcel(), key)


def fall_short(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, short: ShortPick, *, key: str
) -> FulfilmentLine:
    """Drop units of a line that were not found, and let the reason decide about the stock.

    Returns the line. The others go on; a fulfilment order that asks for nothing more is cancelled.
    """
    fulfilment = lock_for_work(uow, fulfilment_order_id, PICKING)
    lines = lines_of(uow, [fulfilment.id])
    line = line_at(lines, short.position)
    if short.quantity > line.to_pick:
        raise MoreThanAsked(short.position, short.quantity, line.to_pick)
    line.dropped += short.quantity
    fulfilment.status = "in_progress"
    _note_short(uow, fulfilment, line, short)
    lose(uow, line.order_line_id, short.quantity, why=short.why, key=key)
    if any(each.remaining for each in lines):
        go_on_when_picked(uow, fulfilment, lines)
    end_if_empty(uow, fulfilment, lines, f"Nothing was found: {short.why}.")
    return line


def _leave(
    uow: UnitOfWork,
    fulfilment: FulfilmentOrder,
    asked: Sequence[FulfilmentLine],
    parcel: Parcel,
    key: str,
) -> tuple[ShipmentId, list[OrderLineId]]:
    lines = [line for line in asked if line.remaining]
    shipment = _shipment(uow, fulfilment, parcel)
    left = hand_over(uow, [line.order_line_id for line in lines], shipment_id=shipment.id, key=key)
    for line in lines:
        units = sum(each.quantity for each in left.get(line.order_line_id, ()))
        assert units == line.remaining, f"{line.order_line_id} has {units}, not {line.remaining}"
        line.shipped += units
    _note_lines(uow, shipment, left)
    fulfilment.status, fulfilment.closed_at = "closed", uow.now
    units = sum(each.quantity for demands in left.values() for each in demands)
    uow.emit(
        FulfilmentShipped(
            fulfilment.id, fulfilment.order_id, fulfilment.node_id, shipment.id, units
        )
    )
    return shipment.id, [line.order_line_id for line in lines]


def _shipment(uow: UnitOfWork, fulfilment: FulfilmentOrder, parcel: Parcel) -> Shipment:
    row = Shipment(
        tenant_id=uow.tenant_id,
        id=ShipmentId(uow.new_id("shp")),
        fulfilment_order_id=fulfilment.id,
        order_id=fulfilment.order_id,
        node_id=fulfilment.node_id,
        carrier=parcel.carrier,
        tracking=parcel.tracking,
        shipped_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _note_lines(uow: UnitOfWork, shipment: Shipment, left: dict[OrderLineId, list[Demand]]) -> None:
    pieces: Sequence[tuple[OrderLineId, Demand]] = [
        (line_id, each) for line_id, demands in left.items() for each in demands
    ]
    uow.session.add_all(
        ShipmentLine(
            tenant_id=uow.tenant_id,
            shipment_id=shipment.id,
            position=position,
            order_line_id=line_id,
            sku_id=each.sku_id,
            node_id=each.node_id,
            quantity=each.quantity,
        )
        for position, (line_id, each) in enumerate(pieces, start=1)
    )


def _note_short(
    uow: UnitOfWork, fulfilment: FulfilmentOrder, line: FulfilmentLine, short: ShortPick
) -> None:
    uow.session.add(
        ShortPickRow(
            tenant_id=uow.tenant_id,
            id=uow.new_id("spk"),
            fulfilment_order_id=fulfilment.id,
            order_line_id=line.order_line_id,
            sku_id=line.sku_id,
            node_id=fulfilment.node_id,
            quantity=short.quantity,
            reason=short.why,
            reported_by=uow.actor.id,
            reported_at=uow.now,
        )
    )
    uow.emit(
        FulfilmentFellShort(
            fulfilment.id,
            fulfilment.order_id,
            fulfilment.node_id,
            line.order_line_id,
            line.sku_id,
            short.quantity,
            short.why,
        )
    )
