"""Units that were not found where the books say they are."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_table(
        "short_pick",
        *tenant_owned(identity()),
        identity("fulfilment_order_id"),
        identity("order_line_id"),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("reported_by", sa.String(80), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_short_pick"),
        sa.CheckConstraint("quantity > 0", name="ck_short_pick_quantity_positive"),
        sa.CheckConstraint(
            "reason IN ('not_in_stock','mismatch','damaged')", name="ck_short_pick_reason"
        ),
        points_to("short_pick", ["fulfilment_order_id"], "fulfilment_order"),
        points_to("short_pick", ["node_id"], "node"),
        points_to("short_pick", ["sku_id"], "sku"),
    )
    # What fell short of a fulfilment order.
    op.create_index(
        "ix_short_pick_fulfilment", "short_pick", ["tenant_id", "fulfilment_order_id", "id"]
    )
    enclose("short_pick", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("short_pick")
