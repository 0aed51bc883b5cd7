"""The directory of tenants and the business time of each.

Every tenant may be looked up, because an address names it before anybody has signed in; only the
tenant itself may be written, and the clock is seen by its owner and by the scheduler.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import INSTANT, tenant_owned
from migrations.walls import enclose, let_scheduler

revision = "0001"
down_revision = None

STATUSES = "status IN ('provisioning','active','suspended','closing','erased')"
OWN = "id = nullif(current_setting('app.tenant_id', true), '')"


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO wareflow_app, wareflow_scheduler")
    op.execute("GRANT USAGE ON SCHEMA public TO wareflow_sequencer")
    op.execute("GRANT SELECT ON alembic_version TO wareflow_app")
    op.create_table(
        "tenant",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
        sa.UniqueConstraint("slug", name="uq_tenant_slug"),
        sa.CheckConstraint(STATUSES, name="ck_tenant_status"),
        sa.CheckConstraint("mode IN ('live','sandbox')", name="ck_tenant_mode"),
    )
    op.execute("ALTER TABLE tenant ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenant FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY anyone_looks_up ON tenant FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY own_is_made ON tenant FOR INSERT TO wareflow_app WITH CHECK ({OWN})")
    op.execute(f"CREATE POLICY own_is_changed ON tenant FOR UPDATE TO wareflow_app USING ({OWN})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON tenant TO wareflow_app")
    op.execute("GRANT SELECT (id, status) ON tenant TO wareflow_scheduler")
    op.create_table(
        "tenant_clock",
        *tenant_owned(),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenant_clock"),
        sa.CheckConstraint("mode IN ('real','virtual')", name="ck_tenant_clock_mode"),
        sa.CheckConstraint(
            "(mode = 'virtual') = (at IS NOT NULL)", name="ck_tenant_clock_virtual_has_a_time"
        ),
    )
    enclose("tenant_clock", grants="SELECT, INSERT, UPDATE")
    let_scheduler("tenant_clock", read=["tenant_id", "at"], write=[])
    op.execute(
        "CREATE FUNCTION business_now(tenant text) RETURNS timestamptz LANGUAGE sql STABLE"
        " SET search_path = pg_catalog, public AS $$ SELECT coalesce("
        "(SELECT at FROM tenant_clock WHERE tenant_id = tenant), clock_timestamp()) $$"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION business_now(text)")
    op.drop_table("tenant_clock")
    op.drop_table("tenant")
    op.execute("REVOKE SELECT ON alembic_version FROM wareflow_app")
