"""A member may choose the language and region of their own pages."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    op.add_column("member", sa.Column("locale", sa.String(12)))


def downgrade() -> None:
    op.drop_column("member", "locale")
