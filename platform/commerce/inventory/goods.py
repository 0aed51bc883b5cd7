"""The verbs by which goods come, go between nodes and are corrected: lock, decide, move, record.

Each takes the key of its command: repeated with the same key it answers as the first time and
moves nothing. The lock order is that of `shelves`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.commands import once
from commerce.ids import NodeId, ReceiptId, SkuId
from commerce.inventory.allocation import Demand, Shelf, Shortage, shortages
from commerce.inventory.checks import must_be_movable, must_be_open, must_exist
from commerce.inventory.errors import (
    ApprovalNeeded,
    CountedMeanwhile,
    OnHandChanged,
    OutOfStock,
)
from commerce.inventory.events import StockAdjusted, StockReceived, StockTransferred
from commerce.inventory.ledger import Bucket
from commerce.inventory.policy import ADJUST_STOCK, QUANTITY_MAX, WRITE_STOCK, StockPolicy
from commerce.inventory.service import free_expired
from commerce.inventory.shelves import Cause, lock
from commerce.inventory.tables import StockCorrection, StockReceipt, StockReceiptLine
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.settings import load
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Source:
    """The document goods come on, such as a purchase order."""

    kind: str
    id: str


def receive(
    uow: UnitOfWork,
    lines: Sequence[Demand],
    *,
    source: Source,
    key: str,
    was_expected: bool = False,
) -> ReceiptId:
    """Take goods in from a supplier: they are available at once, under a receipt of their own.

    `was_expected` says that the units were announced by `expect` and are no longer incoming.
    """
    uow.actor.must(WRITE_STOCK)
    must_be_movable(lines)
    request = {"lines": list(lines), "source": source, "was_expected": was_expected}
    answer = once(
        uow,
        key,
        "inventory.receive",
        request,
        lambda: _receive(uow, lines, source, key, was_expected=was_expected),
    )
    return ReceiptId(answer["receipt_id"])


def expect(uow: UnitOfWork, lines: Sequence[Demand], *, source: Source, key: str) -> None:
    """Note units as incoming: a supplier owes them. Called by the department that ordered them."""
    must_be_movable(lines)
    request = {"lines": list(lines), "source": source}
    once(
        uow,
        key,
        "inventory.expect",
        request,
        lambda: _shift(uow, lines, source, key, reason="expect", legs=("expected", "incoming")),
    )


def expect_no_longer(uow: UnitOfWork, lines: Sequence[Demand], *, source: Source, key: str) -> None:
    """Take back what `expect` noted. Called by the department that ordered the units."""
    must_be_movable(lines)
    request = {"lines": list(lines), "source": source}
    once(
        uow,
        key,
        "inventory.expect_no_longer",
        request,
        lambda: _shift(uow, lines, source, key, reason="unexpect", legs=("incoming", "expected")),
    )


def adjust(
    uow: UnitOfWork,
    shelf: Shelf,
    difference: int,
    *,
    reason: str,
    key: str,
    expected_available: int | None = None,
) -> int:
    """Correct what is available by a difference, up or down; return what is available now.

    Raises CountedMeanwhile where the shelf no longer has the number that was counted against,
    OutOfStock where fewer units are free than are to go: what is held stays held, and
    ApprovalNeeded where the tenant's policy wants two people for so many units.
    """
    uow.actor.must(ADJUST_STOCK)
    if difference == 0 or not reason.strip():
        detail = "A correction changes something, and says why."
        raise Invalid((Fault("/difference", "inventory.correction", detail),))
    must_be_movable([Demand(shelf.sku_id, shelf.node_id, abs(difference))])
    _must_need_no_approval(uow, difference)
    return make_correction(
        uow, shelf, difference, reason=reason, key=key, expected_available=expected_available
    )


def make_correction(
    uow: UnitOfWork,
    shelf: Shelf,
    difference: int,
    *,
    reason: str,
    key: str,
    expected_available: int | None = None,
) -> int:
    """As `adjust`, for a correction that was approved or needs nobody's approval."""
    request = {"shelf": shelf, "difference": difference, "expected": expected_available}
    answer = once(
        uow,
        key,
        "inventory.adjust",
        request,
        lambda: _adjust(uow, shelf, difference, reason, key, expected_available),
    )
    return int(answer["available"])


def count(
    uow: UnitOfWork, shelf: Shelf, counted: int, *, expected_quantity: int, reason: str, key: str
) -> int:
    """Set what is on hand to what was counted; return the difference that this made.

    `expected_quantity` is what the books said when it was counted: OnHandChanged where they say
    something else by now. What is held stays held: OutOfStock where fewer were counted than are.
    ApprovalNeeded as for `adjust`.
    """
    uow.actor.must(ADJUST_STOCK)
    if not 0 <= counted <= QUANTITY_MAX or not reason.strip():
        detail = f"A count is a whole number from 0 to {QUANTITY_MAX}, and says why it was made."
        raise Invalid((Fault("/counted", "inventory.count", detail),))
    request = {"shelf": shelf, "counted": counted, "expected": expected_quantity}
    answer = once(
        uow,
        key,
        "inventory.count",
        request,
        lambda: _count(uow, shelf, counted, expected_quantity, reason, key),
    )
    return int(answer["difference"])


def transfer(
    uow: UnitOfWork, sku_id: SkuId, quantity: int, *, source: NodeId, target: NodeId, key: str
) -> None:
    """Carry available units from one node to another; they are available there at once."""
    uow.actor.must(WRITE_STOCK)
    taken = Demand(sku_id, source, quantity)
    must_be_movable([taken])
    if source == target:
        detail = "Name two nodes: goods go from one to the other."
        raise Invalid((Fault("/target", "inventory.same_node", detail),))
    request = {"taken": taken, "target": target}
    once(uow, key, "inventory.transfer", request, lambda: _transfer(uow, taken, target, key))


def _receive(
    uow: UnitOfWork, lines: Sequence[Demand], source: Source, key: str, *, was_expected: bool
) -> dict[str, object]:
    must_exist(uow, lines)
    shelves = lock(uow, [line.shelf for line in lines])
    receipt = _receipt(uow, lines, source)
    cause = Cause("receive", source.kind, source.id, key)
    for line in lines:
        if was_expected:
            shelves.move(
                line.shelf, line.quantity, source="incoming", target="expected", cause=cause
            )
        shelves.move(line.shelf, line.quantity, source="supplier", target="available", cause=cause)
    uow.emit(StockReceived(source.kind, source.id, tuple(lines)))
    facts = {"source": source, "lines": list(lines)}
    uow.record("inventory.receive", Subject("stock_receipt", receipt.id), facts=facts)
    return {"receipt_id": receipt.id}


def _receipt(uow: UnitOfWork, lines: Sequence[Demand], source: Source) -> StockReceipt:
    receipt = StockReceipt(
        tenant_id=uow.tenant_id,
        id=uow.new_id("rcp"),
        source_kind=source.kind,
        source_id=source.id,
        received_at=uow.now,
    )
    uow.session.add(receipt)
    uow.session.flush()
    uow.session.add_all(
        StockReceiptLine(
            tenant_id=uow.tenant_id,
            receipt_id=receipt.id,
            position=position,
            sku_id=line.sku_id,
            node_id=line.node_id,
            quantity=line.quantity,
        )
        for position, line in enumerate(lines, start=1)
    )
    return receipt


def _shift(
    uow: UnitOfWork,
    lines: Sequence[Demand],
    source: Source,
    key: str,
    *,
    reason: str,
    legs: tuple[Bucket, Bucket],
) -> dict[str, object]:
    must_exist(uow, lines)
    shelves = lock(uow, [line.shelf for line in lines])
    cause = Cause(reason, source.kind, source.id, key)
    for line in lines:
        shelves.move(line.shelf, line.quantity, source=legs[0], target=legs[1], cause=cause)
    uow.record(f"inventory.{reason}", Subject(source.kind, source.id), facts={"lines": list(lines)})
    return {}


def _adjust(
    uow: UnitOfWork, shelf: Shelf, difference: int, reason: str, key: str, expected: int | None
) -> dict[str, object]:
    must_exist(uow, [Demand(shelf.sku_id, shelf.node_id, abs(difference))])
    shelves = lock(uow, [shelf])
    free_expired(uow, shelves)
    available = shelves.available(shelf)
    if expected is not None and expected != available:
        raise CountedMeanwhile(expected, available)
    if available + difference < 0:
        raise OutOfStock((Shortage(shelf.sku_id, shelf.node_id, -difference, available),))
    correction = StockCorrection(
        tenant_id=uow.tenant_id,
        id=uow.new_id("cor"),
        sku_id=shelf.sku_id,
        node_id=shelf.node_id,
        difference=difference,
        reason=reason,
        corrected_at=uow.now,
    )
    uow.session.add(correction)
    legs: tuple[Bucket, Bucket] = (
        ("adjustment", "available") if difference > 0 else ("available", "adjustment")
    )
    cause = Cause("adjust", "stock_correction", correction.id, key)
    shelves.move(shelf, abs(difference), source=legs[0], target=legs[1], cause=cause)
    uow.emit(StockAdjusted(shelf.sku_id, shelf.node_id, difference, reason))
    uow.record("inventory.adjust", Subject("stock_correction", correction.id), reason=reason)
    return {"available": available + difference}


def _must_need_no_approval(uow: UnitOfWork, difference: int) -> None:
    limit = load(uow, StockPolicy, ()).approval_above
    if abs(difference) > limit:
        raise ApprovalNeeded(abs(difference), limit)


def _count(
    uow: UnitOfWork, shelf: Shelf, counted: int, expected: int, reason: str, key: str
) -> dict[str, object]:
    must_exist(uow, [Demand(shelf.sku_id, shelf.node_id, max(1, counted))])
    on_hand = lock(uow, [shelf]).on_hand(shelf)
    if expected != on_hand:
        raise OnHandChanged(expected, on_hand)
    difference = counted - on_hand
    if difference:
        _must_need_no_approval(uow, difference)
        make_correction(uow, shelf, difference, reason=reason, key=f"{key}/units")
    facts = {"counted": counted, "difference": difference}
    subject = Subject("shelf", f"{shelf.sku_id}/{shelf.node_id}")
    uow.record("inventory.count", subject, reason=reason, facts=facts)
    return {"difference": difference}


def _transfer(uow: UnitOfWork, taken: Demand, target: NodeId, key: str) -> dict[str, object]:
    arriving = Demand(taken.sku_id, target, taken.quantity)
    must_exist(uow, [taken, arriving])
    must_be_open(uow, {target})
    shelves = lock(uow, [taken.shelf, arriving.shelf])
    free_expired(uow, shelves)
    free = {taken.shelf: shelves.available(taken.shelf)}
    if missing := shortages([taken], free):
        raise OutOfStock(tuple(missing))
    cause = Cause("transfer", "node", target, key)
    shelves.move(taken.shelf, taken.quantity, source="available", target="transit", cause=cause)
    shelves.move(arriving.shelf, taken.quantity, source="transit", target="available", cause=cause)
    uow.emit(StockTransferred("node", taken.node_id, (arriving,)))
    facts = {"from": taken, "to": target}
    uow.record("inventory.transfer", Subject("sku", taken.sku_id), facts=facts)
    return {}
