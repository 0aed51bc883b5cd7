"""Products and their SKUs: rows and constraints. `*_key` columns hold the folded spelling."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from commerce.catalog.units import to_base_units
from commerce.ids import ProductId, SkuId
from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id

CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200
# Folding may lengthen: one ligature becomes several letters.
CODE_KEY_LENGTH_MAX = 4 * CODE_LENGTH_MAX
NAME_KEY_LENGTH_MAX = 4 * NAME_LENGTH_MAX


class Named:
    """Mixin of things that carry a code and a name, and that are retired, never deleted.

    Codes are unique in a tenant whatever their case. A retired thing keeps its code.
    """

    code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    code_key: Mapped[str] = mapped_column(String(CODE_KEY_LENGTH_MAX, collation="C"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    name_key: Mapped[str] = mapped_column(String(NAME_KEY_LENGTH_MAX, collation="C"))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        """Tell whether the thing is in use."""
        return self.retired_at is None


class Product(Named, TenantOwned, Table):
    """What is sold, as the customer sees it."""

    __tablename__ = "product"

    id: Mapped[ProductId] = id_column()
    category: Mapped[str | None] = mapped_column(String(NAME_LENGTH_MAX))
    description: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        Index("ix_product_name", "tenant_id", "name_key", "id"),
        Index("ix_product_category", "tenant_id", "category", "id"),
    )


class Sku(Named, TenantOwned, Table):
    """What is counted: quantities everywhere are whole numbers of its base unit."""

    __tablename__ = "sku"

    id: Mapped[SkuId] = id_column()
    product_id: Mapped[ProductId] = text_id()
    base_unit: Mapped[str] = mapped_column(String(10))
    gtin: Mapped[str | None] = mapped_column(String(14))
    weight_grams: Mapped[int | None] = mapped_column(BigInteger)
    packs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Pack units in their order: `{"unit": "case", "quantity": 12}`, in base units."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["product_id"], "product"),
        UniqueConstraint("tenant_id", "code_key"),
        UniqueConstraint("tenant_id", "gtin"),
        CheckConstraint("base_unit IN ('piece','g','ml','mm')", name="base_unit"),
        CheckConstraint("weight_grams > 0", name="weighs_something"),
        Index("ix_sku_name", "tenant_id", "name_key", "id"),
        Index("ix_sku_product", "tenant_id", "product_id", "id"),
    )

    def pack_sizes(self) -> Mapping[str, int]:
        """Return how many base units each pack unit holds."""
        return {pack["unit"]: pack["quantity"] for pack in self.packs}

    def base_units(self, quantity: Decimal, unit: str) -> int:
        """Convert a quantity exactly; raises UnitUnknown or QuantityNotWhole."""
        return to_base_units(quantity, unit, self.base_unit, self.pack_sizes())
