"""Steps of runs, leased to workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "run_step",
        *tenant_owned(identity()),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("invoke_id", sa.String(80), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("input", JSONB, nullable=False),
        sa.Column("retry", JSONB),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("result", JSONB),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_run_step"),
        sa.CheckConstraint(
            "state IN ('waiting','done','failed','withdrawn')", name="ck_run_step_state"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["run.tenant_id", "run.id"],
            name="fk_run_step_tenant_id_run_id",
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "run_id",
            "invoke_id",
            "epoch",
            name="uq_run_step_tenant_id_run_id_invoke_id_epoch",
        ),
    )
    op.create_index(
        "ix_run_step_due", "run_step", ["next_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    enclose("run_step", grants="SELECT, INSERT, UPDATE")
    read = ["tenant_id", "id", "next_at", "lease_until", "fence", "state"]
    let_scheduler("run_step", read=read, write=["lease_until", "fence"])
    claimable("run_step", "run_step", "r.state = 'waiting'")


def downgrade() -> None:
    no_longer_claimable("run_step")
    op.drop_table("run_step")
