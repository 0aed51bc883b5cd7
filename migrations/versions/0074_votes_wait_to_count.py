"""A vote that may be taken back waits before it counts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    op.create_table(
        "waiting_vote",
        *tenant_owned(identity("task_id"), identity("stage", 80), identity("voter_id", 80)),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("digest", sa.String(80)),
        sa.Column("chain", JSONB, nullable=False),
        sa.Column("voted_at", INSTANT, nullable=False),
        sa.Column("counts_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "task_id", "stage", "voter_id", name="pk_waiting_vote"
        ),
        sa.CheckConstraint("decision IN ('approve','reject')", name="ck_waiting_vote_decision"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name="fk_waiting_vote_tenant_id_task_id",
        ),
    )
    # It is taken back or comes to count, and is never changed.
    enclose("waiting_vote", grants="SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("waiting_vote")
