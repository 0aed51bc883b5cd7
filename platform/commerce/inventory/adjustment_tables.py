"""Rows of corrections that wait for an approval, and what was decided about them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import AdjustmentId, NodeId, SkuId
from commerce.inventory.policy import REASON_LENGTH_MAX
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class StockAdjustment(TenantOwned, Table):
    """A correction that somebody asked for and somebody else decides.

    `digest` is the fingerprint of what was asked for: who approves it approves just that.
    """

    __tablename__ = "stock_adjustment"

    id: Mapped[AdjustmentId] = id_column()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    difference: Mapped[int] = mapped_column(BigInteger)
    expected_available: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))
    digest: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    requester_id: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("difference <> 0", name="corrects_something"),
        CheckConstraint("state IN ('proposed','posted','rejected')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ends_with_its_state"),
        # Nobody approves what they asked for themselves, whatever the code above says.
        CheckConstraint("state <> 'posted' OR decided_by <> requester_id", name="two_people"),
        Index("ix_stock_adjustment_state", "tenant_id", "state", "id"),
    )
