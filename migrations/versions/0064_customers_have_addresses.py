"""Customers can be written to, where their channel says how."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    op.add_column("customer", sa.Column("email", sa.String(254)))


def downgrade() -> None:
    op.drop_column("customer", "email")
