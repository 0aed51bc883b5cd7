"""Published workflow definitions, and the events that start their runs."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "definition_version",
        *tenant_owned(identity()),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_definition_version"),
        sa.CheckConstraint("state IN ('published','retired')", name="ck_definition_version_state"),
        sa.UniqueConstraint("tenant_id", "hash", name="uq_definition_version_tenant_id_hash"),
        sa.UniqueConstraint(
            "tenant_id", "key", "number", name="uq_definition_version_tenant_id_key_number"
        ),
    )
    enclose("definition_version", grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "run_trigger",
        *tenant_owned(identity("definition_id"), identity("trigger_id", 80)),
        sa.Column("event", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "definition_id", "trigger_id", name="pk_run_trigger"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_id"],
            ["definition_version.tenant_id", "definition_version.id"],
            name="fk_run_trigger_tenant_id_definition_id",
        ),
    )
    op.create_index("ix_run_trigger_event", "run_trigger", ["tenant_id", "event"])
    enclose("run_trigger", grants="SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.drop_table("run_trigger")
    op.drop_table("definition_version")
