"""Where stock is kept and where it is offered: nodes, channels, listings; rows and constraints."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from commerce.catalog.prices import price_of
from commerce.catalog.tables import Named
from commerce.ids import ChannelId, ListingId, NodeId, SkuId
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.money import Money


class Node(Named, TenantOwned, Table):
    """A place that holds stock."""

    __tablename__ = "node"

    id: Mapped[NodeId] = id_column()
    kind: Mapped[str] = mapped_column(String(10))
    country: Mapped[str] = mapped_column(String(2))
    city: Mapped[str | None] = mapped_column(String(100))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    fulfilment_types: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        CheckConstraint("kind IN ('warehouse','store')", name="kind"),
        CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="on_earth"
        ),
        CheckConstraint(
            "fulfilment_types <@ ARRAY['ship','collect']::varchar[]", name="fulfilment_types"
        ),
        Index("ix_node_name", "tenant_id", "name_key", "id"),
    )


class Channel(Named, TenantOwned, Table):
    """Where goods are offered, in one currency."""

    __tablename__ = "channel"

    id: Mapped[ChannelId] = id_column()
    kind: Mapped[str] = mapped_column(String(12))
    currency: Mapped[str] = mapped_column(String(3))
    node_id: Mapped[NodeId | None] = text_id()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["node_id"], "node"),
        UniqueConstraint("tenant_id", "code_key"),
        # The target of the listings' key: a listing is priced in its channel's currency.
        UniqueConstraint("tenant_id", "id", "currency"),
        CheckConstraint("kind IN ('own_site','marketplace','store')", name="kind"),
        CheckConstraint("kind = 'store' OR node_id IS NULL", name="only_a_store_is_a_node"),
        Index("ix_channel_name", "tenant_id", "name_key", "id"),
        Index("ix_channel_node", "tenant_id", "node_id"),
    )


class ChannelListing(TenantOwned, Table):
    """A SKU as one channel offers it."""

    __tablename__ = "channel_listing"

    id: Mapped[ListingId] = id_column()
    channel_id: Mapped[ChannelId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    external_id: Mapped[str] = mapped_column(String(100))
    price_minor: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    price_quantity: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["channel_id", "price_currency"], "channel", key=("id", "currency")),
        reference(["sku_id"], "sku"),
        UniqueConstraint("tenant_id", "channel_id", "sku_id"),
        UniqueConstraint("tenant_id", "channel_id", "external_id"),
        CheckConstraint("price_minor >= 0 AND price_quantity > 0", name="priced"),
        Index("ix_channel_listing_sku", "tenant_id", "sku_id", "id"),
    )

    @property
    def price(self) -> Money:
        """What `price_quantity` base units are offered for."""
        return Money(self.price_minor, self.price_currency)

    def price_of(self, quantity: int) -> Money:
        """Return what a quantity in base units is offered for, rounded once."""
        return price_of(quantity, self.price, self.price_quantity)

    @property
    def is_active(self) -> bool:
        """Tell whether the listing itself is in use; SKU and channel may still be retired."""
        return self.retired_at is None
