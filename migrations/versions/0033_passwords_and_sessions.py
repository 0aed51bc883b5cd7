"""Passwords and sessions of members, both stored as hashes."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0033"
down_revision = "0032"

MEMBER = (["tenant_id", "member_id"], ["member.tenant_id", "member.id"])


def upgrade() -> None:
    op.create_table(
        "password",
        *tenant_owned(identity("member_id")),
        sa.Column("hash", sa.String(200), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", name="pk_password"),
        sa.ForeignKeyConstraint(*MEMBER, name="fk_password_tenant_id_member_id"),
    )
    enclose("password", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "member_session",
        *tenant_owned(identity()),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("member_id", sa.String(40), nullable=False),
        sa.Column("strength", sa.String(20), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("network", sa.String(20), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("end_reason", sa.String(40)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_member_session"),
        sa.UniqueConstraint(
            "tenant_id", "token_hash", name="uq_member_session_tenant_id_token_hash"
        ),
        sa.ForeignKeyConstraint(*MEMBER, name="fk_member_session_tenant_id_member_id"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)",
            name="ck_member_session_ends_for_a_reason",
        ),
    )
    # The sessions of one member, newest last.
    columns = ["tenant_id", "member_id", "started_at"]
    op.create_index("ix_member_session_member", "member_session", columns)
    enclose("member_session")


def downgrade() -> None:
    op.drop_table("member_session")
    op.drop_table("password")
