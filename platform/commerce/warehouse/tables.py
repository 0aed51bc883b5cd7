"""Rows of warehouses: what a node is asked to ship, the work it makes, and what left.

An order and its lines are named by their ids alone: a warehouse does not know the department
that keeps them, which locks them before it calls.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import FulfilmentOrderId, NodeId, OrderId, OrderLineId, ShipmentId, SkuId
from commerce.inventory.shortfalls import SHORTFALLS
from commerce.warehouse.lifecycle import FULFILMENT_STATUSES, TASK_KINDS, TASK_STATES
from commerce.warehouse.policy import CARRIER_LENGTH_MAX, REASON_LENGTH_MAX, TRACKING_LENGTH_MAX
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


class FulfilmentOrder(TenantOwned, Table):
    """What one node is asked to ship of one order, as one parcel.

    `held_for` says why it is held back; `held_with_order`, that it is because its order is.
    """

    __tablename__ = "fulfilment_order"

    id: Mapped[FulfilmentOrderId] = id_column()
    order_id: Mapped[OrderId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    status: Mapped[str] = mapped_column(String(20))
    held_for: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    held_with_order: Mapped[bool]
    priority: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["node_id"], "node"),
        CheckConstraint(_one_of("status", FULFILMENT_STATUSES), name="status"),
        CheckConstraint(
            "(status IN ('closed','cancelled')) = (closed_at IS NOT NULL)",
            name="ends_with_its_status",
        ),
        Index("ix_fulfilment_order_order", "tenant_id", "order_id", "id"),
        Index("ix_fulfilment_order_status", "tenant_id", "status", "id"),
        Index("ix_fulfilment_order_node", "tenant_id", "node_id", "status", "id"),
    )


class FulfilmentLine(TenantOwned, Table):
    """Units of one order line in a fulfilment order. What is not dropped is to be shipped.

    `dropped` units fell short or are not wanted any more. A line is asked for once at a time.
    """

    __tablename__ = "fulfilment_line"

    fulfilment_order_id: Mapped[FulfilmentOrderId] = text_id(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_line_id: Mapped[OrderLineId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)
    picked: Mapped[int] = mapped_column(BigInteger)
    shipped: Mapped[int] = mapped_column(BigInteger)
    dropped: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        reference(["fulfilment_order_id"], "fulfilment_order"),
        reference(["sku_id"], "sku"),
        CheckConstraint(
            "quantity > 0 AND shipped >= 0 AND dropped >= 0 AND shipped <= picked"
            " AND picked + dropped <= quantity",
            name="adds_up",
        ),
        Index(
            "ix_fulfilment_line_living", "tenant_id", "order_line_id",
            unique=True, postgresql_where="quantity > shipped + dropped",
        ),
        Index("ix_fulfilment_line_line", "tenant_id", "order_line_id", "fulfilment_order_id"),
    )  # fmt: skip

    @property
    def remaining(self) -> int:
        """Units that are still to be shipped."""
        return self.quantity - self.shipped - self.dropped

    @property
    def to_pick(self) -> int:
        """Units that are still on the shelf."""
        return self.quantity - self.picked - self.dropped


class WarehouseTask(TenantOwned, Table):
    """Work at a node: somebody picks, packs, ships, or puts away what is not wanted any more."""

    __tablename__ = "warehouse_task"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(20))
    fulfilment_order_id: Mapped[FulfilmentOrderId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    priority: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    assignee_id: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        reference(["fulfilment_order_id"], "fulfilment_order"),
        reference(["node_id"], "node"),
        CheckConstraint(_one_of("kind", TASK_KINDS), name="kind"),
        CheckConstraint(_one_of("state", TASK_STATES), name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ends_with_its_state"),
        Index(
            "ix_warehouse_task_open", "tenant_id", "node_id", "priority", "id",
            postgresql_where="state = 'open'",
        ),
        Index("ix_warehouse_task_fulfilment", "tenant_id", "fulfilment_order_id", "id"),
    )  # fmt: skip


class ShortPick(TenantOwned, Table):
    """Units that were not on the shelf as the books said, and what that meant for the stock."""

    __tablename__ = "short_pick"

    id: Mapped[str] = id_column()
    fulfilment_order_id: Mapped[FulfilmentOrderId] = text_id()
    order_line_id: Mapped[OrderLineId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    reported_by: Mapped[str] = mapped_column(String(80))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["fulfilment_order_id"], "fulfilment_order"),
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(_one_of("reason", SHORTFALLS), name="reason"),
        Index("ix_short_pick_fulfilment", "tenant_id", "fulfilment_order_id", "id"),
    )


class Shipment(TenantOwned, Table):
    """A parcel that left a node for a customer."""

    __tablename__ = "shipment"

    id: Mapped[ShipmentId] = id_column()
    fulfilment_order_id: Mapped[FulfilmentOrderId] = text_id()
    order_id: Mapped[OrderId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    carrier: Mapped[str | None] = mapped_column(String(CARRIER_LENGTH_MAX))
    tracking: Mapped[str | None] = mapped_column(String(TRACKING_LENGTH_MAX))
    shipped_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["fulfilment_order_id"], "fulfilment_order"),
        reference(["node_id"], "node"),
        Index("ix_shipment_order", "tenant_id", "order_id", "id"),
        Index("ix_shipment_fulfilment", "tenant_id", "fulfilment_order_id", unique=True),
        Index("ix_shipment_tracking", "tenant_id", "tracking"),
    )


class ShipmentLine(TenantOwned, Table):
    """Units of an order line in a shipment."""

    __tablename__ = "shipment_line"

    shipment_id: Mapped[ShipmentId] = text_id(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_line_id: Mapped[OrderLineId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    node_id: Mapped[NodeId] = text_id()
    quantity: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        reference(["shipment_id"], "shipment"),
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_shipment_line_line", "tenant_id", "order_line_id", "shipment_id"),
    )
