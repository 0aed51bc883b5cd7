"""Parcels that left for customers, and what was in them."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.create_table(
        "shipment",
        *tenant_owned(identity()),
        identity("fulfilment_order_id"),
        identity("order_id"),
        identity("node_id"),
        sa.Column("carrier", sa.String(60)),
        sa.Column("tracking", sa.String(80)),
        sa.Column("shipped_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_shipment"),
        points_to("shipment", ["fulfilment_order_id"], "fulfilment_order"),
        points_to("shipment", ["node_id"], "node"),
    )
    # What left of an order.
    op.create_index("ix_shipment_order", "shipment", ["tenant_id", "order_id", "id"])
    # A fulfilment order leaves once.
    op.create_index(
        "ix_shipment_fulfilment", "shipment", ["tenant_id", "fulfilment_order_id"], unique=True
    )
    enclose("shipment", grants="SELECT, INSERT")
    op.create_table(
        "shipment_line",
        *tenant_owned(identity("shipment_id")),
        sa.Column("position", sa.Integer, nullable=False),
        identity("order_line_id"),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "shipment_id", "position", name="pk_shipment_line"),
        sa.CheckConstraint("quantity > 0", name="ck_shipment_line_quantity_positive"),
        points_to("shipment_line", ["node_id"], "node"),
        points_to("shipment_line", ["shipment_id"], "shipment"),
        points_to("shipment_line", ["sku_id"], "sku"),
    )
    # Where the units of an order's line went.
    op.create_index(
        "ix_shipment_line_line", "shipment_line", ["tenant_id", "order_line_id", "shipment_id"]
    )
    enclose("shipment_line", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("shipment_line")
    op.drop_table("shipment")
