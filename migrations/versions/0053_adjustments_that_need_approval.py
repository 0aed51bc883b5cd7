"""Corrections that one person proposes and another decides."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_table(
        "stock_adjustment",
        *tenant_owned(identity()),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("difference", sa.BigInteger, nullable=False),
        sa.Column("expected_available", sa.BigInteger),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requester_id", sa.String(80), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("decided_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stock_adjustment"),
        sa.CheckConstraint("difference <> 0", name="ck_stock_adjustment_corrects_something"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)",
            name="ck_stock_adjustment_ends_with_its_state",
        ),
        sa.CheckConstraint(
            "state IN ('proposed','posted','rejected')", name="ck_stock_adjustment_state"
        ),
        sa.CheckConstraint(
            "state <> 'posted' OR decided_by <> requester_id", name="ck_stock_adjustment_two_people"
        ),
        points_to("stock_adjustment", ["node_id"], "node"),
        points_to("stock_adjustment", ["sku_id"], "sku"),
    )
    # What waits for an approval.
    op.create_index("ix_stock_adjustment_state", "stock_adjustment", ["tenant_id", "state", "id"])
    enclose("stock_adjustment", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("stock_adjustment")
