"""Runs say in which states they stand, and the open ones of a definition are found.

Expand step: nullable, because a run says it when it next moves; until then its snapshot is read.
The index serves the counts on a chart and the list behind each.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.add_column("run", sa.Column("standing", JSONB))
    op.create_index(
        "ix_run_open",
        "run",
        ["tenant_id", "definition_id", "id"],
        postgresql_where=sa.text("state <> 'finished'"),
    )


def downgrade() -> None:
    op.drop_index("ix_run_open", "run")
    op.drop_column("run", "standing")
