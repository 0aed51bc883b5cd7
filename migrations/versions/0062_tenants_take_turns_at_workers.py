"""Waiting work is claimed tenant after tenant, not by age alone.

One tenant's ten thousand events no longer stand before another's one. Timers and reservations
stay as they are: they are due at moments, and come together only where moments do. The functions
of before stay beside the new ones for the code of before.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import fairly_claimable, no_longer_fairly_claimable

revision = "0062"
down_revision = "0061"

WAITS = {
    "outbox": "settled_at IS NULL",
    "job": "state = 'waiting'",
    "run": "ready",
    "run_step": "state IN ('waiting','abandoned')",
}


def _index(table: str, columns: list[str]) -> None:
    name = "ix_run_ready" if table == "run" else f"ix_{table}_due"
    op.drop_index(name, table)
    op.create_index(name, table, columns, postgresql_where=sa.text(WAITS[table]))


def upgrade() -> None:
    for table, waits in WAITS.items():
        _index(table, ["tenant_id", "next_at", "id"])
        fairly_claimable(table, table, f"r.{waits}")


def downgrade() -> None:
    for table in WAITS:
        no_longer_fairly_claimable(table)
        _index(table, ["next_at"])
