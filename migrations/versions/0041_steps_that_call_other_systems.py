"""Steps know what they sent and when; what failed too often is parked for a person.

Expand step: new columns are nullable or have a default, so the code now running keeps working.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT
from migrations.walls import claimable, no_longer_claimable

revision = "0041"
down_revision = "0040"

STEP_STATES = "'waiting','done','failed','withdrawn'"
TIMER_STATES = "'waiting','fired','cleared'"


def _let_states_be(steps: str, timers: str) -> None:
    for table, states in (("run_step", steps), ("run_timer", timers)):
        op.drop_constraint(f"ck_{table}_state", table)
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, f"state IN ({states})")


def _claim_steps_in(waits: str) -> None:
    no_longer_claimable("run_step")
    op.drop_index("ix_run_step_due", "run_step")
    op.create_index("ix_run_step_due", "run_step", ["next_at"], postgresql_where=sa.text(waits))
    claimable("run_step", "run_step", waits.replace("state", "r.state"))


def upgrade() -> None:
    for column in (
        sa.Column("timeout_seconds", sa.Integer),
        sa.Column("compensates", sa.String(80)),
        sa.Column("request", JSONB),
        sa.Column("first_sent_at", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("call_ends_at", INSTANT),
        sa.Column("losses", sa.Integer, nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("run_step", column)
    _let_states_be(f"{STEP_STATES},'abandoned','doubtful','parked'", f"{TIMER_STATES},'parked'")
    _claim_steps_in("state IN ('waiting','abandoned')")


def downgrade() -> None:
    _claim_steps_in("state = 'waiting'")
    _let_states_be(STEP_STATES, TIMER_STATES)
    for name in ("losses", "call_ends_at", "sent_at", "first_sent_at", "request", "compensates"):
        op.drop_column("run_step", name)
    op.drop_column("run_step", "timeout_seconds")
