"""The index of open runs (0054) serves what that of living ones (0057) was made for."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    op.drop_index("ix_run_living", "run")


def downgrade() -> None:
    op.create_index(
        "ix_run_living",
        "run",
        ["tenant_id", "definition_id"],
        postgresql_where=sa.text("state <> 'finished'"),
    )
