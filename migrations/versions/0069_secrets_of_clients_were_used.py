"""A client's secret says when it was last used: only then can an old one be let go safely."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.add_column("client_secret", sa.Column("used_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("client_secret", "used_at")
