"""The verbs that commit stock to order lines, and give it back: lock the shelves, decide, move.

Called by the department that keeps the lines: it asked for permission and holds their locks, so
nobody else commits or gives back units of the same lines meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.commands import once
from commerce.ids import AllocationId, OrderLineId, ReservationId
from commerce.inventory.allocation import Demand, shortages
from commerce.inventory.checks import must_be_movable, must_be_open
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.events import StockAllocated, StockReleased
from commerce.inventory.service import (
    demand_of,
    demands_of,
    free_expired,
    lock_reservations,
    shelf_of,
    shelves_of,
)
from commerce.inventory.shelves import Cause, LockedShelves, lock
from commerce.inventory.shortfalls import open_allocations
from commerce.inventory.tables import Allocation
from kernel.audit import Subject
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Commitment:
    """Units of a shelf that an order line is to get; a smaller priority number goes first."""

    order_line_id: OrderLineId
    demand: Demand
    priority: int


def allocate(uow: UnitOfWork, commitments: Sequence[Commitment], *, key: str) -> list[AllocationId]:
    """Commit available units to order lines: all of them, or raise OutOfStock and commit none."""
    must_be_movable([each.demand for each in commitments])
    request = {"commitments": list(commitments)}
    answer = once(uow, key, "inventory.allocate", request, lambda: _allocate(uow, commitments, key))
    return [AllocationId(each) for each in answer["allocation_ids"]]


def allocate_from(
    uow: UnitOfWork, shelves: LockedShelves, commitments: Sequence[Commitment], *, key: str
) -> list[AllocationId]:
    """Commit units of shelves that the caller holds: all of them, or raise OutOfStock.

    For verbs that decided under the very same locks and are themselves done once; the ledger
    refuses a key that has moved units before.
    """
    demands = [each.demand for each in commitments]
    if missing := shortages(demands, shelves.free()):
        raise OutOfStock(tuple(missing))
    made = []
    for each in commitments:
        cause = Cause("allocate", "order_line", each.order_line_id, key)
        shelves.move(
            each.demand.shelf,
            each.demand.quantity,
            source="available",
            target="committed",
            cause=cause,
        )
        made.append(_allocation(uow, each, reservation_id=None))
    return _told(uow, demands, made)


def convert(
    uow: UnitOfWork,
    reservation_ids: Sequence[ReservationId],
    *,
    order_line_id: OrderLineId,
    priority: int,
    key: str,
) -> list[AllocationId]:
    """Turn reservations into allocations of an order line; ReservationEnded where one has ended."""
    request = {"reservation_ids": list(reservation_ids), "order_line_id": order_line_id}
    answer = once(
        uow,
        key,
        "inventory.convert",
        request,
        lambda: _convert(uow, reservation_ids, order_line_id, priority, key),
    )
    return [AllocationId(each) for each in answer["allocation_ids"]]


def deallocate(uow: UnitOfWork, order_line_ids: Sequence[OrderLineId], *, key: str) -> list[Demand]:
    """Give back every unit still committed to these lines, to the very shelf it is on.

    Returns what was given back, computed from the open allocations under their shelves' locks,
    so nothing is given back twice.
    """
    request = {"order_line_ids": list(order_line_ids)}
    answer = once(
        uow, key, "inventory.deallocate", request, lambda: _deallocate(uow, order_line_ids, key)
    )
    return demands_of(answer["released"])


def give_back(
    uow: UnitOfWork, order_line_ids: Sequence[OrderLineId], *, key: str
) -> dict[OrderLineId, list[Demand]]:
    """As `deallocate`, line by line, for verbs that are themselves done once and record.

    A line that held nothing is not in the answer.
    """
    shelves = lock(uow, shelves_of(open_allocations(uow, order_line_ids)))
    # Read again: what was open before the shelves were held may be released by now.
    released: dict[OrderLineId, list[Demand]] = {}
    for row in open_allocations(uow, order_line_ids):
        line_id = OrderLineId(row.order_line_id)
        cause = Cause("deallocate", "order_line", line_id, key)
        shelves.move(
            shelf_of(row), row.quantity, source="committed", target="available", cause=cause
        )
        row.state, row.ended_at = "released", uow.now
        released.setdefault(line_id, []).append(demand_of(row))
    if released:
        lines = tuple(demand for demands in released.values() for demand in demands)
        uow.emit(StockReleased("order_line", next(iter(released)), lines))
    return released


def _allocate(uow: UnitOfWork, commitments: Sequence[Commitment], key: str) -> dict[str, object]:
    demands = [each.demand for each in commitments]
    must_be_open(uow, {demand.node_id for demand in demands})
    shelves = lock(uow, [demand.shelf for demand in demands])
    free_expired(uow, shelves)
    return {"allocation_ids": allocate_from(uow, shelves, commitments, key=key)}


def _convert(
    uow: UnitOfWork,
    reservation_ids: Sequence[ReservationId],
    order_line_id: OrderLineId,
    priority: int,
    key: str,
) -> dict[str, object]:
    shelves, rows = lock_reservations(uow, reservation_ids)
    made = []
    for row in rows:
        if row.state != "active":
            raise ReservationEnded(row.id, row.state)
        if row.expires_at is not None and row.expires_at <= uow.now:
            raise ReservationEnded(row.id, "expired")
        cause = Cause("convert", "order_line", order_line_id, key)
        shelves.move(
            shelf_of(row), row.quantity, source="reserved", target="committed", cause=cause
        )
        row.state, row.ended_at = "converted", uow.now
        commitment = Commitment(order_line_id, demand_of(row), priority)
        made.append(_allocation(uow, commitment, reservation_id=row.id))
    return {"allocation_ids": _told(uow, [demand_of(row) for row in rows], made)}


def _told(
    uow: UnitOfWork, demands: Sequence[Demand], made: Sequence[Allocation]
) -> list[AllocationId]:
    first = made[0].order_line_id
    uow.emit(StockAllocated("order_line", first, tuple(demands)))
    uow.record("inventory.allocate", Subject("order_line", first), facts={"lines": list(demands)})
    return [AllocationId(row.id) for row in made]


def _allocation(
    uow: UnitOfWork, commitment: Commitment, *, reservation_id: str | None
) -> Allocation:
    row = Allocation(
        tenant_id=uow.tenant_id,
        id=uow.new_id("alc"),
        order_line_id=commitment.order_line_id,
        sku_id=commitment.demand.sku_id,
        node_id=commitment.demand.node_id,
        supply="on_hand",
        quantity=commitment.demand.quantity,
        state="open",
        priority=commitment.priority,
        reservation_id=reservation_id,
        made_at=uow.now,
    )
    uow.session.add(row)
    return row


def _deallocate(
    uow: UnitOfWork, order_line_ids: Sequence[OrderLineId], key: str
) -> dict[str, object]:
    given_back = give_back(uow, order_line_ids, key=key)
    released = [demand for demands in given_back.values() for demand in demands]
    subject = Subject("order_line", order_line_ids[0])
    uow.record("inventory.deallocate", subject, facts={"released": released})
    return {"released": released}
