"""Members are told when somebody stands in for them, and when they stand in for somebody."""

from alembic import op

revision = "0080"
down_revision = "0079"

NAME = "ck_notification_kind"
BEFORE = "kind IN ('asked','decided','problem','held')"
NOW = "kind IN ('asked','decided','problem','held','standing_in')"


def upgrade() -> None:
    op.drop_constraint(NAME, "notification")
    op.create_check_constraint(NAME, "notification", NOW)


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE kind = 'standing_in'")
    op.drop_constraint(NAME, "notification")
    op.create_check_constraint(NAME, "notification", BEFORE)
