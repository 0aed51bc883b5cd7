"""The documents behind stock that comes in and stock that is corrected."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "stock_receipt",
        *tenant_owned(identity()),
        sa.Column("source_kind", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(80), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stock_receipt"),
    )
    # What came in on a document.
    source = ["tenant_id", "source_kind", "source_id", "id"]
    op.create_index("ix_stock_receipt_source", "stock_receipt", source)
    line = "stock_receipt_line"
    op.create_table(
        line,
        *tenant_owned(identity("receipt_id"), sa.Column("position", sa.Integer, nullable=False)),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "receipt_id", "position", name=f"pk_{line}"),
        points_to(line, ["receipt_id"], "stock_receipt"),
        points_to(line, ["sku_id"], "sku"),
        points_to(line, ["node_id"], "node"),
        sa.CheckConstraint("quantity > 0", name=f"ck_{line}_quantity_positive"),
    )
    correction = "stock_correction"
    op.create_table(
        correction,
        *tenant_owned(identity()),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("difference", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("corrected_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{correction}"),
        points_to(correction, ["sku_id"], "sku"),
        points_to(correction, ["node_id"], "node"),
        sa.CheckConstraint("difference <> 0", name=f"ck_{correction}_corrects_something"),
    )
    # What was corrected on a shelf.
    shelf = ["tenant_id", "sku_id", "node_id", "id"]
    op.create_index("ix_stock_correction_shelf", correction, shelf)
    for table in ("stock_receipt", line, correction):
        enclose(table, grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("stock_correction")
    op.drop_table("stock_receipt_line")
    op.drop_table("stock_receipt")
