"""Every movement of units, between two buckets: added to, never changed."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0023"
down_revision = "0022"

BUCKETS = (
    "'available','committed','reserved','quality_control','damaged','incoming','in_transit',"
    "'supplier','customer','scrap','adjustment','transit','expected'"
)


def upgrade() -> None:
    table, shelf = "stock_ledger", ["tenant_id", "sku_id", "node_id"]
    op.create_table(
        table,
        *tenant_owned(identity()),
        identity("sku_id"),
        identity("node_id"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("bucket_from", sa.String(20), nullable=False),
        sa.Column("bucket_to", sa.String(20), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("source_kind", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(80), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stock_ledger"),
        points_to(table, ["sku_id"], "sku"),
        points_to(table, ["node_id"], "node"),
        # Also the order in which a shelf's movements are read and replayed.
        sa.UniqueConstraint(*shelf, "seq", name="uq_stock_ledger_tenant_id_sku_id_node_id_seq"),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name="uq_stock_ledger_key"),
        sa.CheckConstraint("quantity > 0", name="ck_stock_ledger_quantity_positive"),
        sa.CheckConstraint("bucket_from <> bucket_to", name="ck_stock_ledger_two_legs"),
        sa.CheckConstraint(f"bucket_from IN ({BUCKETS})", name="ck_stock_ledger_bucket_from"),
        sa.CheckConstraint(f"bucket_to IN ({BUCKETS})", name="ck_stock_ledger_bucket_to"),
    )
    # What a document moved.
    source = ["tenant_id", "source_kind", "source_id", "id"]
    op.create_index("ix_stock_ledger_source", table, source)
    enclose(table, grants="SELECT, INSERT")
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("stock_ledger")
