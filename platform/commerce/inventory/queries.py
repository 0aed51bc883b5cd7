"""Reads of stock for screens, reports and the API: nothing here locks or changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import func, or_, select, tuple_

from commerce.catalog.folding import fold
from commerce.catalog.network_tables import Node
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, SkuId
from commerce.inventory.adjustment_tables import StockAdjustment
from commerce.inventory.ledger import INTERNAL, Bucket, Difference, Internal, Movement, reconcile
from commerce.inventory.policy import READ_STOCK, StockPolicy
from commerce.inventory.tables import Allocation, Reservation, StockBalance, StockLedgerRow
from commerce.inventory.transfer_tables import Transfer, TransferLine
from commerce.keyset import PageWish, Slice, begins_with, keyset_slice
from kernel.errors import NotFound
from kernel.settings import load
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Level:
    """What a node holds of a SKU, bucket by bucket."""

    sku_id: SkuId
    sku_code: str
    node_id: NodeId
    node_code: str
    buckets: dict[Internal, int]
    on_hand: int
    version: int


@dataclass(frozen=True)
class Promise:
    """Available to promise of a SKU at a node, with every term that leads to it.

    on_hand − quality_control − damaged − committed − active_reservations − safety_stock, and
    never less than 0. A reservation whose time is up is not active.
    """

    sku_id: SkuId
    node_id: NodeId
    node_code: str
    on_hand: int
    quality_control: int
    damaged: int
    committed: int
    active_reservations: int
    safety_stock: int

    @property
    def quantity(self) -> int:
        """The units that can be promised now."""
        held_back = self.quality_control + self.damaged + self.committed
        return max(0, self.on_hand - held_back - self.active_reservations - self.safety_stock)

    @property
    def why(self) -> list[tuple[str, int]]:
        """The terms in the order they are added up, each with its sign."""
        return [
            ("on_hand", self.on_hand),
            ("quality_control", -self.quality_control),
            ("damaged", -self.damaged),
            ("committed", -self.committed),
            ("active_reservations", -self.active_reservations),
            ("safety_stock", -self.safety_stock),
        ]


@dataclass(frozen=True)
class LevelFilter:
    """Which levels a list shows; None means any."""

    sku_id: SkuId | None = None
    node_id: NodeId | None = None
    sku_begins: str = ""
    """How the SKU's code begins, whatever its case; nothing is any SKU."""


def levels(
    uow: UnitOfWork,
    chosen: LevelFilter,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
    descending: bool = False,
) -> list[Level]:
    """Return levels by SKU and node, going on after the ids of the last one."""
    uow.actor.must(READ_STOCK)
    shelf = (StockBalance.sku_id, StockBalance.node_id)
    statement = (
        select(StockBalance, Sku.code, Node.code)
        .join(Sku, (Sku.tenant_id == StockBalance.tenant_id) & (Sku.id == StockBalance.sku_id))
        .join(Node, (Node.tenant_id == StockBalance.tenant_id) & (Node.id == StockBalance.node_id))
        .order_by(*(column.desc() if descending else column for column in shelf))
        .limit(limit)
    )
    if chosen.sku_id is not None:
        statement = statement.where(StockBalance.sku_id == chosen.sku_id)
    if chosen.node_id is not None:
        statement = statement.where(StockBalance.node_id == chosen.node_id)
    if chosen.sku_begins:
        statement = statement.where(begins_with(Sku.code_key, fold(chosen.sku_begins)))
    if after is not None:
        here, place = tuple_(*shelf), tuple_(*after)
        statement = statement.where(here < place if descending else here > place)
    return [
        Level(
            balance.sku_id,
            sku_code,
            balance.node_id,
            node_code,
            buckets_of(balance),
            balance.on_hand,
            balance.version,
        )
        for balance, sku_code, node_code in uow.session.execute(statement)
    ]


def levels_on(uow: UnitOfWork, wish: PageWish, chosen: LevelFilter) -> Slice[Level]:
    """Return a page of levels by SKU and node, in either direction."""
    after = None if wish.after is None else (str(wish.after[0]), str(wish.after[1]))
    rows = levels(uow, chosen, after=after, limit=wish.limit + 1, descending=wish.descending)
    if len(rows) <= wish.limit:
        return Slice(rows, None)
    last = rows[wish.limit - 1]
    return Slice(rows[: wish.limit], (last.sku_id, last.node_id))


def available_to_promise(uow: UnitOfWork, sku_id: SkuId) -> list[Promise]:
    """Return what each node can promise of a SKU right now and why, by node code.

    Nodes that never held the SKU, and closed ones, are left out: they promise nothing.
    """
    uow.actor.must(READ_STOCK)
    kept_back = load(uow, StockPolicy, ()).safety_stock
    active = _active_reservations(uow, sku_id)
    rows = uow.session.execute(
        select(StockBalance, Node.code)
        .join(Node, (Node.tenant_id == StockBalance.tenant_id) & (Node.id == StockBalance.node_id))
        .where(StockBalance.sku_id == sku_id, Node.retired_at.is_(None))
        .order_by(Node.code_key)
    )
    return [
        Promise(
            sku_id,
            balance.node_id,
            node_code,
            balance.on_hand,
            balance.quality_control,
            balance.damaged,
            balance.committed,
            active.get(balance.node_id, 0),
            kept_back,
        )
        for balance, node_code in rows
    ]


@dataclass(frozen=True)
class Holder:
    """Units on a shelf that somebody has: committed to an order's line, or reserved."""

    node_id: NodeId
    bucket: Literal["committed", "reserved"]
    quantity: int
    owner_kind: str
    owner_id: str
    since: datetime
    until: datetime | None


def holders_of(uow: UnitOfWork, sku_id: SkuId, *, limit: int = 50) -> list[Holder]:
    """Return who has units of a SKU that are not available, node by node, the oldest first."""
    uow.actor.must(READ_STOCK)
    given = uow.session.scalars(
        select(Allocation)
        .where(
            Allocation.sku_id == sku_id,
            Allocation.state == "open",
            Allocation.supply == "on_hand",
        )
        .order_by(Allocation.node_id, Allocation.id)
        .limit(limit)
    )
    held = uow.session.scalars(
        select(Reservation)
        .where(Reservation.sku_id == sku_id, Reservation.state == "active")
        .order_by(Reservation.node_id, Reservation.id)
        .limit(limit)
    )
    return [
        Holder(
            each.node_id, "committed", each.quantity, "order_line", each.order_line_id,
            each.made_at, None,
        )
        for each in given
    ] + [
        Holder(
            each.node_id, "reserved", each.quantity, each.owner_kind, each.owner_id,
            each.made_at, each.expires_at,
        )
        for each in held
    ]  # fmt: skip


def ledger_of(
    uow: UnitOfWork,
    sku_id: SkuId,
    node_id: NodeId,
    *,
    before_seq: int | None = None,
    limit: int = 50,
) -> Sequence[StockLedgerRow]:
    """Return the movements of a shelf, the newest first, going on before a sequence number."""
    uow.actor.must(READ_STOCK)
    statement = (
        select(StockLedgerRow)
        .where(StockLedgerRow.sku_id == sku_id, StockLedgerRow.node_id == node_id)
        .order_by(StockLedgerRow.seq.desc())
        .limit(limit)
    )
    if before_seq is not None:
        statement = statement.where(StockLedgerRow.seq < before_seq)
    return uow.session.scalars(statement).all()


def level_as_of(
    uow: UnitOfWork, sku_id: SkuId, node_id: NodeId, *, at: datetime
) -> dict[Internal, int]:
    """Return what a shelf held at an instant of business time, replayed from its ledger."""
    uow.actor.must(READ_STOCK)
    held = dict.fromkeys(INTERNAL, 0)
    rows = uow.session.execute(
        select(
            StockLedgerRow.bucket_from,
            StockLedgerRow.bucket_to,
            func.sum(StockLedgerRow.quantity),
        )
        .where(
            StockLedgerRow.sku_id == sku_id,
            StockLedgerRow.node_id == node_id,
            StockLedgerRow.occurred_at <= at,
        )
        .group_by(StockLedgerRow.bucket_from, StockLedgerRow.bucket_to)
    )
    for source, target, quantity in rows:
        if source in held:
            held[source] -= int(quantity)
        if target in held:
            held[target] += int(quantity)
    return held


def differences(uow: UnitOfWork, sku_id: SkuId, node_id: NodeId) -> list[Difference]:
    """Compare a shelf's balance with the replay of its ledger; an empty list is the good news."""
    uow.actor.must(READ_STOCK)
    balance = uow.session.get(StockBalance, (uow.tenant_id, sku_id, node_id))
    held = buckets_of(balance) if balance is not None else dict.fromkeys(INTERNAL, 0)
    rows = uow.session.execute(
        select(StockLedgerRow.bucket_from, StockLedgerRow.bucket_to, StockLedgerRow.quantity).where(
            StockLedgerRow.sku_id == sku_id, StockLedgerRow.node_id == node_id
        )
    )
    return reconcile(held, [_movement(source, target, units) for source, target, units in rows])


def transfers(uow: UnitOfWork, wish: PageWish, *, state: str | None = None) -> Slice[Transfer]:
    """List goods that left one node for another, in the order in which they did."""
    uow.actor.must(READ_STOCK)
    statement = select(Transfer)
    if state is not None:
        statement = statement.where(Transfer.state == state)
    return keyset_slice(uow, statement, [Transfer.id], wish)


def transfer_with_lines(
    uow: UnitOfWork, transfer_id: str
) -> tuple[Transfer, Sequence[TransferLine]]:
    """Return a transfer and what it carries; NotFound where this tenant has none."""
    uow.actor.must(READ_STOCK)
    row = uow.session.get(Transfer, (uow.tenant_id, transfer_id))
    if row is None:
        raise NotFound("transfer", transfer_id)
    lines = uow.session.scalars(
        select(TransferLine).where(TransferLine.transfer_id == row.id).order_by(TransferLine.sku_id)
    ).all()
    return row, lines


def adjustments(
    uow: UnitOfWork, wish: PageWish, *, state: str | None = None
) -> Slice[StockAdjustment]:
    """List corrections that needed an approval, in the order in which they were proposed."""
    uow.actor.must(READ_STOCK)
    statement = select(StockAdjustment)
    if state is not None:
        statement = statement.where(StockAdjustment.state == state)
    return keyset_slice(uow, statement, [StockAdjustment.id], wish)


def buckets_of(balance: StockBalance) -> dict[Internal, int]:
    """Return the buckets of a balance by name."""
    return {bucket: getattr(balance, bucket) for bucket in INTERNAL}


def _movement(source: str, target: str, quantity: int) -> Movement:
    # The table admits no other names than those of buckets.
    return Movement(cast(Bucket, source), cast(Bucket, target), quantity)


def _active_reservations(uow: UnitOfWork, sku_id: SkuId) -> dict[NodeId, int]:
    rows = uow.session.execute(
        select(Reservation.node_id, func.sum(Reservation.quantity))
        .where(
            Reservation.sku_id == sku_id,
            Reservation.state == "active",
            or_(Reservation.expires_at.is_(None), Reservation.expires_at > uow.now),
        )
        .group_by(Reservation.node_id)
    )
    return {node_id: int(units) for node_id, units in rows}
