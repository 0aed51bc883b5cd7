"""A member may answer for another one, for a while or for one task."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0079"
down_revision = "0078"

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "delegation",
        *tenant_owned(identity()),
        sa.Column("of_id", sa.String(40), nullable=False),
        sa.Column("to_id", sa.String(40), nullable=False),
        sa.Column("task_id", sa.String(40)),
        sa.Column("absence", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.String(80)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_delegation"),
        points_to("delegation", ["task_id"], "task"),
        sa.CheckConstraint("of_id <> to_id", name="ck_delegation_two_people"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_delegation_begins_first"),
        sa.CheckConstraint(
            "task_id IS NULL OR NOT absence", name="ck_delegation_one_task_is_no_absence"
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name="ck_delegation_ended_by_somebody"
        ),
    )
    own = ["tenant_id", "ends_at"]
    op.create_index("ix_delegation_open", "delegation", own, postgresql_where=OPEN)
    for column in ("of_id", "to_id"):
        name = f"ix_delegation_{column.removesuffix('_id')}"
        op.create_index(name, "delegation", ["tenant_id", column, "id"])
    op.create_index("ix_delegation_task", "delegation", ["tenant_id", "task_id"])
    enclose("delegation")


def downgrade() -> None:
    op.drop_table("delegation")
