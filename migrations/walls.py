"""What every migration says of a tenant's table: who may see which rows, and do what to them."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

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


# Around the body of a claim, and of a count. A name that is both a column and part of the result
# is the column. A claim does not wait for the disk: what is done under it does, and takes the
# claim along; one that a crash of the database loses is as if it had never been made.
_CLAIM = (
    "#variable_conflict use_column\nBEGIN"
    " PERFORM pg_catalog.set_config('synchronous_commit', 'off', true);"
    " RETURN QUERY ",
    "; END",
)
_COUNT = ("BEGIN RETURN (", "); END")


def work_quickly(names: str) -> None:
    """Let claims and counts whose name fits a regular expression be planned once in a session.

    A function in SQL that changes role is planned anew in every call; one in PL/pgSQL keeps its
    plans, and makes them anew when the statistics of a table change.
    """
    for signature, returns, body in _functions(names, "sql"):
        begin, end = _around(returns)
        _replace(signature, returns, "plpgsql", f"{begin}{body}{end}")


def no_longer_quickly(names: str) -> None:
    """Undo `work_quickly`."""
    for signature, returns, body in _functions(names, "plpgsql"):
        begin, end = _around(returns)
        _replace(signature, returns, "sql", body.removeprefix(begin).removesuffix(end))


def _around(returns: str) -> tuple[str, str]:
    return _CLAIM if returns.startswith("TABLE") else _COUNT


def _functions(names: str, language: str) -> Sequence[tuple[str, str, str]]:
    found = op.get_bind().execute(
        text(
            "SELECT p.oid::regprocedure::text, p.proname, pg_get_function_arguments(p.oid),"
            " pg_get_function_result(p.oid), p.prosrc FROM pg_proc p"
            " JOIN pg_language l ON l.oid = p.prolang"
            " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
            " AND l.lanname = :language AND p.proname ~ :names ORDER BY 1"
        ),
        {"language": language, "names": names},
    )
    return [(f"{row.proname}({row[2]})", row[3], row.prosrc.strip()) for row in found]


def _replace(signature: str, returns: str, language: str, body: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO wareflow_scheduler")
    op.execute("SET LOCAL ROLE wareflow_scheduler")
    statement = (
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} VOLATILE"
        f" SECURITY DEFINER SET search_path = pg_catalog, public AS $body$ {body} $body$"
    )
    # As it stands: a cast in a body is no parameter.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM wareflow_scheduler")


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


_TAKING_TURNS = """
WITH RECURSIVE seen AS (
    (SELECT r.tenant_id FROM {table} r WHERE {waits} ORDER BY r.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tenant_id FROM {table} r
            WHERE ({waits}) AND r.tenant_id > seen.tenant_id ORDER BY r.tenant_id LIMIT 1)
    FROM seen WHERE seen.tenant_id IS NOT NULL
), busy AS (
    SELECT t.id AS tenant_id FROM seen JOIN tenant t ON t.id = seen.tenant_id
    WHERE t.status = 'active'
), ranked AS (
    SELECT b.tenant_id, w.id, w.next_at,
           row_number() OVER (PARTITION BY b.tenant_id
                              ORDER BY w.next_at NULLS FIRST, w.id) AS turn
    FROM busy b CROSS JOIN LATERAL (
        (SELECT r.id, r.next_at FROM {table} r
         WHERE r.tenant_id = b.tenant_id AND r.next_at IS NULL AND {due_now}
         ORDER BY r.id LIMIT {share})
        UNION ALL
        (SELECT r.id, r.next_at FROM {table} r
         WHERE r.tenant_id = b.tenant_id AND r.next_at <= {now} AND {due_now}
         ORDER BY r.next_at, r.id LIMIT {share})
    ) w
), chosen AS (
    SELECT c.tenant_id, c.id, c.turn FROM ranked c
    ORDER BY c.turn, c.tenant_id <= behind, c.tenant_id LIMIT 4 * most
), held AS (
    SELECT r.tenant_id, r.id, c.turn FROM chosen c
    JOIN {table} r ON r.tenant_id = c.tenant_id AND r.id = c.id
    WHERE {due_now} AND (r.next_at IS NULL OR r.next_at <= {now})
    ORDER BY c.turn, c.tenant_id <= behind, c.tenant_id LIMIT most
    FOR UPDATE OF r SKIP LOCKED
), taken AS (
    UPDATE {table} AS mine
    SET lease_until = clock_timestamp() + make_interval(secs => lease_seconds),
        fence = mine.fence + 1
    FROM held WHERE mine.tenant_id = held.tenant_id AND mine.id = held.id
    RETURNING mine.tenant_id::text, mine.id::text, mine.fence, held.turn
)
SELECT t.tenant_id, t.id, t.fence FROM taken t
ORDER BY t.turn, t.tenant_id <= behind, t.tenant_id
"""


def fairly_claimable(table: str, name: str, waits: str) -> None:
    """Create a `claim_<name>` that is told whose turn it was last, beside what `claimable` made.

    Every tenant that waits gets one piece before any gets its second, and so on, beginning with
    the tenant behind the one that the worker served last. An index on (tenant_id, next_at, id)
    where `waits` serves it: a claim costs by how many tenants wait, not by how much waits.
    """
    # Asked once: a condition on a function that may change its answer is not looked up in an index.
    now = "(SELECT clock_timestamp())"
    due_now = f"({waits}) AND (r.lease_until IS NULL OR r.lease_until < {now})"
    # Of each tenant a few more than its share, because other workers choose at the same moment.
    share = "(SELECT 4 * most / count(*) + 1 FROM busy)"
    scheduler_function(
        f"claim_{name}(most integer, lease_seconds integer, behind text)",
        "TABLE (tenant_id text, id text, fence integer)",
        _TAKING_TURNS.format(table=table, waits=waits, now=now, due_now=due_now, share=share),
    )


def no_longer_fairly_claimable(name: str) -> None:
    """Drop what `fairly_claimable` created."""
    drop_scheduler_function(f"claim_{name}(integer, integer, text)")


def no_longer_claimable(name: str) -> None:
    """Drop what `claimable` created."""
    drop_scheduler_function(f"claim_{name}(integer, integer)")
    drop_scheduler_function(f"due_{name}()")
