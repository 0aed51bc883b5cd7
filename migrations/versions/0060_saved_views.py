"""People keep addresses of lists under names, for themselves or for everybody."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        *tenant_owned(identity()),
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_saved_view"),
        sa.UniqueConstraint(
            "tenant_id",
            "owner_id",
            "list",
            "name",
            name="uq_saved_view_tenant_id_owner_id_list_name",
        ),
    )
    # The views above a list.
    op.create_index("ix_saved_view_list", "saved_view", ["tenant_id", "list", "name", "id"])
    enclose("saved_view")


def downgrade() -> None:
    op.drop_table("saved_view")
