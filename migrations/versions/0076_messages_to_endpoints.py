"""Messages to endpoints of other systems, and each attempt to send one."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0076"
down_revision = "0075"

DELIVERY, ATTEMPT, ENDPOINT = "webhook_delivery", "webhook_attempt", "webhook_endpoint"
STATES = "state IN ('waiting','taken','given_up')"
DUE = "(state = 'waiting') = (due_at IS NOT NULL)"
VERDICTS = "verdict IN ('taken','failed','gone')"


def upgrade() -> None:
    op.create_table(
        DELIVERY,
        *tenant_owned(identity()),
        identity("endpoint_id"),
        identity("event_id"),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{DELIVERY}"),
        sa.CheckConstraint(STATES, name=f"ck_{DELIVERY}_state"),
        sa.CheckConstraint(DUE, name=f"ck_{DELIVERY}_waiting_is_due"),
        points_to(DELIVERY, ["endpoint_id"], ENDPOINT),
    )
    own, waits = ["tenant_id", "endpoint_id"], sa.text("state = 'waiting'")
    op.create_index(f"ix_{DELIVERY}_due", DELIVERY, [*own, "due_at", "id"], postgresql_where=waits)
    op.create_index(f"ix_{DELIVERY}_newest", DELIVERY, [*own, "made_at", "id"])
    enclose(DELIVERY)
    op.create_table(
        ATTEMPT,
        *tenant_owned(identity()),
        identity("endpoint_id"),
        sa.Column("delivery_id", sa.String(40)),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("told", sa.String(200), nullable=False),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{ATTEMPT}"),
        sa.CheckConstraint(VERDICTS, name=f"ck_{ATTEMPT}_verdict"),
        points_to(ATTEMPT, ["endpoint_id"], ENDPOINT),
        points_to(ATTEMPT, ["delivery_id"], DELIVERY),
    )
    op.create_index(f"ix_{ATTEMPT}_tenant_id_endpoint_id_at", ATTEMPT, [*own, "at"])
    of_delivery = ["tenant_id", "delivery_id", "at"]
    op.create_index(f"ix_{ATTEMPT}_tenant_id_delivery_id_at", ATTEMPT, of_delivery)
    enclose(ATTEMPT)


def downgrade() -> None:
    op.drop_table(ATTEMPT)
    op.drop_table(DELIVERY)
