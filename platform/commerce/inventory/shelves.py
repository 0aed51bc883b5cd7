"""Shelves that this transaction holds locked: the only place where units move.

Lock order: shelves by SKU and node, and only then reservations and allocations, which the lock of
their shelf guards. A verb of another department that also locks its own rows locks those first.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from commerce.ids import NodeId, SkuId
from commerce.inventory.allocation import Shelf
from commerce.inventory.ledger import INTERNAL, ON_HAND, Bucket
from commerce.inventory.policy import StockPolicy
from commerce.inventory.tables import StockBalance, StockLedgerRow
from kernel.db import among, prepared
from kernel.locks import take_name
from kernel.settings import load
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Cause:
    """Why units move: a reason, the document behind it, and the key of the command."""

    reason: str
    source_kind: str
    source_id: str
    key: str


class LockedShelves:
    """The balances of some shelves, locked until this transaction ends and freshly read."""

    def __init__(self, uow: UnitOfWork, balances: Iterable[StockBalance]) -> None:
        """Take balances that are locked already; `lock` and `lock_skus` make these objects."""
        self._uow = uow
        self._balances = {Shelf(each.sku_id, each.node_id): each for each in balances}
        self._moves: Counter[str] = Counter()
        self._kept_back: int | None = None

    def __contains__(self, shelf: Shelf) -> bool:
        return shelf in self._balances

    def __iter__(self) -> Iterator[Shelf]:
        return iter(self._balances)

    def free(self) -> dict[Shelf, int]:
        """Return what may be promised from each shelf: available less the safety stock, or 0."""
        if self._kept_back is None:
            self._kept_back = load(self._uow, StockPolicy, ()).safety_stock
        kept_back = self._kept_back
        return {
            shelf: max(0, balance.available - kept_back)
            for shelf, balance in self._balances.items()
        }

    def available(self, shelf: Shelf) -> int:
        """Return the units of a shelf that nobody holds."""
        return self._balances[shelf].available

    def on_hand(self, shelf: Shelf) -> int:
        """Return the units of a shelf that are physically there, in whatever condition."""
        balance = self._balances[shelf]
        return sum(getattr(balance, bucket) for bucket in ON_HAND)

    def move(
        self, shelf: Shelf, quantity: int, *, source: Bucket, target: Bucket, cause: Cause
    ) -> None:
        """Move units between two buckets of a shelf and write the ledger row that says so.

        The verb has checked that the source holds them; the database refuses what would leave a
        bucket negative, and a key that has moved units before.
        """
        assert quantity > 0, "a movement moves something"
        balance = self._balances[shelf]
        if source in INTERNAL:
            setattr(balance, source, getattr(balance, source) - quantity)
        if target in INTERNAL:
            setattr(balance, target, getattr(balance, target) + quantity)
        balance.last_seq += 1
        self._moves[cause.key] += 1
        self._uow.session.add(
            StockLedgerRow(
                tenant_id=self._uow.tenant_id,
                id=self._uow.new_id("mov"),
                sku_id=shelf.sku_id,
                node_id=shelf.node_id,
                seq=balance.last_seq,
                bucket_from=source,
                bucket_to=target,
                quantity=quantity,
                reason=cause.reason,
                source_kind=cause.source_kind,
                source_id=cause.source_id,
                idempotency_key=f"{cause.key}/{self._moves[cause.key]}",
                occurred_at=self._uow.now,
                recorded_at=self._uow.real_now,
                actor_id=self._uow.actor.id,
            )
        )


def lock(uow: UnitOfWork, shelves: Collection[Shelf]) -> LockedShelves:
    """Lock these shelves against everybody else who moves units; new ones start empty."""
    wanted = sorted(set(shelves))
    if len(wanted) == 1:
        # Nothing comes before it in the order of locks: it need not be looked for first.
        found = _locked(uow, wanted)
        if found:
            return LockedShelves(uow, found)
    _add_missing(uow, wanted)
    return LockedShelves(uow, _locked(uow, wanted))


def _locked(uow: UnitOfWork, wanted: Collection[Shelf]) -> Sequence[StockBalance]:
    if not wanted:
        return ()
    places = [(shelf.sku_id, shelf.node_id) for shelf in wanted]
    return uow.session.scalars(_LOCK, {"places": places}).all()


def lock_skus(uow: UnitOfWork, sku_ids: Collection[SkuId]) -> LockedShelves:
    """Lock every shelf that these SKUs have had so far, at all nodes."""
    return LockedShelves(uow, uow.session.scalars(_LOCK_SKUS, {"ids": sorted(set(sku_ids))}))


def _locking(chosen: ColumnElement[bool]) -> Select[StockBalance]:
    return prepared(
        select(StockBalance)
        .where(chosen)
        # Ordered, so that two carts with the same SKUs wait for each other and never deadlock.
        .order_by(StockBalance.sku_id, StockBalance.node_id)
        .with_for_update(key_share=True)
        # Repopulated, because what this session read before the lock may be stale by now.
        .execution_options(populate_existing=True)
    )


_PLACE = tuple_(StockBalance.sku_id, StockBalance.node_id)
_LOCK = _locking(_PLACE.in_(bindparam("places", expanding=True)))
_LOCK_SKUS = _locking(among(StockBalance.sku_id, "ids"))


def _add_missing(uow: UnitOfWork, wanted: Collection[Shelf]) -> None:
    missing = sorted(set(wanted) - _known(uow, wanted))
    if not missing:
        return
    for shelf in missing:
        take_name(uow, "shelf", shelf.sku_id, shelf.node_id)
    for shelf in sorted(set(missing) - _known(uow, missing)):
        uow.session.add(_empty(uow, shelf))
    uow.session.flush()


def _known(uow: UnitOfWork, shelves: Collection[Shelf]) -> set[Shelf]:
    places = [(shelf.sku_id, shelf.node_id) for shelf in shelves]
    rows = uow.session.execute(
        select(StockBalance.sku_id, StockBalance.node_id).where(
            tuple_(StockBalance.sku_id, StockBalance.node_id).in_(places)
        )
    )
    return {Shelf(SkuId(sku_id), NodeId(node_id)) for sku_id, node_id in rows}


def _empty(uow: UnitOfWork, shelf: Shelf) -> StockBalance:
    nothing = dict.fromkeys((*INTERNAL, "last_seq"), 0)
    return StockBalance(
        tenant_id=uow.tenant_id, sku_id=shelf.sku_id, node_id=shelf.node_id, **nothing
    )
