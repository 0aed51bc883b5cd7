"""A unit of work begins in one statement: whose rows, how long, and how the tenant stands.

Two statements in one function: the tenant's rows are read after the setting by which row-level
security lets them be seen.
"""

from alembic import op

revision = "0043"
down_revision = "0042"

SIGNATURE = "begin_unit_of_work(tenant_id text, statement text, lock text, idle text)"


def upgrade() -> None:
    # Runs as its caller, who may set and read all this anyway; names are qualified instead of a
    # pinned search_path, which would end the settings with the function.
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE (status text, at timestamptz)"
        " LANGUAGE plpgsql VOLATILE AS $$ BEGIN"
        " PERFORM pg_catalog.set_config('app.tenant_id', $1, true),"
        " pg_catalog.set_config('statement_timeout', $2, true),"
        " pg_catalog.set_config('lock_timeout', $3, true),"
        " pg_catalog.set_config('idle_in_transaction_session_timeout', $4, true);"
        " RETURN QUERY SELECT t.status::text, c.at FROM public.tenant t"
        " JOIN public.tenant_clock c ON c.tenant_id = t.id WHERE t.id = $1; END $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO wareflow_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
