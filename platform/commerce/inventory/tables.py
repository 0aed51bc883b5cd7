"""Rows of stock: balances that are locked, a ledger that is only added to, and who holds what."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import NodeId, SkuId
from commerce.inventory.ledger import EXTERNAL, INTERNAL
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.work import LeaseColumns

_BUCKETS = ",".join(f"'{bucket}'" for bucket in (*INTERNAL, *EXTERNAL))
IDEMPOTENCY_KEY_LENGTH_MAX = 200


class StockBalance(TenantOwned, Table):
    """How much of a SKU a node holds, by bucket: a projection of the ledger, locked to change.

    `last_seq` is the number of the newest ledger row of this SKU at this node.
    """

    __tablename__ = "stock_balance"

    sku_id: Mapped[SkuId] = text_id(primary_key=True)
    node_id: Mapped[NodeId] = text_id(primary_key=True)
    available: Mapped[int] = mapped_column(BigInteger, default=0)
    committed: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    quality_control: Mapped[int] = mapped_column(BigInteger, default=0)
    damaged: Mapped[int] = mapped_column(BigInteger, default=0)
    incoming: Mapped[int] = mapped_column(BigInteger, default=0)
    in_transit: Mapped[int] = mapped_column(BigInteger, default=0)
    on_hand: Mapped[int] = mapped_column(
        BigInteger,
        Computed("available + committed + reserved + quality_control + damaged", persisted=True),
    )
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        *(CheckConstraint(f"{bucket} >= 0", name=f"{bucket}_not_negative") for bucket in INTERNAL),
        Index("ix_stock_balance_node", "tenant_id", "node_id", "sku_id"),
    )


class StockLedgerRow(TenantOwned, Table):
    """One movement of units between two buckets of a SKU at a node. Never changed or removed.

    `seq` counts the movements of one SKU at one node, without gaps. `occurred_at` is when it
    happened in the tenant's business time, `recorded_at` when it was written down.
    """

    __tablename__ = "stock_ledger"

    id: Mapped[str] = id_column()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    seq: Mapped[int] = mapped_column(BigInteger)
    bucket_from: Mapped[str] = mapped_column(String(20))
    bucket_to: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(40))
    source_kind: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(80))
    idempotency_key: Mapped[str] = mapped_column(String(IDEMPOTENCY_KEY_LENGTH_MAX))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        UniqueConstraint("tenant_id", "sku_id", "node_id", "seq"),
        UniqueConstraint("tenant_id", "idempotency_key", name="uq_stock_ledger_key"),
        Index("ix_stock_ledger_source", "tenant_id", "source_kind", "source_id", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("bucket_from <> bucket_to", name="two_legs"),
        CheckConstraint(f"bucket_from IN ({_BUCKETS})", name="bucket_from"),
        CheckConstraint(f"bucket_to IN ({_BUCKETS})", name="bucket_to"),
    )


class Reservation(TenantOwned, LeaseColumns, Table):
    """Units held for an owner until they are converted, released, or the hold ends.

    An active hold past `expires_at` counts for nothing; its units are freed by whoever locks
    the shelf next. None: it does not end by itself.
    """

    __tablename__ = "reservation"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned

    id: Mapped[str] = id_column()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)
    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("owner_kind IN ('order_line','cart')", name="owner_kind"),
        CheckConstraint("state IN ('active','converted','expired','released')", name="state"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ends_with_its_state"),
        Index(
            "ix_reservation_active", "tenant_id", "sku_id", "node_id",
            postgresql_where="state = 'active'",
        ),
        Index("ix_reservation_owner", "tenant_id", "owner_kind", "owner_id", "id"),
        Index(
            "ix_reservation_ends", "tenant_id", "expires_at",
            postgresql_where="state = 'active'",
        ),
    )  # fmt: skip


class Allocation(TenantOwned, Table):
    """Units at a node that are committed to an order line."""

    __tablename__ = "allocation"

    id: Mapped[str] = id_column()
    order_line_id: Mapped[str] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    supply: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    priority: Mapped[int] = mapped_column(Integer)
    reservation_id: Mapped[str | None] = text_id()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        reference(["reservation_id"], "reservation"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("supply IN ('on_hand','po_line','transfer_line','returns')", name="supply"),
        CheckConstraint("state IN ('open','released','fulfilled')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ends_with_its_state"),
        Index("ix_allocation_line", "tenant_id", "order_line_id", "id"),
        Index(
            "ix_allocation_open", "tenant_id", "sku_id", "node_id",
            postgresql_where="state = 'open'",
        ),
    )  # fmt: skip


class StockReceipt(TenantOwned, Table):
    """Goods that came in from a supplier, against a document where there is one."""

    __tablename__ = "stock_receipt"

    id: Mapped[str] = id_column()
    source_kind: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_stock_receipt_source", "tenant_id", "source_kind", "source_id", "id"),
    )


class StockReceiptLine(TenantOwned, Table):
    """How many units of a SKU a receipt put where."""

    __tablename__ = "stock_receipt_line"

    receipt_id: Mapped[str] = text_id(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        reference(["receipt_id"], "stock_receipt"),
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )


class StockCorrection(TenantOwned, Table):
    """A correction of what is available, up or down, with the reason for it."""

    __tablename__ = "stock_correction"

    id: Mapped[str] = id_column()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    difference: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("difference <> 0", name="corrects_something"),
        Index("ix_stock_correction_shelf", "tenant_id", "sku_id", "node_id", "id"),
    )
