"""The definitions that have living runs are found without reading the runs."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.create_index(
        "ix_run_living",
        "run",
        ["tenant_id", "definition_id"],
        postgresql_where=sa.text("state <> 'finished'"),
    )


def downgrade() -> None:
    op.drop_index("ix_run_living", "run")
