"""The audit log: added to by the app, put in order by the sequencer, changed by nobody."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, identity, tenant_owned
from migrations.walls import enclose

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        *tenant_owned(identity()),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("on_behalf_of", sa.String(80)),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("request_id", sa.String(40)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_audit_entry"),
    )
    # The trail of one thing, and everything one actor did.
    subject = ["tenant_id", "subject_kind", "subject_id", "id"]
    op.create_index("ix_audit_entry_subject", "audit_entry", subject)
    op.create_index("ix_audit_entry_actor", "audit_entry", ["tenant_id", "actor_id", "id"])
    op.create_table(
        "audit_pending",
        *tenant_owned(identity("entry_id")),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name="pk_audit_pending"),
    )
    enclose("audit_entry", grants="SELECT, INSERT")
    enclose("audit_pending", grants="SELECT, INSERT")
    op.execute("CREATE POLICY sequencer_takes ON audit_pending TO wareflow_sequencer USING (true)")
    op.execute("GRANT SELECT, DELETE ON audit_pending TO wareflow_sequencer")
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("audit_pending")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION refuse_change()")
