"""The limits that the operator has set for single tenants."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import identity, tenant_owned
from migrations.walls import enclose

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    op.create_table(
        "tenant_quota",
        *tenant_owned(identity("name")),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name="pk_tenant_quota"),
    )
    enclose("tenant_quota")


def downgrade() -> None:
    op.drop_table("tenant_quota")
