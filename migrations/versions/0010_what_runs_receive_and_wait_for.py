"""The inbox of runs, and the events and keys that they wait for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "run_inbox",
        *tenant_owned(identity("run_id")),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("dedupe_key", sa.String(160), nullable=False),
        sa.Column("event", JSONB, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("disposition", sa.String(12)),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name="pk_run_inbox"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["run.tenant_id", "run.id"],
            name="fk_run_inbox_tenant_id_run_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "run_id", "dedupe_key", name="uq_run_inbox_tenant_id_run_id_dedupe_key"
        ),
    )
    op.create_index(
        "ix_run_inbox_untaken",
        "run_inbox",
        ["tenant_id", "run_id", "number"],
        postgresql_where=sa.text("disposition IS NULL"),
    )
    enclose("run_inbox", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "run_wait",
        *tenant_owned(identity("run_id"), identity("correlation_id", 80)),
        sa.Column("event", sa.String(80), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "correlation_id", name="pk_run_wait"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["run.tenant_id", "run.id"],
            name="fk_run_wait_tenant_id_run_id",
        ),
    )
    op.create_index("ix_run_wait_key", "run_wait", ["tenant_id", "event", "key"])
    enclose("run_wait", grants="SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("run_wait")
    op.drop_table("run_inbox")
