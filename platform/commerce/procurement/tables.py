"""Rows of procurement: what was asked of suppliers, ordered from them, and received."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import (
    NodeId,
    OrderLineId,
    PurchaseOrderId,
    PurchaseOrderLineId,
    SkuId,
    SupplierId,
)
from commerce.procurement.lifecycle import PHASES, REQUEST_STATES
from commerce.procurement.policy import REASON_LENGTH_MAX
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.money import Money

DIGEST_LENGTH = 71


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


class SupplierRequest(TenantOwned, Table):
    """A question to a supplier: when could you deliver this? And the answer, once there is one."""

    __tablename__ = "supplier_request"

    id: Mapped[str] = id_column()
    supplier_id: Mapped[SupplierId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)
    order_line_id: Mapped[OrderLineId | None] = text_id()
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    eta_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))

    __table_args__ = (
        reference(["supplier_id"], "supplier"),
        reference(["sku_id"], "sku"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(_one_of("state", REQUEST_STATES), name="state"),
        CheckConstraint("(state = 'confirmed') = (eta_at IS NOT NULL)", name="confirms_a_date"),
        Index("ix_supplier_request_line", "tenant_id", "order_line_id", "id"),
    )


class PurchaseOrder(TenantOwned, Table):
    """An order to a supplier. `digest` is what its lines, supplier and total say; see contents."""

    __tablename__ = "purchase_order"

    id: Mapped[PurchaseOrderId] = id_column()
    number: Mapped[int] = mapped_column(BigInteger)
    supplier_id: Mapped[SupplierId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    phase: Mapped[str] = mapped_column(String(20))
    requester_id: Mapped[str] = mapped_column(String(80))
    approver_id: Mapped[str | None] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    approved_digest: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH))
    total_minor: Mapped[int] = mapped_column(BigInteger)
    total_currency: Mapped[str] = mapped_column(String(3))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    eta_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))

    __table_args__ = (
        reference(["supplier_id"], "supplier"),
        reference(["node_id"], "node"),
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint(_one_of("phase", PHASES), name="phase"),
        CheckConstraint("approver_id <> requester_id", name="approved_by_another"),
        CheckConstraint(
            "(sent_at IS NULL) = (phase IN ('draft','pending_approval','approved','voided'))",
            name="sent_once_it_is_on_order",
        ),
        CheckConstraint(
            "sent_at IS NULL OR approved_digest = digest", name="sent_as_it_was_approved"
        ),
        Index("ix_purchase_order_phase", "tenant_id", "phase", "number"),
        Index("ix_purchase_order_supplier", "tenant_id", "supplier_id", "number"),
    )

    @property
    def total(self) -> Money:
        """What all lines cost together."""
        return Money(self.total_minor, self.total_currency)


class PurchaseOrderLine(TenantOwned, Table):
    """Units of a SKU that were ordered, confirmed, delivered to the dock, and received.

    `order_line_id` names the customer's line that the units were bought for, where there is one.
    """

    __tablename__ = "purchase_order_line"

    id: Mapped[PurchaseOrderLineId] = id_column()
    order_id: Mapped[PurchaseOrderId] = text_id()
    position: Mapped[int] = mapped_column(Integer)
    sku_id: Mapped[SkuId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)
    quantity_confirmed: Mapped[int | None] = mapped_column(BigInteger)
    quantity_delivered: Mapped[int] = mapped_column(BigInteger)
    quantity_received: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    cost_currency: Mapped[str] = mapped_column(String(3))
    order_line_id: Mapped[OrderLineId | None] = text_id()

    __table_args__ = (
        reference(["order_id"], "purchase_order"),
        reference(["sku_id"], "sku"),
        UniqueConstraint("tenant_id", "order_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("quantity_confirmed BETWEEN 0 AND quantity", name="confirms_what_it_asks"),
        CheckConstraint(
            "0 <= quantity_received AND quantity_received <= quantity_delivered"
            " AND quantity_delivered <= coalesce(quantity_confirmed, quantity)",
            name="receives_what_was_delivered",
        ),
        Index("ix_purchase_order_line_for", "tenant_id", "order_line_id", "id"),
        Index("ix_purchase_order_line_sku", "tenant_id", "sku_id", "id"),
    )

    @property
    def cost(self) -> Money:
        """What all units of the line cost."""
        return Money(self.cost_minor, self.cost_currency)

    @property
    def promised(self) -> int:
        """The units the supplier owes in all: what they confirmed, or else what was ordered."""
        return self.quantity if self.quantity_confirmed is None else self.quantity_confirmed
