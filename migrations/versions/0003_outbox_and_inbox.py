"""Events on their way out, and the proof that each consumer's effect is committed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0003"
down_revision = "0002"

READ = ["tenant_id", "id", "settled_at", "next_at", "lease_until", "fence"]


def upgrade() -> None:
    op.create_table(
        "outbox",
        *tenant_owned(identity()),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("on_behalf_of", sa.String(80)),
        sa.Column("request_id", sa.String(40)),
        sa.Column("data", JSONB, nullable=False),
        sa.Column(
            "written_in",
            sa.BigInteger,
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("settled_at", INSTANT),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_outbox"),
    )
    # The feed of /api/events, in an order that is safe against late commits.
    op.create_index("ix_outbox_feed", "outbox", ["tenant_id", "written_in", "id"])
    # What claim_outbox takes.
    waiting = sa.text("settled_at IS NULL")
    op.create_index("ix_outbox_due", "outbox", ["next_at"], postgresql_where=waiting)
    op.create_table(
        "inbox",
        *tenant_owned(identity("consumer", 60), identity("message_id")),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "consumer", "message_id", name="pk_inbox"),
    )
    enclose("outbox", grants="SELECT, INSERT, UPDATE")
    enclose("inbox", grants="SELECT, INSERT")
    let_scheduler("outbox", read=READ, write=["lease_until", "fence"])
    claimable("outbox", "outbox", "r.settled_at IS NULL")


def downgrade() -> None:
    no_longer_claimable("outbox")
    op.drop_table("inbox")
    op.drop_table("outbox")
