"""Goods that left one node for another, and what became of them."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "transfer",
        *tenant_owned(identity()),
        identity("source_id"),
        identity("target_id"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("shipped_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_transfer"),
        sa.CheckConstraint(
            "(state = 'shipped') = (ended_at IS NULL)", name="ck_transfer_ends_with_its_state"
        ),
        sa.CheckConstraint("state IN ('shipped','received','cancelled')", name="ck_transfer_state"),
        sa.CheckConstraint("source_id <> target_id", name="ck_transfer_two_nodes"),
        points_to("transfer", ["source_id"], "node"),
        points_to("transfer", ["target_id"], "node"),
    )
    # What is on the road.
    op.create_index("ix_transfer_state", "transfer", ["tenant_id", "state", "id"])
    enclose("transfer", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "transfer_line",
        *tenant_owned(identity("transfer_id"), identity("sku_id")),
        sa.Column("shipped", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("lost", sa.BigInteger, nullable=False),
        sa.Column("returned", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "transfer_id", "sku_id", name="pk_transfer_line"),
        sa.CheckConstraint(
            "shipped > 0 AND received >= 0 AND lost >= 0 AND returned >= 0"
            " AND received + lost + returned <= shipped",
            name="ck_transfer_line_adds_up",
        ),
        points_to("transfer_line", ["sku_id"], "sku"),
        points_to("transfer_line", ["transfer_id"], "transfer"),
    )
    enclose("transfer_line", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("transfer_line")
    op.drop_table("transfer")
