"""What is ordered, confirmed, delivered and received, and for whose order line."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0037"
down_revision = "0036"

CHECKS = {
    "quantity_positive": "quantity > 0",
    "confirms_what_it_asks": "quantity_confirmed BETWEEN 0 AND quantity",
    "receives_what_was_delivered": (
        "0 <= quantity_received AND quantity_received <= quantity_delivered"
        " AND quantity_delivered <= coalesce(quantity_confirmed, quantity)"
    ),
}


def upgrade() -> None:
    line = "purchase_order_line"
    op.create_table(
        line,
        *tenant_owned(identity()),
        identity("order_id"),
        sa.Column("position", sa.Integer, nullable=False),
        identity("sku_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("quantity_confirmed", sa.BigInteger),
        sa.Column("quantity_delivered", sa.BigInteger, nullable=False),
        sa.Column("quantity_received", sa.BigInteger, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("cost_currency", sa.String(3), nullable=False),
        sa.Column("order_line_id", sa.String(40)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{line}"),
        points_to(line, ["order_id"], "purchase_order"),
        points_to(line, ["sku_id"], "sku"),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=f"uq_{line}_tenant_id_order_id_position"
        ),
        *(sa.CheckConstraint(rule, name=f"ck_{line}_{name}") for name, rule in CHECKS.items()),
    )
    # What was bought for a customer's line, and what is on order of a SKU.
    op.create_index("ix_purchase_order_line_for", line, ["tenant_id", "order_line_id", "id"])
    op.create_index("ix_purchase_order_line_sku", line, ["tenant_id", "sku_id", "id"])
    enclose(line, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("purchase_order_line")
