"""Units that leave for a customer, and units that were promised and are not there.

Called by the department that keeps the lines: it asked for permission, holds their locks, does
its command once and records. The lock order is that of `shelves`.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from sqlalchemy import select

from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory.allocation import Demand, Shelf, Shortage
from commerce.inventory.errors import OutOfStock
from commerce.inventory.events import StockAdjusted, StockLost
from commerce.inventory.ledger import Bucket
from commerce.inventory.service import demand_of, shelf_of, shelves_of
from commerce.inventory.shelves import Cause, LockedShelves, lock
from commerce.inventory.tables import Allocation, StockCorrection
from kernel.db import among, prepared
from kernel.uow import UnitOfWork

Shortfall = Literal["not_in_stock", "mismatch", "damaged"]
"""`not_in_stock`: the shelf is empty, whatever the books say. `mismatch`: these units are missing.
`damaged`: these units are here and cannot be sold."""

SHORTFALLS: tuple[Shortfall, ...] = get_args(Shortfall)


def hand_over(
    uow: UnitOfWork, order_line_ids: Sequence[OrderLineId], *, shipment_id: str, key: str
) -> dict[OrderLineId, list[Demand]]:
    """Let every unit committed to these lines leave for the customer; return what left, by line."""
    shelves = lock(uow, shelves_of(open_allocations(uow, order_line_ids)))
    # Read again: what was open before the shelves were held may be released by now.
    left: dict[OrderLineId, list[Demand]] = {}
    for row in open_allocations(uow, order_line_ids):
        cause = Cause("ship", "shipment", shipment_id, key)
        shelves.move(
            shelf_of(row), row.quantity, source="committed", target="customer", cause=cause
        )
        row.state, row.ended_at = "fulfilled", uow.now
        left.setdefault(OrderLineId(row.order_line_id), []).append(demand_of(row))
    return left


def lose(
    uow: UnitOfWork, order_line_id: OrderLineId, quantity: int, *, why: Shortfall, key: str
) -> None:
    """Take units that are committed to a line off the books, as the reason says.

    `damaged` ones go to that bucket. Missing ones go to a correction, and where the shelf is
    `not_in_stock`, so does everything that is available on it; what others hold of it stays
    theirs until somebody looks for it. Raises OutOfStock where the line holds fewer.
    """
    shelves = lock(uow, shelves_of(open_allocations(uow, [order_line_id])))
    rows = list(open_allocations(uow, [order_line_id]))
    held = sum(row.quantity for row in rows)
    if held < quantity:
        raise OutOfStock(tuple(Shortage(*_place(row), quantity, held) for row in rows[:1]))
    left = quantity
    while left:
        # The units that came last were promised last.
        row = rows.pop()
        units = min(left, row.quantity)
        _lose(uow, shelves, row, units, why, key)
        left -= units
    shelf = shelf_of(row)
    uow.emit(StockLost(shelf.sku_id, shelf.node_id, quantity, order_line_id, why))
    if why == "not_in_stock" and (available := shelves.available(shelf)):
        _correct(uow, shelves, shelf, available, "available", f"Empty shelf: {why}.", key)
        uow.emit(StockAdjusted(shelf.sku_id, shelf.node_id, -available, why))


def open_allocations(
    uow: UnitOfWork, order_line_ids: Sequence[OrderLineId]
) -> Sequence[Allocation]:
    """Return what is committed to lines, in the order in which it was, freshly read."""
    return uow.session.scalars(_OPEN, {"ids": sorted(set(order_line_ids))}).all()


_OPEN = prepared(
    select(Allocation)
    .where(among(Allocation.order_line_id, "ids"), Allocation.state == "open")
    .order_by(Allocation.id)
    .execution_options(populate_existing=True)
)


def _place(row: Allocation) -> tuple[SkuId, NodeId]:
    return row.sku_id, row.node_id


def _lose(
    uow: UnitOfWork,
    shelves: LockedShelves,
    row: Allocation,
    units: int,
    why: Shortfall,
    key: str,
) -> None:
    shelf = shelf_of(row)
    if why == "damaged":
        cause = Cause("short_pick", "order_line", row.order_line_id, key)
        shelves.move(shelf, units, source="committed", target="damaged", cause=cause)
    else:
        _correct(uow, shelves, shelf, units, "committed", f"Short pick: {why}.", key)
    _give_up(uow, row, units)


def _give_up(uow: UnitOfWork, row: Allocation, units: int) -> None:
    """End an allocation, or split off the part that ends: the rest stays committed."""
    if units == row.quantity:
        row.state, row.ended_at = "released", uow.now
        return
    row.quantity -= units
    uow.session.add(
        Allocation(
            tenant_id=uow.tenant_id,
            id=uow.new_id("alc"),
            order_line_id=row.order_line_id,
            sku_id=row.sku_id,
            node_id=row.node_id,
            supply=row.supply,
            quantity=units,
            state="released",
            priority=row.priority,
            reservation_id=row.reservation_id,
            made_at=row.made_at,
            ended_at=uow.now,
        )
    )


def _correct(
    uow: UnitOfWork,
    shelves: LockedShelves,
    shelf: Shelf,
    units: int,
    bucket: Bucket,
    reason: str,
    key: str,
) -> None:
    correction = StockCorrection(
        tenant_id=uow.tenant_id,
        id=uow.new_id("cor"),
        sku_id=shelf.sku_id,
        node_id=shelf.node_id,
        difference=-units,
        reason=reason,
        corrected_at=uow.now,
    )
    uow.session.add(correction)
    cause = Cause("short_pick", "stock_correction", correction.id, key)
    shelves.move(shelf, units, source=bucket, target="adjustment", cause=cause)
