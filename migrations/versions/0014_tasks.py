"""What runs ask of people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "task",
        *tenant_owned(identity()),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("invoke_id", sa.String(80), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("subject_version", sa.Integer),
        sa.Column("digest", sa.String(80)),
        sa.Column("requester_id", sa.String(80)),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("stage", sa.String(80)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("answer", JSONB),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_task"),
        sa.CheckConstraint("kind IN ('approval','human')", name="ck_task_kind"),
        sa.CheckConstraint("state IN ('open','parked','done','cancelled')", name="ck_task_state"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["run.tenant_id", "run.id"], name="fk_task_tenant_id_run_id"
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "run_id",
            "invoke_id",
            "epoch",
            name="uq_task_tenant_id_run_id_invoke_id_epoch",
        ),
    )
    op.create_index("ix_task_subject", "task", ["tenant_id", "subject_kind", "subject_id"])
    op.create_index(
        "ix_task_open", "task", ["tenant_id", "id"], postgresql_where=sa.text("state = 'open'")
    )
    enclose("task", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("task")
