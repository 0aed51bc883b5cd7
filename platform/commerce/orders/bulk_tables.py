"""Rows of actions over many orders: what was asked, how far it is, and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import OrderId
from commerce.orders.policy import REASON_LENGTH_MAX
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id

TOLD_LENGTH_MAX = 300


class BulkAction(TenantOwned, Table):
    """One action over every order that matched, up to the number that was the newest then.

    `criteria` is the filter, `except_ids` what was taken out of it. Orders are gone through by
    number: `after_number` is the last one that was looked at.
    """

    __tablename__ = "bulk_action"

    id: Mapped[str] = id_column()
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    except_ids: Mapped[list[str]] = mapped_column(JSONB)
    asked: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)
    after_number: Mapped[int] = mapped_column(BigInteger)
    until_number: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("action IN ('hold','resume','cancel')", name="action"),
        CheckConstraint("state IN ('running','done')", name="state"),
        CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="ends_with_its_state"),
    )


class BulkActionRow(TenantOwned, Table):
    """What became of one order; `told` says why where it was refused."""

    __tablename__ = "bulk_action_row"

    bulk_id: Mapped[str] = text_id(primary_key=True)
    order_id: Mapped[OrderId] = text_id(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(10))
    told: Mapped[str | None] = mapped_column(String(TOLD_LENGTH_MAX))

    __table_args__ = (
        reference(["bulk_id"], "bulk_action"),
        reference(["order_id"], "sales_order"),
        CheckConstraint("outcome IN ('done','refused')", name="outcome"),
        Index("ix_bulk_action_row_number", "tenant_id", "bulk_id", "outcome", "number"),
    )
