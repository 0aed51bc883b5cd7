"""Settings by scope, with locks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import identity, tenant_owned
from migrations.walls import enclose

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "setting",
        *tenant_owned(identity("scope_id"), identity("key", 100)),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope_id", "key", name="pk_setting"),
    )
    enclose("setting")


def downgrade() -> None:
    op.drop_table("setting")
