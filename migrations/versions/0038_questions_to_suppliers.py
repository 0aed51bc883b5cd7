"""What suppliers were asked, and what a simulated one will say later."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, lease, points_to, tenant_owned
from migrations.walls import claimable, enclose, let_scheduler, no_longer_claimable

revision = "0038"
down_revision = "0037"

READ = ["tenant_id", "id", "state", "due_at", "next_at", "lease_until", "fence"]
STATES = "state IN ('asked','confirmed','rejected','withdrawn')"
KINDS = "kind IN ('reply','acknowledgement','delivery')"


def upgrade() -> None:
    request, answer = "supplier_request", "scheduled_answer"
    op.create_table(
        request,
        *tenant_owned(identity()),
        identity("supplier_id"),
        identity("sku_id"),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("order_line_id", sa.String(40)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expected_at", INSTANT, nullable=False),
        sa.Column("eta_at", INSTANT),
        sa.Column("answered_at", INSTANT),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{request}"),
        points_to(request, ["supplier_id"], "supplier"),
        points_to(request, ["sku_id"], "sku"),
        sa.CheckConstraint("quantity > 0", name=f"ck_{request}_quantity_positive"),
        sa.CheckConstraint(STATES, name=f"ck_{request}_state"),
        sa.CheckConstraint(
            "(state = 'confirmed') = (eta_at IS NOT NULL)", name=f"ck_{request}_confirms_a_date"
        ),
    )
    # What was asked for a customer's line.
    op.create_index("ix_supplier_request_line", request, ["tenant_id", "order_line_id", "id"])
    op.create_table(
        answer,
        *tenant_owned(identity()),
        sa.Column("kind", sa.String(20), nullable=False),
        identity("subject_id"),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *lease(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{answer}"),
        sa.CheckConstraint(KINDS, name=f"ck_{answer}_kind"),
        sa.CheckConstraint("state IN ('waiting','done','parked')", name=f"ck_{answer}_state"),
    )
    # What claim_scheduled_answer takes, and when a tenant's next answer is due.
    waits, due = sa.text("state = 'waiting'"), ["tenant_id", "due_at"]
    op.create_index("ix_scheduled_answer_due", answer, due, postgresql_where=waits)
    enclose(request, grants="SELECT, INSERT, UPDATE")
    enclose(answer, grants="SELECT, INSERT, UPDATE")
    let_scheduler(answer, read=READ, write=["lease_until", "fence"])
    claimable(answer, answer, "r.state = 'waiting'", due_at="r.due_at")


def downgrade() -> None:
    no_longer_claimable("scheduled_answer")
    op.drop_table("scheduled_answer")
    op.drop_table("supplier_request")
