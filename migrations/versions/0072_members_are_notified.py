"""Members are told of what concerns them, and say of which kinds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0072"
down_revision = "0071"

MEMBER = (["tenant_id", "member_id"], ["member.tenant_id", "member.id"])


def upgrade() -> None:
    op.create_table(
        "notification",
        *tenant_owned(identity()),
        sa.Column("member_id", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_notification"),
        sa.CheckConstraint(
            "kind IN ('asked','decided','problem','held')", name="ck_notification_kind"
        ),
        sa.ForeignKeyConstraint(*MEMBER, name="fk_notification_tenant_id_member_id"),
        # One for each event and member, whoever delivers it again.
        sa.UniqueConstraint(
            "tenant_id",
            "member_id",
            "event_id",
            name="uq_notification_tenant_id_member_id_event_id",
        ),
    )
    own = ["tenant_id", "member_id"]
    op.create_index("ix_notification_newest", "notification", [*own, "made_at", "id"])
    # The number on the bell of every page.
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_notification_unread", "notification", own, postgresql_where=unread)
    enclose("notification")
    _make_preferences()


def _make_preferences() -> None:
    op.create_table(
        "notification_preference",
        *tenant_owned(identity()),
        sa.Column("member_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_notification_preference"),
        sa.CheckConstraint("channel IN ('portal')", name="ck_notification_preference_channel"),
        sa.ForeignKeyConstraint(*MEMBER, name="fk_notification_preference_tenant_id_member_id"),
        sa.UniqueConstraint(
            "tenant_id",
            "member_id",
            "kind",
            "channel",
            name="uq_notification_preference_tenant_id_member_id_kind_channel",
        ),
    )
    enclose("notification_preference")


def downgrade() -> None:
    op.drop_table("notification_preference")
    op.drop_table("notification")
