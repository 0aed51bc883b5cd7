"""How much of a SKU a node holds, bucket by bucket, none ever below zero."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0022"
down_revision = "0021"

ON_HAND = ["available", "committed", "reserved", "quality_control", "damaged"]
BUCKETS = [*ON_HAND, "incoming", "in_transit"]


def upgrade() -> None:
    op.create_table(
        "stock_balance",
        *tenant_owned(identity("sku_id"), identity("node_id")),
        *(sa.Column(bucket, sa.BigInteger, nullable=False) for bucket in BUCKETS),
        sa.Column(
            "on_hand",
            sa.BigInteger,
            sa.Computed(" + ".join(ON_HAND), persisted=True),
            nullable=False,
        ),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", "node_id", name="pk_stock_balance"),
        points_to("stock_balance", ["sku_id"], "sku"),
        points_to("stock_balance", ["node_id"], "node"),
        *(
            sa.CheckConstraint(f"{bucket} >= 0", name=f"ck_stock_balance_{bucket}_not_negative")
            for bucket in BUCKETS
        ),
    )
    # The stock of a node, and whether a node still holds any.
    op.create_index("ix_stock_balance_node", "stock_balance", ["tenant_id", "node_id", "sku_id"])
    enclose("stock_balance", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("stock_balance")
