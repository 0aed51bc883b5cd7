"""Members of a tenant."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0030"
down_revision = "0029"

STATUSES = "status IN ('invited','active','deactivated')"
DENSITIES = "density IN ('standard','compact','comfortable')"


def upgrade() -> None:
    op.create_table(
        "member",
        *tenant_owned(identity()),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_folded", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_folded", sa.String(300), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("manager_id", sa.String(40)),
        sa.Column("theme", sa.String(10), nullable=False),
        sa.Column("density", sa.String(12), nullable=False),
        sa.Column("single_keys", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("deactivated_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_member"),
        sa.UniqueConstraint("tenant_id", "email_folded", name="uq_member_tenant_id_email_folded"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "manager_id"], ["member.tenant_id", "member.id"],
            name="fk_member_tenant_id_manager_id",
        ),
        sa.CheckConstraint(STATUSES, name="ck_member_status"),
        sa.CheckConstraint(
            "(status = 'deactivated') = (deactivated_at IS NOT NULL)", name="ck_member_dated"
        ),
        sa.CheckConstraint("theme IN ('system','light','dark')", name="ck_member_theme"),
        sa.CheckConstraint(DENSITIES, name="ck_member_density"),
        sa.CheckConstraint("manager_id <> id", name="ck_member_nobody_reports_to_oneself"),
    )  # fmt: skip
    # The member list in its order; and who reports to somebody.
    op.create_index("ix_member_by_name", "member", ["tenant_id", "name_folded", "id"])
    op.create_index("ix_member_manager", "member", ["tenant_id", "manager_id"])
    enclose("member", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("member")
