"""Rows of orders: customers, orders, their lines, and which orders have come in already."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commerce.ids import ChannelId, CustomerId, NodeId, OrderId, OrderLineId, SkuId
from commerce.orders.contents import (
    CODE_LENGTH_MAX,
    EMAIL_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
)
from commerce.orders.lifecycle import LINE_PHASES, ORDER_PHASES
from commerce.orders.policy import REASON_LENGTH_MAX, TIERS
from kernel.db import PERSONAL, Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.money import Money


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


# As the catalog folds names, in the database's own words: only there can stored rows be folded.
_FOLDED = (
    "btrim(replace(replace(replace(translate(regexp_replace(regexp_replace("
    r"NORMALIZE(lower((name)::text), NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), "
    r"'\s+'::text, ' '::text, 'g'::text), 'øđł'::text, 'odl'::text), "
    "'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'ß'::text, 'ss'::text))"
)
_LAST_NAME = f"\"substring\"({_FOLDED}, '[^ ]*$'::text)"


class Customer(TenantOwned, Table):
    """Somebody who buys, under the reference by which the merchant knows them.

    The `*_key` columns are what people find customers by.
    """

    __tablename__ = "customer"

    id: Mapped[CustomerId] = id_column()
    reference: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX), info=PERSONAL)
    tier: Mapped[str] = mapped_column(String(10))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH_MAX), info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    name_key: Mapped[str] = mapped_column(
        Text(collation="C"), Computed(_FOLDED, persisted=True), info=PERSONAL
    )
    last_name_key: Mapped[str] = mapped_column(
        Text(collation="C"), Computed(_LAST_NAME, persisted=True), info=PERSONAL
    )
    email_key: Mapped[str | None] = mapped_column(
        Text(collation="C"), Computed("lower((email)::text)", persisted=True), info=PERSONAL
    )

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        CheckConstraint(_one_of("tier", TIERS), name="tier"),
        Index("ix_customer_name", "tenant_id", "name_key", "id"),
        Index("ix_customer_last_name", "tenant_id", "last_name_key", "id"),
        Index("ix_customer_email", "tenant_id", "email_key", "id"),
    )


class OrderInbox(TenantOwned, Table):
    """Proof that a version of a channel's order came in, what it said, and what it led to.

    `placed` the order, `amended` it, or came `late`: after a newer one, and changed nothing.
    """

    __tablename__ = "order_inbox"

    channel_id: Mapped[ChannelId] = text_id(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(EXTERNAL_ID_LENGTH_MAX), primary_key=True)
    external_version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(10))
    order_id: Mapped[OrderId] = text_id()
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["channel_id"], "channel"),
        reference(["order_id"], "sales_order"),
        CheckConstraint("external_version > 0", name="version_positive"),
        CheckConstraint("outcome IN ('placed','amended','late')", name="outcome"),
        Index("ix_order_inbox_order", "tenant_id", "order_id"),
    )


class SalesOrder(TenantOwned, Table):
    """What a customer ordered. Its phase is what its lines make of it."""

    __tablename__ = "sales_order"

    id: Mapped[OrderId] = id_column()
    number: Mapped[int] = mapped_column(BigInteger)
    channel_id: Mapped[ChannelId] = text_id()
    # In the order of code points, so that a search by its beginning is a range of the index.
    external_id: Mapped[str] = mapped_column(String(EXTERNAL_ID_LENGTH_MAX, collation="C"))
    customer_id: Mapped[CustomerId] = text_id()
    phase: Mapped[str] = mapped_column(String(20))
    ship_to_country: Mapped[str | None] = mapped_column(String(2))
    ship_to_postal_code: Mapped[str | None] = mapped_column(String(20), info=PERSONAL)
    ship_to_latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6), info=PERSONAL)
    ship_to_longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6), info=PERSONAL)
    collect_at: Mapped[NodeId | None] = text_id()
    total_minor: Mapped[int] = mapped_column(BigInteger)
    total_currency: Mapped[str] = mapped_column(String(3))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["channel_id"], "channel"),
        reference(["customer_id"], "customer"),
        reference(["collect_at"], "node"),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "channel_id", "external_id"),
        CheckConstraint(_one_of("phase", ORDER_PHASES), name="phase"),
        CheckConstraint(
            "(ship_to_postal_code IS NULL) = (collect_at IS NOT NULL)", name="has_a_destination"
        ),
        Index("ix_sales_order_phase", "tenant_id", "phase", "number"),
        Index("ix_sales_order_customer", "tenant_id", "customer_id", "number"),
        Index("ix_sales_order_channel", "tenant_id", "channel_id", "number"),
        Index("ix_sales_order_external", "tenant_id", "external_id", "number"),
        Index("ix_sales_order_placed", "tenant_id", "placed_at", "number"),
    )

    @property
    def total(self) -> Money:
        """What the customer pays for all lines, cancelled ones included."""
        return Money(self.total_minor, self.total_currency)


class OrderHold(TenantOwned, Table):
    """Why an order is held back, by whom, and until when. One at a time is open."""

    __tablename__ = "order_hold"

    id: Mapped[str] = id_column()
    order_id: Mapped[OrderId] = text_id()
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH_MAX))
    held_by: Mapped[str] = mapped_column(String(80))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["order_id"], "sales_order"),
        Index(
            "ix_order_hold_open", "tenant_id", "order_id",
            unique=True, postgresql_where="ended_at IS NULL",
        ),
        Index("ix_order_hold_order", "tenant_id", "order_id", "id"),
    )  # fmt: skip


class SalesOrderLine(TenantOwned, Table):
    """Units of a SKU that were ordered, and what became of them.

    `node_id` is where the line ships from, or waits for the `quantity_short` units it lacks. A
    line whose SKU we do not know keeps the code it came with and is held.
    """

    __tablename__ = "sales_order_line"

    id: Mapped[OrderLineId] = id_column()
    order_id: Mapped[OrderId] = text_id()
    position: Mapped[int] = mapped_column(Integer)
    sku_id: Mapped[SkuId | None] = text_id()
    sku_code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    quantity: Mapped[int] = mapped_column(BigInteger)
    quantity_short: Mapped[int] = mapped_column(BigInteger)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    phase: Mapped[str] = mapped_column(String(20))
    phase_since: Mapped[datetime] = mapped_column(UtcDateTime)
    node_id: Mapped[NodeId | None] = text_id()
    priority: Mapped[int] = mapped_column(Integer)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    backordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        reference(["order_id"], "sales_order"),
        reference(["sku_id"], "sku"),
        reference(["node_id"], "node"),
        UniqueConstraint("tenant_id", "order_id", "position"),
        CheckConstraint(_one_of("phase", LINE_PHASES), name="phase"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("quantity_short BETWEEN 0 AND quantity", name="short_of_what_it_asks"),
        CheckConstraint("(phase = 'backordered') = (quantity_short > 0)", name="waits_when_short"),
        CheckConstraint(
            "(phase IN ('held','cancelled')) OR node_id IS NOT NULL", name="has_a_node"
        ),
        Index(
            "ix_sales_order_line_waiting",
            "tenant_id", "sku_id", "node_id", "priority", "placed_at", "id",
            postgresql_where="phase = 'backordered'",
        ),
        Index("ix_sales_order_line_phase", "tenant_id", "phase", "id"),
    )  # fmt: skip

    @property
    def price(self) -> Money:
        """What the customer pays for all units of the line."""
        return Money(self.price_minor, self.price_currency)
