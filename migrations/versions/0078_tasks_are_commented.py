"""People write comments on tasks."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    op.create_table(
        "task_comment",
        *tenant_owned(identity()),
        sa.Column("task_id", sa.String(40), nullable=False),
        sa.Column("author_id", sa.String(80), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("form_key", sa.String(80)),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_task_comment"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name="fk_task_comment_tenant_id_task_id",
        ),
        # A form that is sent twice says it once.
        sa.UniqueConstraint(
            "tenant_id",
            "task_id",
            "author_id",
            "form_key",
            name="uq_task_comment_tenant_id_task_id_author_id_form_key",
        ),
    )
    own = ["tenant_id", "task_id", "written_at", "id"]
    op.create_index("ix_task_comment_written", "task_comment", own)
    enclose("task_comment", grants="SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("task_comment")
