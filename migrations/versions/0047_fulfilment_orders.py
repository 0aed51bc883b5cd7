"""What one node is asked to ship of one order, as one parcel."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.create_table(
        "fulfilment_order",
        *tenant_owned(identity()),
        identity("order_id"),
        identity("node_id"),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("held_for", sa.String(200)),
        sa.Column("held_with_order", sa.Boolean, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_fulfilment_order"),
        sa.CheckConstraint(
            "(status IN ('closed','cancelled')) = (closed_at IS NOT NULL)",
            name="ck_fulfilment_order_ends_with_its_status",
        ),
        sa.CheckConstraint(
            "status IN ('open','in_progress','packed','closed','cancelled')",
            name="ck_fulfilment_order_status",
        ),
        points_to("fulfilment_order", ["node_id"], "node"),
    )
    # What is open, in the order in which it was opened.
    op.create_index("ix_fulfilment_order_status", "fulfilment_order", ["tenant_id", "status", "id"])
    # What a node has to do.
    op.create_index(
        "ix_fulfilment_order_node", "fulfilment_order", ["tenant_id", "node_id", "status", "id"]
    )
    # What nodes are asked to ship of an order.
    op.create_index(
        "ix_fulfilment_order_order", "fulfilment_order", ["tenant_id", "order_id", "id"]
    )
    enclose("fulfilment_order", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("fulfilment_order")
