"""Taking units off the shelf, and packing them: the order's units stay committed meanwhile."""

from collections.abc import Mapping, Sequence

from commerce.commands import once
from commerce.ids import FulfilmentOrderId
from commerce.inventory.policy import QUANTITY_MAX, WRITE_STOCK
from commerce.warehouse.errors import MoreThanAsked, NotAllPicked
from commerce.warehouse.events import FulfilmentPacked, FulfilmentPicked
from commerce.warehouse.lifecycle import PICKING
from commerce.warehouse.locking import lines_of, lock_for_work
from commerce.warehouse.tables import FulfilmentLine, FulfilmentOrder
from commerce.warehouse.tasks import end_tasks, make_task
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork


def pick(
    uow: UnitOfWork,
    fulfilment_order_id: FulfilmentOrderId,
    units: Mapping[int, int] | None = None,
    *,
    key: str,
) -> None:
    """Note units as picked, by the position of their line; None is all that is still to pick.

    All of it picked, the fulfilment order is to be packed. MoreThanAsked, HeldBack,
    NotInThisStatus, NotFound.
    """
    uow.actor.must(WRITE_STOCK)
    for position, quantity in (units or {}).items():
        must_be_a_quantity(position, quantity)
    request = {
        "fulfilment_order_id": fulfilment_order_id,
        "units": None if units is None else {str(place): count for place, count in units.items()},
    }
    once(uow, key, "warehouse.pick", request, lambda: _pick(uow, fulfilment_order_id, units))


def pack(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, *, key: str) -> None:
    """Close the parcel up; NotAllPicked where units are neither picked nor reported short."""
    uow.actor.must(WRITE_STOCK)
    request = {"fulfilment_order_id": fulfilment_order_id}
    once(uow, key, "warehouse.pack", request, lambda: _pack(uow, fulfilment_order_id))


def line_at(lines: Sequence[FulfilmentLine], position: int) -> FulfilmentLine:
    """Return the line at a position; NotFound."""
    found = next((line for line in lines if line.position == position), None)
    if found is None:
        raise NotFound("fulfilment_line", str(position))
    return found


def must_be_a_quantity(position: int, quantity: int) -> None:
    """Raise Invalid for a quantity nobody can mean."""
    if not 0 < quantity <= QUANTITY_MAX:
        detail = f"A quantity is a whole number from 1 to {QUANTITY_MAX}; {quantity} is not."
        raise Invalid((Fault(f"/lines/{position}/quantity", "warehouse.quantity", detail),))


def go_on_when_picked(
    uow: UnitOfWork, fulfilment: FulfilmentOrder, lines: Sequence[FulfilmentLine]
) -> None:
    """Ask for packing once nothing of a locked fulfilment order is left to pick."""
    if any(line.to_pick for line in lines):
        return
    end_tasks(uow, fulfilment, "done", "pick")
    make_task(uow, fulfilment, "pack")
    units = sum(line.picked for line in lines)
    uow.emit(FulfilmentPicked(fulfilment.id, fulfilment.order_id, fulfilment.node_id, units))


def _pick(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, units: Mapping[int, int] | None
) -> dict[str, object]:
    fulfilment = lock_for_work(uow, fulfilment_order_id, PICKING)
    lines = lines_of(uow, [fulfilment.id])
    if units is None:
        units = {line.position: line.to_pick for line in lines if line.to_pick}
    for position, quantity in sorted(units.items()):
        line = line_at(lines, position)
        if quantity > line.to_pick:
            raise MoreThanAsked(position, quantity, line.to_pick)
        line.picked += quantity
    fulfilment.status = "in_progress"
    if units:
        go_on_when_picked(uow, fulfilment, lines)
    facts = {"units": {str(position): quantity for position, quantity in units.items()}}
    uow.record("warehouse.pick", Subject("fulfilment_order", fulfilment.id), facts=facts)
    return {}


def _pack(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId) -> dict[str, object]:
    fulfilment = lock_for_work(uow, fulfilment_order_id, {"in_progress"})
    lines = lines_of(uow, [fulfilment.id])
    if missing := sum(line.to_pick for line in lines):
        raise NotAllPicked(fulfilment.id, missing)
    fulfilment.status = "packed"
    end_tasks(uow, fulfilment, "done", "pack")
    make_task(uow, fulfilment, "ship")
    uow.emit(FulfilmentPacked(fulfilment.id, fulfilment.order_id, fulfilment.node_id))
    uow.record("warehouse.pack", Subject("fulfilment_order", fulfilment.id))
    return {}
