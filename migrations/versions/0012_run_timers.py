"""Timers of runs, due by the business time of their tenant."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "run_timer",
        *tenant_owned(identity()),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("timer_id", sa.String(120), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_run_timer"),
        sa.CheckConstraint("state IN ('waiting','fired','cleared')", name="ck_run_timer_state"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["run.tenant_id", "run.id"],
            name="fk_run_timer_tenant_id_run_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "run_id", "timer_id", name="uq_run_timer_tenant_id_run_id_timer_id"
        ),
    )
    op.create_index(
        "ix_run_timer_due", "run_timer", ["due_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    enclose("run_timer", grants="SELECT, INSERT, UPDATE")
    read = ["tenant_id", "id", "next_at", "lease_until", "fence", "state", "due_at"]
    let_scheduler("run_timer", read=read, write=["lease_until", "fence"])
    claimable("run_timer", "run_timer", "r.state = 'waiting'", due_at="r.due_at")


def downgrade() -> None:
    no_longer_claimable("run_timer")
    op.drop_table("run_timer")
