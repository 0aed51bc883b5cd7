"""Who ordered what: customers, orders, and which orders have come in."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0028"
down_revision = "0027"

PHASES = "'placed','held','partially_allocated','allocated','fulfilled','cancelled'"


def upgrade() -> None:
    op.create_table(
        "customer",
        *tenant_owned(identity()),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_customer"),
        sa.UniqueConstraint("tenant_id", "reference", name="uq_customer_tenant_id_reference"),
        sa.CheckConstraint("tier IN ('gold','silver','basic')", name="ck_customer_tier"),
    )
    order, external = "sales_order", ["tenant_id", "channel_id", "external_id"]
    destination = "(ship_to_postal_code IS NULL) = (collect_at IS NOT NULL)"
    op.create_table(
        order,
        *tenant_owned(identity()),
        sa.Column("number", sa.BigInteger, nullable=False),
        identity("channel_id"),
        sa.Column("external_id", sa.String(100), nullable=False),
        identity("customer_id"),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("ship_to_country", sa.String(2)),
        sa.Column("ship_to_postal_code", sa.String(20)),
        sa.Column("ship_to_latitude", sa.Numeric(9, 6)),
        sa.Column("ship_to_longitude", sa.Numeric(9, 6)),
        sa.Column("collect_at", sa.String(40)),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("total_currency", sa.String(3), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{order}"),
        points_to(order, ["channel_id"], "channel"),
        points_to(order, ["customer_id"], "customer"),
        points_to(order, ["collect_at"], "node"),
        sa.UniqueConstraint("tenant_id", "number", name=f"uq_{order}_tenant_id_number"),
        sa.UniqueConstraint(*external, name=f"uq_{order}_tenant_id_channel_id_external_id"),
        sa.CheckConstraint(f"phase IN ({PHASES})", name=f"ck_{order}_phase"),
        sa.CheckConstraint(destination, name=f"ck_{order}_has_a_destination"),
    )
    # Lists of orders in a phase, and all orders of a customer, the newest first.
    op.create_index("ix_sales_order_phase", order, ["tenant_id", "phase", "number"])
    op.create_index("ix_sales_order_customer", order, ["tenant_id", "customer_id", "number"])
    enclose("customer", grants="SELECT, INSERT, UPDATE")
    enclose(order, grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("sales_order")
    op.drop_table("customer")
