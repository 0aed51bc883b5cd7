"""Suppliers and what they sell on which terms: rows and constraints."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commerce.catalog.prices import price_of
from commerce.catalog.tables import CODE_LENGTH_MAX, Named
from commerce.ids import SkuId, SupplierId, SupplierItemId
from kernel.db import PERSONAL, Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.money import Money


class Supplier(Named, TenantOwned, Table):
    """Whom goods are bought from."""

    __tablename__ = "supplier"

    id: Mapped[SupplierId] = id_column()
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    email: Mapped[str | None] = mapped_column(String(254), info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        Index("ix_supplier_name", "tenant_id", "name_key", "id"),
    )


class SupplierItem(TenantOwned, Table):
    """The terms on which one supplier sells one SKU; quantities in the SKU's base unit."""

    __tablename__ = "supplier_item"

    id: Mapped[SupplierItemId] = id_column()
    supplier_id: Mapped[SupplierId] = text_id()
    sku_id: Mapped[SkuId] = text_id()
    supplier_code: Mapped[str | None] = mapped_column(String(CODE_LENGTH_MAX))
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    cost_currency: Mapped[str] = mapped_column(String(3))
    cost_quantity: Mapped[int] = mapped_column(BigInteger)
    lead_time_days: Mapped[int] = mapped_column(Integer)
    minimum_quantity: Mapped[int] = mapped_column(BigInteger)
    multiple_quantity: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["supplier_id"], "supplier"),
        reference(["sku_id"], "sku"),
        UniqueConstraint("tenant_id", "supplier_id", "sku_id"),
        CheckConstraint("cost_minor >= 0 AND cost_quantity > 0", name="costs"),
        CheckConstraint("lead_time_days >= 0", name="arrives_after_the_order"),
        CheckConstraint("minimum_quantity > 0 AND multiple_quantity > 0", name="orders_something"),
        Index("ix_supplier_item_sku", "tenant_id", "sku_id", "rank", "id"),
    )

    @property
    def cost(self) -> Money:
        """What `cost_quantity` base units cost."""
        return Money(self.cost_minor, self.cost_currency)

    def cost_of(self, quantity: int) -> Money:
        """Return what a quantity in base units costs, rounded once."""
        return price_of(quantity, self.cost, self.cost_quantity)

    @property
    def is_active(self) -> bool:
        """Tell whether the terms are in use."""
        return self.retired_at is None
