"""Answers kept by idempotency key, in the transaction of the effect."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "idempotency_record",
        *tenant_owned(identity("client_id", 80), identity("key", 255)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "key", name="pk_idempotency_record"),
    )
    enclose("idempotency_record", grants="SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("idempotency_record")
