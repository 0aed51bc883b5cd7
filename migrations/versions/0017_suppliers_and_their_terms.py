"""Suppliers, and on what terms each sells a SKU. Expands only."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, named, points_to, tenant_owned
from migrations.walls import enclose

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "supplier",
        *tenant_owned(identity()),
        *named(),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_supplier"),
        sa.UniqueConstraint("tenant_id", "code_key", name="uq_supplier_tenant_id_code_key"),
    )
    # Lists by name and searches by its beginning.
    op.create_index("ix_supplier_name", "supplier", ["tenant_id", "name_key", "id"])
    item, once = "supplier_item", "uq_supplier_item_tenant_id_supplier_id_sku_id"
    something = "minimum_quantity > 0 AND multiple_quantity > 0"
    costs = "cost_minor >= 0 AND cost_quantity > 0"
    op.create_table(
        item,
        *tenant_owned(identity()),
        identity("supplier_id"),
        identity("sku_id"),
        sa.Column("supplier_code", sa.String(64)),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("cost_currency", sa.String(3), nullable=False),
        sa.Column("cost_quantity", sa.BigInteger, nullable=False),
        sa.Column("lead_time_days", sa.Integer, nullable=False),
        sa.Column("minimum_quantity", sa.BigInteger, nullable=False),
        sa.Column("multiple_quantity", sa.BigInteger, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_supplier_item"),
        points_to(item, ["supplier_id"], "supplier"),
        points_to(item, ["sku_id"], "sku"),
        sa.UniqueConstraint("tenant_id", "supplier_id", "sku_id", name=once),
        sa.CheckConstraint(costs, name="ck_supplier_item_costs"),
        sa.CheckConstraint("lead_time_days >= 0", name="ck_supplier_item_arrives_after_the_order"),
        sa.CheckConstraint(something, name="ck_supplier_item_orders_something"),
    )
    # Whom to ask for a SKU, in order.
    op.create_index("ix_supplier_item_sku", item, ["tenant_id", "sku_id", "rank", "id"])
    for table in ("supplier", item):
        enclose(table, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("supplier_item")
    op.drop_table("supplier")
