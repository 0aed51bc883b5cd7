"""Moving a hold to another node: the destination is checked under its lock, like a new hold."""

from commerce.commands import once
from commerce.ids import NodeId, ReservationId
from commerce.inventory.allocation import Demand, Shelf, shortages
from commerce.inventory.checks import must_be_open
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.events import StockReleased, StockReserved
from commerce.inventory.policy import WRITE_STOCK
from commerce.inventory.service import demand_of, free_expired, lock_reservations, shelf_of
from commerce.inventory.shelves import Cause, lock
from commerce.inventory.tables import Reservation
from kernel.audit import Subject
from kernel.errors import NotFound
from kernel.uow import UnitOfWork


def move_reservation(
    uow: UnitOfWork, reservation_id: ReservationId, target: NodeId, *, key: str
) -> None:
    """Hold the same units at another node: all of them there, or OutOfStock and nothing moves.

    The units are given back to the very shelf they are on. To the node where they are: nothing
    happens. ReservationEnded, NodeClosed, NotFound.
    """
    uow.actor.must(WRITE_STOCK)
    request = {"reservation_id": reservation_id, "target": target}
    once(
        uow,
        key,
        "inventory.move_reservation",
        request,
        lambda: _move(uow, reservation_id, target, key),
    )


def _move(
    uow: UnitOfWork, reservation_id: ReservationId, target: NodeId, key: str
) -> dict[str, object]:
    must_be_open(uow, {target})
    seen = uow.session.get(Reservation, (uow.tenant_id, reservation_id))
    if seen is None:
        raise NotFound("reservation", reservation_id)
    # Both shelves in their order, before the hold is read again under them.
    shelves = lock(uow, [shelf_of(seen), Shelf(seen.sku_id, target)])
    _held, (row,) = lock_reservations(uow, [reservation_id])
    source = shelf_of(row)
    if source not in shelves:  # Somebody else moved it meanwhile.
        raise ReservationEnded(row.id, "moved")
    if row.state != "active" or (row.expires_at is not None and row.expires_at <= uow.now):
        raise ReservationEnded(row.id, row.state if row.state != "active" else "expired")
    subject = Subject("reservation", row.id)
    if source.node_id == target:
        uow.record("inventory.move_reservation", subject, facts={"again": True})
        return {}
    free_expired(uow, shelves)
    left, wanted = demand_of(row), Demand(row.sku_id, target, row.quantity)
    if missing := shortages([wanted], shelves.free()):
        raise OutOfStock(tuple(missing))
    cause = Cause("move_reservation", row.owner_kind, row.owner_id, key)
    shelves.move(source, row.quantity, source="reserved", target="available", cause=cause)
    shelves.move(wanted.shelf, row.quantity, source="available", target="reserved", cause=cause)
    row.node_id = target
    uow.emit(StockReleased("reservation", row.id, (left,)))
    uow.emit(StockReserved(row.owner_kind, row.owner_id, (wanted,)))
    uow.record("inventory.move_reservation", subject, facts={"from": left, "to": wanted})
    return {}
