"""Problems that need a person: kind, subject, cause, owner and deadline."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "exception_case",
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("owner_id", sa.String(80)),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT),
        sa.Column("resolution", sa.Text),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_exception_case"),
        sa.CheckConstraint(
            "severity IN ('low','normal','high')", name="ck_exception_case_severity"
        ),
        sa.CheckConstraint("state IN ('open','resolved')", name="ck_exception_case_state"),
    )
    # The work list of exceptions, and the open case of one subject.
    opened = ["tenant_id", "state", "due_at", "id"]
    op.create_index("ix_exception_case_open", "exception_case", opened)
    subject = ["tenant_id", "subject_kind", "subject_id"]
    op.create_index("ix_exception_case_subject", "exception_case", subject)
    enclose("exception_case", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("exception_case")
