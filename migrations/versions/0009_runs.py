"""Runs: where each case stands, and which of them a worker must look at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "run",
        *tenant_owned(identity()),
        sa.Column("definition_id", sa.String(40), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("start_key", sa.String(120), nullable=False),
        sa.Column("exclusive_subject", sa.String(80)),
        sa.Column("principal_id", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("status", sa.String(60)),
        sa.Column("phase", sa.String(20)),
        sa.Column("outcome", sa.String(60)),
        sa.Column("incident", sa.String(120)),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("search", JSONB, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("recorded", sa.Integer, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ready", sa.Boolean, nullable=False),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_run"),
        sa.CheckConstraint("state IN ('active','finished','incident')", name="ck_run_state"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_id"],
            ["definition_version.tenant_id", "definition_version.id"],
            name="fk_run_tenant_id_definition_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "key", "exclusive_subject", name="uq_run_tenant_id_key_exclusive_subject"
        ),
        sa.UniqueConstraint("tenant_id", "key", "start_key", name="uq_run_tenant_id_key_start_key"),
    )
    op.create_index("ix_run_ready", "run", ["next_at"], postgresql_where=sa.text("ready"))
    op.create_index("ix_run_state", "run", ["tenant_id", "state", "id"])
    op.create_index("ix_run_subject", "run", ["tenant_id", "subject_kind", "subject_id"])
    enclose("run", grants="SELECT, INSERT, UPDATE")
    read = ["tenant_id", "id", "next_at", "lease_until", "fence", "ready"]
    let_scheduler("run", read=read, write=["lease_until", "fence"])
    claimable("run", "run", "r.ready")


def downgrade() -> None:
    no_longer_claimable("run")
    op.drop_table("run")
