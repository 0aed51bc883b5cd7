"""Channels send newer versions of an order, and people hold orders back.

What came in before had no version: it was the first. Rows of the inbox are written once, and
the audit log proves all of their columns, so `wareflow verify` names those from before.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0042"
down_revision = "0041"

KEY = ["tenant_id", "channel_id", "external_id"]


def upgrade() -> None:
    inbox, hold = "order_inbox", "order_hold"
    for name, kind, first in (
        ("external_version", sa.BigInteger(), "1"),
        ("outcome", sa.String(10), "placed"),
    ):
        op.add_column(inbox, sa.Column(name, kind, nullable=False, server_default=first))
    op.drop_constraint("pk_order_inbox", inbox)
    op.create_primary_key("pk_order_inbox", inbox, [*KEY, "external_version"])
    op.create_check_constraint("ck_order_inbox_version_positive", inbox, "external_version > 0")
    op.create_check_constraint(
        "ck_order_inbox_outcome", inbox, "outcome IN ('placed','amended','late')"
    )
    op.create_table(
        hold,
        *tenant_owned(identity()),
        identity("order_id"),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("held_by", sa.String(80), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_order_hold"),
        points_to(hold, ["order_id"], "sales_order"),
    )
    # An order is held once at a time, and what its phase is asks whether it is.
    still_open = sa.text("ended_at IS NULL")
    order = ["tenant_id", "order_id"]
    op.create_index("ix_order_hold_open", hold, order, unique=True, postgresql_where=still_open)
    # The story of an order.
    op.create_index("ix_order_hold_order", hold, [*order, "id"])
    enclose(hold, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("order_hold")
    op.execute("DELETE FROM order_inbox WHERE outcome <> 'placed'")
    op.drop_constraint("pk_order_inbox", "order_inbox")
    op.drop_column("order_inbox", "outcome")
    op.drop_column("order_inbox", "external_version")
    op.create_primary_key("pk_order_inbox", "order_inbox", KEY)
