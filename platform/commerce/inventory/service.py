"""The verbs that hold stock for a while: lock the shelves, decide, move, record.

Each takes the key of its command: repeated with the same key it answers as the first time and
moves nothing. The lock order is that of `shelves`: shelves, then reservations and allocations.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from commerce.commands import once
from commerce.ids import NodeId, ReservationId, SkuId
from commerce.inventory.allocation import Demand, Shelf, shortages
from commerce.inventory.checks import must_be_movable, must_exist
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.events import StockReleased, StockReserved
from commerce.inventory.policy import WRITE_STOCK
from commerce.inventory.shelves import Cause, LockedShelves, lock
from commerce.inventory.tables import Allocation, Reservation
from kernel.audit import Subject
from kernel.errors import NotFound
from kernel.locks import take_name
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Owner:
    """For whom units are held."""

    kind: Literal["order_line", "cart"]
    id: str


def reserve(
    uow: UnitOfWork,
    demands: Sequence[Demand],
    *,
    owner: Owner,
    key: str,
    expires_at: datetime | None = None,
) -> list[ReservationId]:
    """Hold units for an owner: all of them, or raise OutOfStock and hold none.

    What the owner held of the same SKUs is superseded in the same moment, so an abandoned hold
    of one's own never stands in the way. Without `expires_at` the hold does not end by itself.
    """
    uow.actor.must(WRITE_STOCK)
    must_be_movable(demands)
    request = {"demands": list(demands), "owner": owner, "expires_at": expires_at}
    answer = once(
        uow,
        key,
        "inventory.reserve",
        request,
        lambda: _reserve(uow, demands, owner, expires_at, key),
    )
    return [ReservationId(each) for each in answer["reservation_ids"]]


def release(uow: UnitOfWork, reservation_ids: Sequence[ReservationId], *, key: str) -> list[Demand]:
    """Give back exactly the units these reservations hold, to the shelves they came from.

    Returns what was given back. One that was released or has expired holds nothing any more and
    gives nothing; ReservationEnded for one that became an allocation.
    """
    uow.actor.must(WRITE_STOCK)
    request = {"reservation_ids": list(reservation_ids)}
    answer = once(
        uow, key, "inventory.release", request, lambda: _release(uow, reservation_ids, key)
    )
    return demands_of(answer["released"])


def end_if_over(uow: UnitOfWork, reservation_id: ReservationId) -> list[Demand]:
    """Free the units of a shelf's reservations whose time is up; this one says which shelf.

    Returns what was freed; nothing where somebody was faster.
    """
    row = uow.session.get(Reservation, (uow.tenant_id, reservation_id))
    if row is None:
        raise NotFound("reservation", reservation_id)
    freed = free_expired(uow, lock(uow, [shelf_of(row)]))
    if freed:
        subject = Subject("reservation", reservation_id)
        uow.record("inventory.expire", subject, facts={"freed": freed})
    return freed


def free_expired(uow: UnitOfWork, shelves: LockedShelves) -> list[Demand]:
    """End the reservations on locked shelves whose time is up, and free their units."""
    rows = uow.session.scalars(
        select(Reservation)
        .where(
            Reservation.state == "active",
            Reservation.expires_at <= uow.now,
            Reservation.sku_id.in_({shelf.sku_id for shelf in shelves}),
        )
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    )
    ended = [row for row in rows if shelf_of(row) in shelves]
    for row in ended:
        cause = Cause("expire", row.owner_kind, row.owner_id, f"expire/{row.id}")
        _end(uow, shelves, row, "expired", cause)
    freed = [demand_of(row) for row in ended]
    if freed:
        uow.emit(StockReleased("reservation", "expired", tuple(freed)))
    return freed


def demands_of(lines: Iterable[dict[str, object]]) -> list[Demand]:
    """Read demands back from an answer's JSON."""
    return [
        Demand(SkuId(str(line["sku_id"])), NodeId(str(line["node_id"])), int(str(line["quantity"])))
        for line in lines
    ]


def _reserve(
    uow: UnitOfWork,
    demands: Sequence[Demand],
    owner: Owner,
    expires_at: datetime | None,
    key: str,
) -> dict[str, object]:
    must_exist(uow, demands)
    # Two requests of one owner take turns, so that each sees what the other holds.
    take_name(uow, "holds", owner.kind, owner.id)
    skus = {demand.sku_id for demand in demands}
    earlier = _held_by(uow, owner, skus)
    shelves = lock(uow, [*(demand.shelf for demand in demands), *shelves_of(earlier)])
    free_expired(uow, shelves)
    for row in _held_by(uow, owner, skus):
        cause = Cause("supersede", owner.kind, owner.id, f"supersede/{row.id}")
        _end(uow, shelves, row, "released", cause)
    if missing := shortages(demands, shelves.free()):
        raise OutOfStock(tuple(missing))
    made = [_hold(uow, shelves, demand, owner, expires_at, key) for demand in demands]
    uow.emit(StockReserved(owner.kind, owner.id, tuple(demands)))
    uow.record("inventory.reserve", Subject(owner.kind, owner.id), facts={"lines": list(demands)})
    return {"reservation_ids": [row.id for row in made]}


def _hold(
    uow: UnitOfWork,
    shelves: LockedShelves,
    demand: Demand,
    owner: Owner,
    expires_at: datetime | None,
    key: str,
) -> Reservation:
    cause = Cause("reserve", owner.kind, owner.id, key)
    shelves.move(demand.shelf, demand.quantity, source="available", target="reserved", cause=cause)
    row = Reservation(
        tenant_id=uow.tenant_id,
        id=uow.new_id("rsv"),
        sku_id=demand.sku_id,
        node_id=demand.node_id,
        quantity=demand.quantity,
        owner_kind=owner.kind,
        owner_id=owner.id,
        state="active",
        expires_at=expires_at,
        made_at=uow.now,
    )
    uow.session.add(row)
    return row


def _release(
    uow: UnitOfWork, reservation_ids: Sequence[ReservationId], key: str
) -> dict[str, object]:
    shelves, rows = lock_reservations(uow, reservation_ids)
    for row in rows:
        if row.state == "converted":
            raise ReservationEnded(row.id, row.state)
    active = [row for row in rows if row.state == "active"]
    for row in active:
        _end(uow, shelves, row, "released", Cause("release", row.owner_kind, row.owner_id, key))
    released = [demand_of(row) for row in active]
    if released:
        uow.emit(StockReleased("reservation", rows[0].id, tuple(released)))
    facts = {"released": released, "reservations": list(reservation_ids)}
    uow.record("inventory.release", Subject("reservation", rows[0].id), facts=facts)
    return {"released": released}


def _end(
    uow: UnitOfWork, shelves: LockedShelves, row: Reservation, state: str, cause: Cause
) -> None:
    shelves.move(shelf_of(row), row.quantity, source="reserved", target="available", cause=cause)
    row.state, row.ended_at = state, uow.now


def lock_reservations(
    uow: UnitOfWork, reservation_ids: Sequence[ReservationId]
) -> tuple[LockedShelves, Sequence[Reservation]]:
    """Lock the shelves of reservations and read them again; NotFound where one is missing."""
    wanted = (
        select(Reservation)
        .where(Reservation.id.in_(sorted(set(reservation_ids))))
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    )
    found = uow.session.scalars(wanted).all()
    known = {row.id for row in found}
    for reservation_id in reservation_ids:
        if reservation_id not in known:
            raise NotFound("reservation", reservation_id)
    if not found:
        raise NotFound("reservation")
    shelves = lock(uow, shelves_of(found))
    return shelves, uow.session.scalars(wanted).all()


def _held_by(uow: UnitOfWork, owner: Owner, sku_ids: Collection[SkuId]) -> Sequence[Reservation]:
    return uow.session.scalars(
        select(Reservation)
        .where(
            Reservation.owner_kind == owner.kind,
            Reservation.owner_id == owner.id,
            Reservation.state == "active",
            Reservation.sku_id.in_(sorted(sku_ids)),
        )
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    ).all()


def shelves_of(rows: Iterable[Reservation | Allocation]) -> list[Shelf]:
    return [shelf_of(row) for row in rows]


def shelf_of(row: Reservation | Allocation) -> Shelf:
    return Shelf(row.sku_id, row.node_id)


def demand_of(row: Reservation | Allocation) -> Demand:
    return Demand(row.sku_id, row.node_id, row.quantity)
