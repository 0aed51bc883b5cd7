"""Work at nodes: pick, pack, ship, put away."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "warehouse_task",
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(20), nullable=False),
        identity("fulfilment_order_id"),
        identity("node_id"),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("assignee_id", sa.String(80)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.String(80)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_warehouse_task"),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name="ck_warehouse_task_ends_with_its_state"
        ),
        sa.CheckConstraint(
            "kind IN ('pick','pack','ship','put_away')", name="ck_warehouse_task_kind"
        ),
        sa.CheckConstraint("state IN ('open','done','cancelled')", name="ck_warehouse_task_state"),
        points_to("warehouse_task", ["fulfilment_order_id"], "fulfilment_order"),
        points_to("warehouse_task", ["node_id"], "node"),
    )
    # What ends with its fulfilment order.
    op.create_index(
        "ix_warehouse_task_fulfilment", "warehouse_task", ["tenant_id", "fulfilment_order_id", "id"]
    )
    # What is to be done at a node, the most urgent first.
    op.create_index(
        "ix_warehouse_task_open",
        "warehouse_task",
        ["tenant_id", "node_id", "priority", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    enclose("warehouse_task", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("warehouse_task")
