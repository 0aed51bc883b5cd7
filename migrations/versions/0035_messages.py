"""Messages to people, as rendered, with what became of each."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "message",
        *tenant_owned(identity()),
        sa.Column("to_address", sa.String(254), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_message"),
        sa.CheckConstraint("state IN ('waiting','sent','kept')", name="ck_message_state"),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name="ck_message_sent_has_a_time"
        ),
    )
    # The operator's list, newest first.
    op.create_index("ix_message_made", "message", ["tenant_id", "made_at", "id"])
    enclose("message", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("message")
