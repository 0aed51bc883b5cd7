"""Imports: a run per file, and its rows in chunks. Expands only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0027"
down_revision = "0026"

STATES = "state IN ('uploaded','checking','checked','importing','done','cancelled')"
COUNTS = ("created_count", "changed_count", "unchanged_count", "bad_count")


def upgrade() -> None:
    op.create_table(
        "import_run",
        *tenant_owned(identity()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_bytes", sa.BigInteger, nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("delimiter", sa.String(1), nullable=False),
        sa.Column("header", JSONB, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("chunk_count", sa.Integer, nullable=False),
        sa.Column("chunks_ended", sa.Integer, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_import_run"),
        sa.CheckConstraint(STATES, name="ck_import_run_state"),
        sa.CheckConstraint("chunks_ended BETWEEN 0 AND chunk_count", name="ck_import_run_progress"),
    )
    op.create_table(
        "import_chunk",
        *tenant_owned(identity("run_id")),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_row", sa.Integer, nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("repeats", JSONB, nullable=False),
        sa.Column("outcomes", JSONB, nullable=False),
        *(sa.Column(count, sa.Integer, nullable=False) for count in COUNTS),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name="pk_import_chunk"),
        points_to("import_chunk", ["run_id"], "import_run"),
    )
    enclose("import_run", grants="SELECT, INSERT, UPDATE")
    enclose("import_chunk")


def downgrade() -> None:
    op.drop_table("import_chunk")
    op.drop_table("import_run")
