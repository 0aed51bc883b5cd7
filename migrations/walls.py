"""What every migration says of a tenant's table: who may see which rows, and do what to them."""

from collections.abc import Sequence

from alembic import op

OWN = "tenant_id = nullif(current_setting('app.tenant_id', true), '')"


def enclose(table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Put a tenant-owned table behind forced row-level security and grant it to the app."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant_sees_own ON {table} TO wareflow_app USING ({OWN}) WITH CHECK ({OWN})"
    )
    op.execute(f"GRANT {grants} ON {table} TO wareflow_app")


def let_scheduler(table: str, *, read: Sequence[str], write: Sequence[str]) -> None:
    """Let the scheduler see the named columns of every tenant's rows, and write the leases."""
    op.execute(f"CREATE POLICY scheduler_sees_all ON {table} TO wareflow_scheduler USING (true)")
    op.execute(f"GRANT SELECT ({', '.join(read)}) ON {table} TO wareflow_scheduler")
    if write:
        op.execute(f"GRANT UPDATE ({', '.join(write)}) ON {table} TO wareflow_scheduler")


def scheduler_function(signature: str, returns: str, body: str) -> None:
    """Create a function that runs as the scheduler, callable by the app alone.

    Owned by the scheduler, not by the tables' owner, who sees nothing under FORCE; with a pinned
    search_path, so that nobody can slip other tables under it.
    """
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql VOLATILE SECURITY DEFINER"
        f" SET search_path = pg_catalog, public AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO wareflow_app")
    # A new owner needs CREATE on the schema for the moment of the hand-over.
    op.execute("GRANT CREATE ON SCHEMA public TO wareflow_scheduler")
    op.execute(f"ALTER FUNCTION {signature} OWNER TO wareflow_scheduler")
    op.execute("REVOKE CREATE ON SCHEMA public FROM wareflow_scheduler")


def drop_scheduler_function(signature: str) -> None:
    """Drop what `scheduler_function` created."""
    op.execute("SET LOCAL ROLE wareflow_scheduler")
    op.execute(f"DROP FUNCTION {signature}")
    op.execute("RESET ROLE")


def claimable(table: str, name: str, waits: str, *, due_at: str | None = None) -> None:
    """Create `claim_<name>` and `due_<name>` over a table with the columns of a lease.

    `waits` is the condition on a row `r` that is not done; `due_at` an instant of the tenant's
    business time before which it is not due. Suspended tenants' work stays where it is.
    """
    clock = ""
    if due_at is not None:
        # Joined, not asked by business_now(): a function with a pinned path is called per row.
        clock = (
            " JOIN tenant_clock c ON c.tenant_id = r.tenant_id"
            f" AND {due_at} <= coalesce(c.at, clock_timestamp())"
        )
    due = (
        f"FROM {table} r JOIN tenant t ON t.id = r.tenant_id AND t.status = 'active'{clock}"
        f" WHERE ({waits}) AND (r.next_at IS NULL OR r.next_at <= clock_timestamp())"
        " AND (r.lease_until IS NULL OR r.lease_until < clock_timestamp())"
    )
    order = "r.next_at NULLS FIRST" if due_at is None else due_at
    scheduler_function(
        f"claim_{name}(most integer, lease_seconds integer)",
        "TABLE (tenant_id text, id text, fence integer)",
        f"""
        UPDATE {table} AS held
        SET lease_until = clock_timestamp() + make_interval(secs => lease_seconds),
            fence = held.fence + 1
        FROM (SELECT r.tenant_id, r.id {due}
              ORDER BY {order}, r.id LIMIT most FOR UPDATE OF r SKIP LOCKED) AS due
        WHERE held.tenant_id = due.tenant_id AND held.id = due.id
        RETURNING held.tenant_id::text, held.id::text, held.fence
        """,
    )
    scheduler_function(
        f"due_{name}()",
        "bigint",
        f"SELECT count(*) FROM (SELECT 1 {due} LIMIT 500) AS waiting",
    )


def no_longer_claimable(name: str) -> None:
    """Drop what `claimable` created."""
    drop_scheduler_function(f"claim_{name}(integer, integer)")
    drop_scheduler_function(f"due_{name}()")
