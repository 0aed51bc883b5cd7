"""Rows of goods on the road between two nodes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import NodeId, SkuId, TransferId
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class Transfer(TenantOwned, Table):
    """Goods that left one node for another. `received` is over, `cancelled` was turned round."""

    __tablename__ = "transfer"

    id: Mapped[TransferId] = id_column()
    source_id: Mapped[NodeId] = text_id()
    target_id: Mapped[NodeId] = text_id()
    state: Mapped[str] = mapped_column(String(10))
    shipped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["source_id"], "node"),
        reference(["target_id"], "node"),
        CheckConstraint("source_id <> target_id", name="two_nodes"),
        CheckConstraint("state IN ('shipped','received','cancelled')", name="state"),
        CheckConstraint("(state = 'shipped') = (ended_at IS NULL)", name="ends_with_its_state"),
        Index("ix_transfer_state", "tenant_id", "state", "id"),
    )


class TransferLine(TenantOwned, Table):
    """Units of a SKU in a transfer: what is neither received, lost nor returned is on the road."""

    __tablename__ = "transfer_line"

    transfer_id: Mapped[TransferId] = text_id(primary_key=True)
    sku_id: Mapped[SkuId] = text_id(primary_key=True)
    shipped: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    lost: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        reference(["transfer_id"], "transfer"),
        reference(["sku_id"], "sku"),
        CheckConstraint(
            "shipped > 0 AND received >= 0 AND lost >= 0 AND returned >= 0"
            " AND received + lost + returned <= shipped",
            name="adds_up",
        ),
    )

    @property
    def on_the_road(self) -> int:
        """Units that have left and come nowhere yet."""
        return self.shipped - self.received - self.lost - self.returned
