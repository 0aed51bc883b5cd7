"""Secrets that sign messages to endpoints of other systems, sealed."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0077"
down_revision = "0076"

SECRET = "webhook_secret"


def upgrade() -> None:
    op.create_table(
        SECRET,
        *tenant_owned(identity()),
        identity("endpoint_id"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{SECRET}"),
        points_to(SECRET, ["endpoint_id"], "webhook_endpoint"),
    )
    at = ["tenant_id", "endpoint_id", "created_at"]
    op.create_index(f"ix_{SECRET}_tenant_id_endpoint_id_created_at", SECRET, at)
    enclose(SECRET)


def downgrade() -> None:
    op.drop_table(SECRET)
