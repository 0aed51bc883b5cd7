"""The lines of orders, each with its outcome, and the proof of which orders came in."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0029"
down_revision = "0028"

PHASES = "'accepted','reserved','allocated','backordered','held','cancelled','fulfilled'"
CHECKS = {
    "phase": f"phase IN ({PHASES})",
    "quantity_positive": "quantity > 0",
    "short_of_what_it_asks": "quantity_short BETWEEN 0 AND quantity",
    "waits_when_short": "(phase = 'backordered') = (quantity_short > 0)",
    "has_a_node": "(phase IN ('held','cancelled')) OR node_id IS NOT NULL",
}


def upgrade() -> None:
    line = "sales_order_line"
    op.create_table(
        line,
        *tenant_owned(identity()),
        identity("order_id"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sku_id", sa.String(40)),
        sa.Column("sku_code", sa.String(64), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("quantity_short", sa.BigInteger, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("price_currency", sa.String(3), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("phase_since", INSTANT, nullable=False),
        sa.Column("node_id", sa.String(40)),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("backordered_at", INSTANT),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{line}"),
        points_to(line, ["order_id"], "sales_order"),
        points_to(line, ["sku_id"], "sku"),
        points_to(line, ["node_id"], "node"),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=f"uq_{line}_tenant_id_order_id_position"
        ),
        *(sa.CheckConstraint(rule, name=f"ck_{line}_{name}") for name, rule in CHECKS.items()),
    )
    # Who waits for a shelf, in the order in which they are served.
    queue = ["tenant_id", "sku_id", "node_id", "priority", "placed_at", "id"]
    waits = sa.text("phase = 'backordered'")
    op.create_index("ix_sales_order_line_waiting", line, queue, postgresql_where=waits)
    op.create_index("ix_sales_order_line_phase", line, ["tenant_id", "phase", "id"])
    op.create_table(
        "order_inbox",
        *tenant_owned(identity("channel_id"), identity("external_id", 100)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        identity("order_id"),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "channel_id", "external_id", name="pk_order_inbox"),
        points_to("order_inbox", ["channel_id"], "channel"),
        points_to("order_inbox", ["order_id"], "sales_order"),
    )
    op.create_index("ix_order_inbox_order", "order_inbox", ["tenant_id", "order_id"])
    enclose(line, grants="SELECT, INSERT, UPDATE")
    enclose("order_inbox", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("order_inbox")
    op.drop_table("sales_order_line")
