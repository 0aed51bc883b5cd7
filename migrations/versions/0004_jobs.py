"""Jobs: what is to be done after a commit, by any worker, as the actor who asked for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0004"
down_revision = "0003"

READ = ["tenant_id", "id", "state", "next_at", "lease_until", "fence"]


def upgrade() -> None:
    op.create_table(
        "job",
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_job"),
        sa.CheckConstraint("state IN ('waiting','done','parked')", name="ck_job_state"),
        sa.CheckConstraint("actor_id <> ''", name="ck_job_has_an_actor"),
    )
    # What claim_job takes.
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_job_due", "job", ["next_at"], postgresql_where=waiting)
    enclose("job", grants="SELECT, INSERT, UPDATE")
    let_scheduler("job", read=READ, write=["lease_until", "fence"])
    claimable("job", "job", "r.state = 'waiting'")


def downgrade() -> None:
    no_longer_claimable("job")
    op.drop_table("job")
