"""Units of order lines that a node is asked to ship."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.create_table(
        "fulfilment_line",
        *tenant_owned(identity("fulfilment_order_id")),
        sa.Column("position", sa.Integer, nullable=False),
        identity("order_line_id"),
        identity("sku_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("picked", sa.BigInteger, nullable=False),
        sa.Column("shipped", sa.BigInteger, nullable=False),
        sa.Column("dropped", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "fulfilment_order_id", "position", name="pk_fulfilment_line"
        ),
        sa.CheckConstraint(
            "quantity > 0 AND shipped >= 0 AND dropped >= 0 AND shipped <= picked"
            " AND picked + dropped <= quantity",
            name="ck_fulfilment_line_adds_up",
        ),
        points_to("fulfilment_line", ["fulfilment_order_id"], "fulfilment_order"),
        points_to("fulfilment_line", ["sku_id"], "sku"),
    )
    # A line is asked for once at a time.
    op.create_index(
        "ix_fulfilment_line_living",
        "fulfilment_line",
        ["tenant_id", "order_line_id"],
        unique=True,
        postgresql_where=sa.text("quantity > shipped + dropped"),
    )
    # The story of an order's line.
    op.create_index(
        "ix_fulfilment_line_line",
        "fulfilment_line",
        ["tenant_id", "order_line_id", "fulfilment_order_id"],
    )
    enclose("fulfilment_line", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("fulfilment_line")
