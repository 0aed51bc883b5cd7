"""Secrets that sign messages to endpoints of other systems, sealed."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0077"
down_revision = "0076"

TABLE = "webhook_secret"


def upgrade() -> None:
    op.create_table(
        TABLE,
        *tenant_owned(identity()),
        identity("endpoint_id"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{TABLE}"),
        points_to(TABLE, ["endpoint_id"], "webhook_endpoint"),
    )
    at = ["tenant_id", "endpoint_id", "created_at"]
    op.create_index(f"ix_{TABLE}_tenant_id_endpoint_id_created_at", TABLE, at)
    enclose(TABLE)


def downgrade() -> None:
    op.drop_table(TABLE)
