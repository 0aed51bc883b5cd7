"""Who may answer a task, and how each person decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "task_candidate",
        *tenant_owned(identity("task_id"), identity("kind", 10), identity("name", 80)),
        sa.PrimaryKeyConstraint("tenant_id", "task_id", "kind", "name", name="pk_task_candidate"),
        sa.CheckConstraint("kind IN ('role','member')", name="ck_task_candidate_kind"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name="fk_task_candidate_tenant_id_task_id",
        ),
    )
    op.create_index(
        "ix_task_candidate_name", "task_candidate", ["tenant_id", "kind", "name", "task_id"]
    )
    enclose("task_candidate")
    op.create_table(
        "task_vote",
        *tenant_owned(identity("task_id"), identity("stage", 80), identity("voter_id", 80)),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("digest", sa.String(80)),
        sa.Column("chain", JSONB, nullable=False),
        sa.Column("voted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "task_id", "stage", "voter_id", name="pk_task_vote"),
        sa.CheckConstraint("decision IN ('approve','reject')", name="ck_task_vote_decision"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name="fk_task_vote_tenant_id_task_id",
        ),
    )
    enclose("task_vote", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("task_vote")
    op.drop_table("task_candidate")
