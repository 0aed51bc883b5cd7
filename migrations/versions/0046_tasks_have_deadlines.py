"""Tasks remind, escalate and expire; deadlines are fixed on the tenant's business calendars.

Expand step: new columns are nullable or have a default, so the code now running keeps working.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import identity, tenant_owned
from migrations.walls import enclose

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.add_column("run_timer", sa.Column("about", JSONB))
    for name in ("escalated", "missed"):
        empty = sa.text("'[]'")
        op.add_column("task", sa.Column(name, JSONB, nullable=False, server_default=empty))
    op.create_table(
        "business_calendar",
        *tenant_owned(identity("id", 80)),
        sa.Column("document", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_business_calendar"),
    )
    enclose("business_calendar", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("business_calendar")
    op.drop_column("task", "missed")
    op.drop_column("task", "escalated")
    op.drop_column("run_timer", "about")
