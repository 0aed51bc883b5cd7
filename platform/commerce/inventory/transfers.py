"""Goods on the road between two nodes: shipped at one, in transit, received at the other.

Each verb takes the key of its command. Lock order: the transfer, then shelves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from commerce.commands import once
from commerce.ids import NodeId, SkuId, TransferId
from commerce.inventory.allocation import Demand, Shelf, shortages
from commerce.inventory.checks import must_be_movable, must_be_open, must_exist
from commerce.inventory.errors import MoreThanShipped, OutOfStock, TransferOver
from commerce.inventory.events import (
    StockTransferred,
    TransferCancelled,
    TransferReceived,
    TransferShipped,
)
from commerce.inventory.policy import ADJUST_STOCK, REASON_LENGTH_MAX, WRITE_STOCK
from commerce.inventory.service import free_expired
from commerce.inventory.shelves import Cause, LockedShelves, lock
from commerce.inventory.tables import StockCorrection
from commerce.inventory.transfer_tables import Transfer, TransferLine
from commerce.rows import locked
from kernel.audit import Subject
from kernel.errors import Fault, Invalid, NotFound
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Carried:
    """Units of a SKU on the road."""

    sku_id: SkuId
    quantity: int


def ship_transfer(
    uow: UnitOfWork, carried: Sequence[Carried], *, source: NodeId, target: NodeId, key: str
) -> TransferId:
    """Let available units leave a node for another: in transit there, promised to nobody.

    All of them, or OutOfStock. What one SKU is named for twice is added up. NodeClosed, NotFound.
    """
    uow.actor.must(WRITE_STOCK)
    if source == target:
        detail = "Name two nodes: goods go from one to the other."
        raise Invalid((Fault("/target", "inventory.same_node", detail),))
    must_be_movable([Demand(each.sku_id, source, each.quantity) for each in carried])
    request = {"carried": list(carried), "source": source, "target": target}
    answer = once(
        uow,
        key,
        "inventory.ship_transfer",
        request,
        lambda: _ship(uow, carried, source, target, key),
    )
    return TransferId(answer["transfer_id"])


def receive_transfer(
    uow: UnitOfWork, transfer_id: TransferId, arrived: Mapping[SkuId, int], *, key: str
) -> None:
    """Take in what arrived; it is available at once, and the rest stays on the road.

    MoreThanShipped for units that are not on the road; TransferOver; NotFound.
    """
    uow.actor.must(WRITE_STOCK)
    must_be_movable([Demand(sku_id, NodeId(""), units) for sku_id, units in arrived.items()])
    request = {"transfer_id": transfer_id, "arrived": dict(arrived)}
    once(
        uow,
        key,
        "inventory.receive_transfer",
        request,
        lambda: _receive(uow, transfer_id, arrived, key),
    )


def close_transfer(uow: UnitOfWork, transfer_id: TransferId, *, reason: str, key: str) -> int:
    """Write off what never arrived, with a correction per SKU; return how many units that were.

    Needs the permission to adjust stock. TransferOver; NotFound.
    """
    uow.actor.must(ADJUST_STOCK)
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        detail = f"Say why, in up to {REASON_LENGTH_MAX} characters."
        raise Invalid((Fault("/reason", "inventory.correction", detail),))
    request = {"transfer_id": transfer_id, "reason": reason}
    answer = once(
        uow,
        key,
        "inventory.close_transfer",
        request,
        lambda: _close(uow, transfer_id, reason, key),
    )
    return int(answer["lost"])


def cancel_transfer(uow: UnitOfWork, transfer_id: TransferId, *, key: str) -> None:
    """Turn goods round: what is still on the road is available where it came from. Twice is once.

    The inverse of shipping. TransferOver where all of it has arrived; NotFound.
    """
    uow.actor.must(WRITE_STOCK)
    request = {"transfer_id": transfer_id}
    once(uow, key, "inventory.cancel_transfer", request, lambda: _cancel(uow, transfer_id, key))


def on_the_road(uow: UnitOfWork, transfer_id: TransferId) -> dict[SkuId, int]:
    """Return what of a transfer has come nowhere yet; NotFound."""
    if uow.session.get(Transfer, (uow.tenant_id, transfer_id)) is None:
        raise NotFound("transfer", transfer_id)
    lines = uow.session.scalars(
        select(TransferLine)
        .where(TransferLine.transfer_id == transfer_id)
        .order_by(TransferLine.sku_id)
    )
    return {line.sku_id: line.on_the_road for line in lines if line.on_the_road}


def _ship(
    uow: UnitOfWork, carried: Sequence[Carried], source: NodeId, target: NodeId, key: str
) -> dict[str, object]:
    units: dict[SkuId, int] = {}
    for each in carried:
        units[each.sku_id] = units.get(each.sku_id, 0) + each.quantity
    taken = [Demand(sku_id, source, quantity) for sku_id, quantity in sorted(units.items())]
    coming = [Demand(sku_id, target, quantity) for sku_id, quantity in sorted(units.items())]
    must_exist(uow, [*taken, *coming])
    must_be_open(uow, {target})
    shelves = lock(uow, [each.shelf for each in (*taken, *coming)])
    free_expired(uow, shelves)
    free = {each.shelf: shelves.available(each.shelf) for each in taken}
    if missing := shortages(taken, free):
        raise OutOfStock(tuple(missing))
    transfer = _write(uow, source, target, units)
    cause = Cause("ship_transfer", "transfer", transfer.id, key)
    for leaving, arriving in zip(taken, coming, strict=True):
        shelves.move(
            leaving.shelf, leaving.quantity, source="available", target="transit", cause=cause
        )
        shelves.move(
            arriving.shelf, arriving.quantity, source="transit", target="in_transit", cause=cause
        )
    uow.emit(TransferShipped(transfer.id, source, target, tuple(coming)))
    uow.record("inventory.ship_transfer", Subject("transfer", transfer.id))
    return {"transfer_id": transfer.id}


def _write(uow: UnitOfWork, source: NodeId, target: NodeId, units: Mapping[SkuId, int]) -> Transfer:
    transfer = Transfer(
        tenant_id=uow.tenant_id,
        id=TransferId(uow.new_id("trf")),
        source_id=source,
        target_id=target,
        state="shipped",
        shipped_at=uow.now,
    )
    uow.session.add(transfer)
    uow.session.flush()
    uow.session.add_all(
        TransferLine(
            tenant_id=uow.tenant_id,
            transfer_id=transfer.id,
            sku_id=sku_id,
            shipped=quantity,
            received=0,
            lost=0,
            returned=0,
        )
        for sku_id, quantity in units.items()
    )
    return transfer


def _receive(
    uow: UnitOfWork, transfer_id: TransferId, arrived: Mapping[SkuId, int], key: str
) -> dict[str, object]:
    transfer, lines = _locked(uow, transfer_id)
    must_be_open(uow, {transfer.target_id})
    by_sku = {line.sku_id: line for line in lines}
    for sku_id, quantity in arrived.items():
        on_the_road = by_sku[sku_id].on_the_road if sku_id in by_sku else 0
        if quantity > on_the_road:
            raise MoreThanShipped(sku_id, quantity, on_the_road)
    came = [Demand(sku_id, transfer.target_id, units) for sku_id, units in sorted(arrived.items())]
    shelves = lock(uow, [each.shelf for each in came])
    cause = Cause("receive_transfer", "transfer", transfer.id, key)
    for each in came:
        shelves.move(
            each.shelf, each.quantity, source="in_transit", target="available", cause=cause
        )
        by_sku[each.sku_id].received += each.quantity
    _end_if_over(uow, transfer, lines, "received")
    missing = sum(line.on_the_road for line in lines)
    uow.emit(TransferReceived(transfer.id, transfer.source_id, transfer.target_id, missing))
    uow.emit(StockTransferred("node", transfer.source_id, tuple(came)))
    uow.record("inventory.receive_transfer", Subject("transfer", transfer.id), facts={"came": came})
    return {}


def _close(uow: UnitOfWork, transfer_id: TransferId, reason: str, key: str) -> dict[str, object]:
    transfer, lines = _locked(uow, transfer_id)
    missing = [line for line in lines if line.on_the_road]
    shelves = lock(uow, [Shelf(line.sku_id, transfer.target_id) for line in missing])
    lost = 0
    for line in missing:
        lost += line.on_the_road
        _write_off(uow, shelves, transfer, line, reason, key)
    _end_if_over(uow, transfer, lines, "received")
    uow.emit(TransferReceived(transfer.id, transfer.source_id, transfer.target_id, 0))
    uow.record("inventory.close_transfer", Subject("transfer", transfer.id), reason=reason)
    return {"lost": lost}


def _write_off(
    uow: UnitOfWork,
    shelves: LockedShelves,
    transfer: Transfer,
    line: TransferLine,
    reason: str,
    key: str,
) -> None:
    correction = StockCorrection(
        tenant_id=uow.tenant_id,
        id=uow.new_id("cor"),
        sku_id=line.sku_id,
        node_id=transfer.target_id,
        difference=-line.on_the_road,
        reason=reason,
        corrected_at=uow.now,
    )
    uow.session.add(correction)
    shelves.move(
        Shelf(line.sku_id, transfer.target_id),
        line.on_the_road,
        source="in_transit",
        target="adjustment",
        cause=Cause("close_transfer", "stock_correction", correction.id, key),
    )
    line.lost += line.on_the_road


def _cancel(uow: UnitOfWork, transfer_id: TransferId, key: str) -> dict[str, object]:
    transfer = locked(uow, Transfer, "transfer", transfer_id)
    subject = Subject("transfer", transfer.id)
    if transfer.state == "cancelled":
        uow.record("inventory.cancel_transfer", subject, facts={"again": True})
        return {}
    transfer, lines = _locked(uow, transfer_id)
    back = [
        Demand(line.sku_id, transfer.source_id, line.on_the_road)
        for line in lines
        if line.on_the_road
    ]
    there = [Shelf(each.sku_id, transfer.target_id) for each in back]
    shelves = lock(uow, [*(each.shelf for each in back), *there])
    cause = Cause("cancel_transfer", "transfer", transfer.id, key)
    for each, shelf in zip(back, there, strict=True):
        shelves.move(shelf, each.quantity, source="in_transit", target="transit", cause=cause)
        shelves.move(each.shelf, each.quantity, source="transit", target="available", cause=cause)
    for line in lines:
        line.returned += line.on_the_road
    _end_if_over(uow, transfer, lines, "cancelled")
    uow.emit(TransferCancelled(transfer.id, transfer.source_id, transfer.target_id))
    uow.emit(StockTransferred("node", transfer.target_id, tuple(back)))
    uow.record("inventory.cancel_transfer", subject, facts={"back": back})
    return {}


def _locked(uow: UnitOfWork, transfer_id: TransferId) -> tuple[Transfer, Sequence[TransferLine]]:
    transfer = locked(uow, Transfer, "transfer", transfer_id)
    if transfer.state != "shipped":
        raise TransferOver(transfer.id, transfer.state)
    lines = uow.session.scalars(
        select(TransferLine)
        .where(TransferLine.transfer_id == transfer.id)
        .order_by(TransferLine.sku_id)
        .execution_options(populate_existing=True)
    ).all()
    return transfer, lines


def _end_if_over(
    uow: UnitOfWork, transfer: Transfer, lines: Sequence[TransferLine], state: str
) -> None:
    if not any(line.on_the_road for line in lines):
        transfer.state, transfer.ended_at = state, uow.now
