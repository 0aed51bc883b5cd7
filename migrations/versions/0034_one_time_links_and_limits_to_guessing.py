"""One-time links that were mailed, and how often signing in failed."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "one_time_link",
        *tenant_owned(identity()),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("member_id", sa.String(40), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("spent_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_one_time_link"),
        sa.UniqueConstraint(
            "tenant_id", "token_hash", name="uq_one_time_link_tenant_id_token_hash"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"], ["member.tenant_id", "member.id"],
            name="fk_one_time_link_tenant_id_member_id",
        ),
        sa.CheckConstraint(
            "purpose IN ('invitation','password_reset')", name="ck_one_time_link_purpose"
        ),
    )  # fmt: skip
    columns = ["tenant_id", "member_id", "purpose"]
    op.create_index("ix_one_time_link_member", "one_time_link", columns)
    enclose("one_time_link", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "sign_in_throttle",
        *tenant_owned(identity()),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("blocked_until", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sign_in_throttle"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_sign_in_throttle_tenant_id_key"),
    )
    # Those that have been quiet for longest, to be forgotten.
    op.create_index("ix_sign_in_throttle_quiet", "sign_in_throttle", ["tenant_id", "last_at", "id"])
    enclose("sign_in_throttle")


def downgrade() -> None:
    op.drop_table("sign_in_throttle")
    op.drop_table("one_time_link")
