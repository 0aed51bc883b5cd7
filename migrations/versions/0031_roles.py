"""Roles and which member holds which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import identity, tenant_owned
from migrations.walls import enclose

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "role",
        *tenant_owned(identity()),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("permissions", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_role"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_role_tenant_id_key"),
    )
    enclose("role")
    op.create_table(
        "member_role",
        *tenant_owned(identity()),
        sa.Column("member_id", sa.String(40), nullable=False),
        sa.Column("role_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_member_role"),
        sa.UniqueConstraint(
            "tenant_id", "member_id", "role_id", name="uq_member_role_tenant_id_member_id_role_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"], ["member.tenant_id", "member.id"],
            name="fk_member_role_tenant_id_member_id",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"], ["role.tenant_id", "role.id"],
            name="fk_member_role_tenant_id_role_id",
        ),
    )  # fmt: skip
    # Who holds a role: the candidates of an approval.
    op.create_index("ix_member_role_role", "member_role", ["tenant_id", "role_id", "member_id"])
    enclose("member_role")


def downgrade() -> None:
    op.drop_table("member_role")
    op.drop_table("role")
