"""The layout of a definition's chart is kept with its version."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, points_to, tenant_owned
from migrations.walls import enclose

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.create_table(
        "definition_layout",
        *tenant_owned(identity("definition_id")),
        sa.Column("drawn_for", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.Column("stored_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "definition_id", name="pk_definition_layout"),
        points_to("definition_layout", ["definition_id"], "definition_version"),
    )
    enclose("definition_layout", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("definition_layout")
