"""Who runs a new account may put its checklist away."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    op.add_column("member", sa.Column("first_steps_dismissed_at", INSTANT))


def downgrade() -> None:
    op.drop_column("member", "first_steps_dismissed_at")
