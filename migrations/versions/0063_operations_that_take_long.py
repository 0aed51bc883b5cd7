"""Operations: what was asked for and takes longer than a request."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0063"
down_revision = "0062"

STATUSES = "'queued','running','succeeded','failed','cancelled'"


def upgrade() -> None:
    op.create_table(
        "operation",
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("result", JSONB),
        sa.Column("error", JSONB),
        sa.Column("wishes", JSONB, nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_operation"),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_operation_status"),
        sa.CheckConstraint("done BETWEEN 0 AND total", name="ck_operation_progress"),
        sa.CheckConstraint(
            "(status IN ('queued','running')) = (expires_at IS NULL)",
            name="ck_operation_ended_expires",
        ),
    )
    columns = ["tenant_id", "subject_kind", "subject_id"]
    op.create_index("ix_operation_subject", "operation", columns)
    enclose("operation", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("operation")
