"""Commands that were answered, by key, and the numbers that people see."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "command_record",
        *tenant_owned(identity("key", 160)),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", JSONB, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name="pk_command_record"),
    )
    op.create_table(
        "number_series",
        *tenant_owned(identity("name")),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name="pk_number_series"),
    )
    enclose("command_record", grants="SELECT, INSERT")
    enclose("number_series", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("number_series")
    op.drop_table("command_record")
