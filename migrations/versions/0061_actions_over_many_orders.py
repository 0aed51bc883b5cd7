"""Actions over many orders, and what became of each order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    op.create_table(
        "bulk_action",
        *tenant_owned(identity()),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("criteria", JSONB, nullable=False),
        sa.Column("except_ids", JSONB, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("asked", "done", "refused", "after_number", "until_number")
        ),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requested_by", sa.String(80), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_bulk_action"),
        sa.CheckConstraint("action IN ('hold','resume','cancel')", name="ck_bulk_action_action"),
        sa.CheckConstraint("state IN ('running','done')", name="ck_bulk_action_state"),
        sa.CheckConstraint(
            "(state = 'done') = (ended_at IS NOT NULL)", name="ck_bulk_action_ends_with_its_state"
        ),
    )
    enclose("bulk_action", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "bulk_action_row",
        *tenant_owned(identity("bulk_id"), identity("order_id")),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("told", sa.String(300)),
        sa.PrimaryKeyConstraint("tenant_id", "bulk_id", "order_id", name="pk_bulk_action_row"),
        sa.CheckConstraint("outcome IN ('done','refused')", name="ck_bulk_action_row_outcome"),
        points_to("bulk_action_row", ["bulk_id"], "bulk_action"),
        points_to("bulk_action_row", ["order_id"], "sales_order"),
    )
    # The report, those that were refused first.
    columns = ["tenant_id", "bulk_id", "outcome", "number"]
    op.create_index("ix_bulk_action_row_number", "bulk_action_row", columns)
    enclose("bulk_action_row", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("bulk_action_row")
    op.drop_table("bulk_action")
