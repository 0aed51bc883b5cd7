"""Endpoints of other systems to which events are sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable, work_quickly

revision = "0075"
down_revision = "0074"

ENDPOINT = "webhook_endpoint"
READ = ["tenant_id", "id", "state", "has_work", "next_at", "lease_until", "fence"]


def upgrade() -> None:
    op.create_table(
        ENDPOINT,
        *tenant_owned(identity()),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("event_types", JSONB, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("disabled_because", sa.String(10)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("proven_at", INSTANT),
        sa.Column("has_work", sa.Boolean, nullable=False),
        *(sa.Column(n, INSTANT) for n in ("rests_until", "failing_since", "succeeded_at")),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{ENDPOINT}"),
        *(
            sa.CheckConstraint(condition, name=f"ck_{ENDPOINT}_{name}")
            for name, condition in (
                ("state", "state IN ('unproven','enabled','disabled','removed')"),
                (
                    "disabled_for_a_reason",
                    "(state = 'disabled') = (disabled_because IS NOT NULL)",
                ),
                ("enabled_is_proven", "state <> 'enabled' OR proven_at IS NOT NULL"),
            )
        ),
    )
    own, works = ["tenant_id", "next_at", "id"], sa.text("has_work")
    op.create_index(f"ix_{ENDPOINT}_due", ENDPOINT, own, postgresql_where=works)
    # Asked for every event there is: mostly empty.
    on = sa.text("state = 'enabled'")
    op.create_index(f"ix_{ENDPOINT}_enabled", ENDPOINT, ["tenant_id", "id"], postgresql_where=on)
    enclose(ENDPOINT, grants="SELECT, INSERT, UPDATE")
    let_scheduler(ENDPOINT, read=READ, write=["lease_until", "fence"])
    claimable(ENDPOINT, ENDPOINT, "r.has_work AND r.state IN ('unproven','enabled')")
    work_quickly(f"^(claim|due)_{ENDPOINT}$")


def downgrade() -> None:
    no_longer_claimable(ENDPOINT)
    op.drop_table(ENDPOINT)
