"""An edit by hand in SQL is found, in every table that a tenant owns (AUD-01, AUD-11)."""

from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import inspect

from kernel.audit import AuditEntry, AuditPending, Subject
from kernel.exceptions import raise_exception
from kernel.jobs import enqueue
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.verification import Verification, verify
from tests.conftest import ACME, Cluster
from tests.kernel.test_uow import ANA, a_setting


def verified(runtime: Runtime) -> Verification:
    with runtime.unit_of_work(ACME, ANA, work_class="batch") as uow:
        return verify(uow, runtime.seal)


def some_history(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        enqueue(uow, "mugs.count", {"shelf": "north"})
        raise_exception(uow, kind="mug.lost", subject=Subject("mug", "mug_1"), cause="a cat")
        uow.record("settings.write", Subject("setting", "one"))


def by_hand(database: Cluster, statement: str, *values: Any) -> None:
    """Do what a database administrator could: with every trigger and policy off."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        changed = connection.execute(sql.SQL(statement), values)
        assert changed.rowcount == 1


def test_an_untouched_history_agrees(runtime: Runtime) -> None:
    some_history(runtime)

    result = verified(runtime)

    assert result.faults == []
    assert (result.entries, result.rows) == (3, 5)


def test_an_edited_row_is_found(runtime: Runtime, database: Cluster) -> None:
    some_history(runtime)

    by_hand(database, "UPDATE setting SET value = '9'")

    (fault,) = verified(runtime).faults
    assert (fault.kind, fault.table, fault.key) == ("row_altered", "setting", "north|stock.buffer")


def test_a_row_put_in_or_taken_out_by_hand_is_found(runtime: Runtime, database: Cluster) -> None:
    some_history(runtime)

    by_hand(database, "UPDATE setting SET scope_id = 'south'")

    kinds = {(fault.kind, fault.key) for fault in verified(runtime).faults}
    assert kinds == {("row_added", "south|stock.buffer"), ("row_missing", "north|stock.buffer")}


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit_entry SET body = replace(body, 'a cat', 'a dog') WHERE body LIKE '%a cat%'",
        "UPDATE audit_entry SET actor_id = 'mem_bob' WHERE action = 'settings.write'",
        "UPDATE audit_entry SET outcome = 'denied' WHERE action = 'settings.write'",
    ],
)
def test_an_edited_entry_is_found(runtime: Runtime, database: Cluster, edit: str) -> None:
    some_history(runtime)

    by_hand(database, edit.replace("%", "%%"))

    assert "entry_altered" in {fault.kind for fault in verified(runtime).faults}


def test_an_entry_rewritten_with_a_fresh_leaf_is_found(runtime: Runtime, database: Cluster) -> None:
    """Its code is keyed outside the database, so a new leaf alone does not help."""
    some_history(runtime)

    by_hand(
        database,
        "UPDATE audit_entry SET body = replace(body, 'a cat', 'a dog'), leaf_hash ="
        " sha256('\\x00'::bytea || convert_to(replace(body, 'a cat', 'a dog'), 'UTF8'))"
        " WHERE action = 'exception.raise'",
    )

    kinds = {fault.kind for fault in verified(runtime).faults}
    assert {"entry_altered", "pending_altered"} <= kinds


def test_an_edited_pending_row_is_found(runtime: Runtime, database: Cluster) -> None:
    some_history(runtime)

    by_hand(
        database,
        "UPDATE audit_pending SET leaf_hash = '\\x00' WHERE entry_id ="
        " (SELECT id FROM audit_entry WHERE action = 'settings.write')",
    )

    assert [fault.kind for fault in verified(runtime).faults] == ["pending_altered"]


def test_a_change_that_undoes_itself_still_counts_versions(runtime: Runtime) -> None:
    some_history(runtime)
    for value in (4, 3):
        with runtime.unit_of_work(ACME, ANA) as uow:
            uow.session.get_one(Setting, (ACME, "north", "stock.buffer")).value = value
            uow.record("settings.write", Subject("setting", "one"))

    assert verified(runtime).faults == []


def test_the_app_may_neither_change_nor_drop_entries(runtime: Runtime, database: Cluster) -> None:
    """AUD-01: the log is append-only for the role that writes it."""
    some_history(runtime)
    for table in (AuditEntry, AuditPending):
        name = inspect(table).local_table.name  # type: ignore[attr-defined] # A Table.
        for statement in (f"UPDATE {name} SET version = 2", f"DELETE FROM {name}"):
            with (
                psycopg.connect(database.app_url) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute("SELECT set_config('app.tenant_id', 'ten_acme', true)")
                connection.execute(statement)
