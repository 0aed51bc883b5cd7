"""Reservations whose time is up are claimed by any worker. Expands only."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT
from migrations.walls import claimable, let_scheduler, no_longer_claimable

revision = "0040"
down_revision = "0039"

READ = ["tenant_id", "id", "state", "expires_at", "next_at", "lease_until", "fence"]
WAITS = "r.state = 'active' AND r.expires_at IS NOT NULL"


def upgrade() -> None:
    table = "reservation"
    op.add_column(table, sa.Column("next_at", INSTANT))
    op.add_column(table, sa.Column("lease_until", INSTANT))
    for counter in ("fence", "attempts"):
        # With a default for the rows that are there, and for code that does not know it yet.
        zero = sa.Column(counter, sa.Integer, nullable=False, server_default="0")
        op.add_column(table, zero)
    op.add_column(table, sa.Column("last_error", sa.Text))
    # What claim_reservation takes, and when a tenant's next hold ends.
    active = sa.text("state = 'active'")
    op.create_index(
        "ix_reservation_ends", table, ["tenant_id", "expires_at"], postgresql_where=active
    )
    let_scheduler(table, read=READ, write=["lease_until", "fence"])
    claimable(table, table, WAITS, due_at="r.expires_at")


def downgrade() -> None:
    no_longer_claimable("reservation")
    op.execute("DROP POLICY scheduler_sees_all ON reservation")
    op.execute("REVOKE ALL ON reservation FROM wareflow_scheduler")
    op.drop_index("ix_reservation_ends", "reservation")
    for column in ("last_error", "attempts", "fence", "lease_until", "next_at"):
        op.drop_column("reservation", column)
