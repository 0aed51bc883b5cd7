"""Runs that are active and wait for nothing are found, over all tenants.

The index on the state of runs (0009) and those on what hangs on them by run serve it.
"""

from alembic import op

from migrations.walls import drop_scheduler_function, let_scheduler, scheduler_function

revision = "0045"
down_revision = "0044"

READ = {
    "run": "state, incident, parent_id",
    "run_step": "run_id",
    "run_timer": "run_id",
}
WAITS = {"run_wait": ["tenant_id", "run_id"], "task": ["tenant_id", "run_id", "state"]}


def upgrade() -> None:
    for table, columns in WAITS.items():
        let_scheduler(table, read=columns, write=[])
    for table, names in READ.items():
        op.execute(f"GRANT SELECT ({names}) ON {table} TO wareflow_scheduler")
    hangs_on = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} w WHERE w.tenant_id = r.tenant_id"
        f" AND w.{column} = r.id AND ({open_if}))"
        for table, column, open_if in (
            ("run_wait", "run_id", "true"),
            ("run_timer", "run_id", "w.state = 'waiting'"),
            ("run_step", "run_id", "w.state IN ('waiting','abandoned')"),
            ("task", "run_id", "w.state IN ('open','parked')"),
            ("run", "parent_id", "w.state <> 'finished'"),
        )
    )
    scheduler_function(
        "stuck_runs(most integer)",
        "TABLE (tenant_id text, id text)",
        f"""
        SELECT r.tenant_id::text, r.id::text FROM run r
        JOIN tenant t ON t.id = r.tenant_id AND t.status = 'active'
        WHERE r.state IN ('active','undoing') AND NOT r.ready AND r.incident IS NULL
        AND {hangs_on} LIMIT most
        """,
    )


def downgrade() -> None:
    drop_scheduler_function("stuck_runs(integer)")
    for table, names in READ.items():
        op.execute(f"REVOKE SELECT ({names}) ON {table} FROM wareflow_scheduler")
    for table, columns in WAITS.items():
        op.execute(f"REVOKE SELECT ({', '.join(columns)}) ON {table} FROM wareflow_scheduler")
        op.execute(f"DROP POLICY scheduler_sees_all ON {table}")
