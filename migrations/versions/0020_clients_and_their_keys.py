"""API clients, their secrets and grants, and the keys that sign a tenant's tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0020"
down_revision = "0019"

LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "oauth_client",
        *tenant_owned(identity()),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_oauth_client"),
        sa.CheckConstraint("status IN ('active','suspended')", name="ck_oauth_client_status"),
    )
    _of_client("client_secret", sa.Column("secret_hash", sa.String(64), nullable=False), "created")
    _of_client("oauth_grant", sa.Column("scopes", JSONB, nullable=False), "granted")
    columns = ["tenant_id", "client_id"]
    op.create_index("ix_client_secret_active", "client_secret", columns, postgresql_where=LIVE)
    op.create_index(
        "ix_oauth_grant_live", "oauth_grant", columns, unique=True, postgresql_where=LIVE
    )
    op.create_table(
        "signing_key",
        *tenant_owned(identity()),
        sa.Column("public_jwk", JSONB, nullable=False),
        sa.Column("private_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_signing_key"),
    )
    present = sa.text("retired_at IS NULL")
    op.create_index(
        "ix_signing_key_present",
        "signing_key",
        ["tenant_id"],
        unique=True,
        postgresql_where=present,
    )
    for table in ("oauth_client", "client_secret", "oauth_grant", "signing_key"):
        enclose(table, grants="SELECT, INSERT, UPDATE")


def _of_client(table: str, what: sa.Column[object], since: str) -> None:
    op.create_table(
        table,
        *tenant_owned(identity()),
        sa.Column("client_id", sa.String(40), nullable=False),
        what,
        sa.Column(f"{since}_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_client.tenant_id", "oauth_client.id"],
            name=f"fk_{table}_tenant_id_client_id",
        ),
    )


def downgrade() -> None:
    for table in ("signing_key", "oauth_grant", "client_secret", "oauth_client"):
        op.drop_table(table)
