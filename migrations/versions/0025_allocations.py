"""Units at a node that are committed to an order line."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0025"
down_revision = "0024"

SUPPLIES = "supply IN ('on_hand','po_line','transfer_line','returns')"


def upgrade() -> None:
    table = "allocation"
    op.create_table(
        table,
        *tenant_owned(identity()),
        identity("order_line_id"),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("supply", sa.String(20), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("reservation_id", sa.String(40)),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_allocation"),
        points_to(table, ["sku_id"], "sku"),
        points_to(table, ["node_id"], "node"),
        points_to(table, ["reservation_id"], "reservation"),
        sa.CheckConstraint("quantity > 0", name="ck_allocation_quantity_positive"),
        sa.CheckConstraint(SUPPLIES, name="ck_allocation_supply"),
        sa.CheckConstraint("state IN ('open','released','fulfilled')", name="ck_allocation_state"),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name="ck_allocation_ends_with_its_state"
        ),
    )
    # What a line got, and from where.
    op.create_index("ix_allocation_line", table, ["tenant_id", "order_line_id", "id"])
    # What a shelf has committed.
    still_open = sa.text("state = 'open'")
    shelf = ["tenant_id", "sku_id", "node_id"]
    op.create_index("ix_allocation_open", table, shelf, postgresql_where=still_open)
    enclose(table, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("allocation")
