"""Products and SKUs: what is sold, and what is counted. Expands only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, named, points_to, tenant_owned
from migrations.walls import enclose

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "product",
        *tenant_owned(identity()),
        *named(),
        sa.Column("category", sa.String(200)),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_product"),
        sa.UniqueConstraint("tenant_id", "code_key", name="uq_product_tenant_id_code_key"),
    )
    # Lists by name and searches by its beginning; lists of one category.
    op.create_index("ix_product_name", "product", ["tenant_id", "name_key", "id"])
    op.create_index("ix_product_category", "product", ["tenant_id", "category", "id"])
    op.create_table(
        "sku",
        *tenant_owned(identity()),
        *named(),
        identity("product_id"),
        sa.Column("base_unit", sa.String(10), nullable=False),
        sa.Column("gtin", sa.String(14)),
        sa.Column("weight_grams", sa.BigInteger),
        sa.Column("packs", JSONB, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sku"),
        points_to("sku", ["product_id"], "product"),
        sa.UniqueConstraint("tenant_id", "code_key", name="uq_sku_tenant_id_code_key"),
        sa.UniqueConstraint("tenant_id", "gtin", name="uq_sku_tenant_id_gtin"),
        sa.CheckConstraint("base_unit IN ('piece','g','ml','mm')", name="ck_sku_base_unit"),
        sa.CheckConstraint("weight_grams > 0", name="ck_sku_weighs_something"),
    )
    # Lists by name and searches by its beginning; the SKUs of a product.
    op.create_index("ix_sku_name", "sku", ["tenant_id", "name_key", "id"])
    op.create_index("ix_sku_product", "sku", ["tenant_id", "product_id", "id"])
    for table in ("product", "sku"):
        enclose(table, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("sku")
    op.drop_table("product")
