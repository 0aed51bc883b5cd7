"""What is ordered from suppliers, line by line."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0036"
down_revision = "0035"

PHASES = (
    "'draft','pending_approval','approved','sent','acknowledged','partially_received','received',"
    "'rejected','cancelled','voided'"
)
UNSENT = "'draft','pending_approval','approved','voided'"
CHECKS = {
    "phase": f"phase IN ({PHASES})",
    "approved_by_another": "approver_id <> requester_id",
    "sent_once_it_is_on_order": f"(sent_at IS NULL) = (phase IN ({UNSENT}))",
    "sent_as_it_was_approved": "sent_at IS NULL OR approved_digest = digest",
}


def upgrade() -> None:
    order = "purchase_order"
    op.create_table(
        order,
        *tenant_owned(identity()),
        sa.Column("number", sa.BigInteger, nullable=False),
        identity("supplier_id"),
        identity("node_id"),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("requester_id", sa.String(80), nullable=False),
        sa.Column("approver_id", sa.String(80)),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("approved_digest", sa.String(71)),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("total_currency", sa.String(3), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("eta_at", INSTANT),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{order}"),
        points_to(order, ["supplier_id"], "supplier"),
        points_to(order, ["node_id"], "node"),
        sa.UniqueConstraint("tenant_id", "number", name=f"uq_{order}_tenant_id_number"),
        *(sa.CheckConstraint(rule, name=f"ck_{order}_{name}") for name, rule in CHECKS.items()),
    )
    # Lists of orders in a phase, and all orders to a supplier, the newest first.
    op.create_index("ix_purchase_order_phase", order, ["tenant_id", "phase", "number"])
    op.create_index("ix_purchase_order_supplier", order, ["tenant_id", "supplier_id", "number"])
    enclose(order, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("purchase_order")
