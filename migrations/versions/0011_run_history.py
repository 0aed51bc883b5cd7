"""What runs did, append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "run_history",
        *tenant_owned(identity("run_id")),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", sa.String(160), nullable=False),
        sa.Column("disposition", sa.String(12), nullable=False),
        sa.Column("states", JSONB, nullable=False),
        sa.Column("trace", JSONB, nullable=False),
        sa.Column("effects", JSONB, nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name="pk_run_history"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["run.tenant_id", "run.id"],
            name="fk_run_history_tenant_id_run_id",
        ),
    )
    enclose("run_history", grants="SELECT, INSERT")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON run_history"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("run_history")
