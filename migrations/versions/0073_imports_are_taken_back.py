"""An import that is done may be taken back."""

from alembic import op

revision = "0073"
down_revision = "0072"

STATES = "'uploaded','checking','checked','importing','done','cancelled'"


def _let_states_be(states: str) -> None:
    op.drop_constraint("ck_import_run_state", "import_run")
    op.create_check_constraint(op.f("ck_import_run_state"), "import_run", f"state IN ({states})")


def upgrade() -> None:
    _let_states_be(f"{STATES},'undoing','undone'")


def downgrade() -> None:
    op.execute("UPDATE import_run SET state = 'done' WHERE state IN ('undoing','undone')")
    _let_states_be(STATES)
