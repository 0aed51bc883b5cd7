"""Runs start other runs, are found by what went wrong, and undo what they did.

Expand step: the new columns are nullable, so the code now running keeps working.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

STATES = "'active','finished','incident'"
ADDED = {"parent_id": 40, "parent_invoke_id": 80, "root_id": 40}


def _let_states_be(states: str) -> None:
    op.drop_constraint("ck_run_state", "run")
    op.create_check_constraint(op.f("ck_run_state"), "run", f"state IN ({states})")


def upgrade() -> None:
    _let_states_be(f"{STATES},'undoing'")
    for name, length in ADDED.items():
        op.add_column("run", sa.Column(name, sa.String(length)))
    op.add_column("run", sa.Column("parent_epoch", sa.Integer))
    op.create_foreign_key(
        "fk_run_tenant_id_parent_id", "run", "run", ["tenant_id", "parent_id"], ["tenant_id", "id"]
    )
    # For lists of runs: by what went wrong, by definition; and for the children of a run.
    op.create_index("ix_run_key", "run", ["tenant_id", "key", "id"])
    for name, keys, where in (
        ("ix_run_incident", ["tenant_id", "id"], "incident IS NOT NULL"),
        ("ix_run_parent", ["tenant_id", "parent_id"], "parent_id IS NOT NULL"),
    ):
        op.create_index(name, "run", keys, postgresql_where=sa.text(where))


def downgrade() -> None:
    for index in ("ix_run_parent", "ix_run_key", "ix_run_incident"):
        op.drop_index(index, "run")
    op.drop_constraint("fk_run_tenant_id_parent_id", "run")
    for name in ("parent_epoch", *ADDED):
        op.drop_column("run", name)
    _let_states_be(STATES)
