"""A command begins in one statement: its turn, and what was answered before.

Two statements in one function: the record is looked for with what is visible after the wait.
"""

from alembic import op

revision = "0056"
down_revision = "0055"

SIGNATURE = "begin_command(turn bigint, command_key text)"


def upgrade() -> None:
    # Runs as its caller, under the caller's row-level security.
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE (fingerprint text, answer jsonb)"
        " LANGUAGE plpgsql VOLATILE AS $$ BEGIN"
        " PERFORM pg_catalog.pg_advisory_xact_lock($1);"
        " RETURN QUERY SELECT r.fingerprint::text, r.answer FROM public.command_record r"
        " WHERE r.tenant_id = pg_catalog.current_setting('app.tenant_id', true) AND r.key = $2;"
        " END $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO wareflow_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
