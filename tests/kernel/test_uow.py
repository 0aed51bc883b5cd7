"""The unit of work: one tenant, one transaction, and nothing that escapes the audit log."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import CursorResult, bindparam, select, text, true, update
from sqlalchemy.orm import aliased

from kernel.access import Actor, Permission, operator_actor
from kernel.audit import AuditEntry, Subject
from kernel.config import Config
from kernel.db import Database, TenantOwned, prepared
from kernel.errors import NotFound, PermissionMissing
from kernel.ids import ActorId, TenantId
from kernel.row_changes import Unaudited
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import TenantSuspended, UnitOfWork
from tests.conftest import ACME, GLOBEX, Cluster

ANA = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({Permission("settings:write")}))


def a_setting(uow: UnitOfWork, scope: str = "north", value: Any = 3) -> Setting:
    row = Setting(
        tenant_id=uow.tenant_id, scope_id=scope, key="stock.buffer", value=value, locked=False
    )
    uow.session.add(row)
    return row


def entries(runtime: Runtime, action: str) -> list[AuditEntry]:
    with runtime.unit_of_work(ACME, ANA) as uow:
        query = select(AuditEntry).where(AuditEntry.action == action)
        return list(uow.session.scalars(query))


def written_with_version(runtime: Runtime, version: int) -> dict[str, Any]:
    """Return the one change that brought a setting to this version."""
    changes = [
        change
        for entry in entries(runtime, "settings.write") + entries(runtime, "settings.reset")
        for change in json.loads(entry.body)["changes"]
    ]
    (found,) = [change for change in changes if change["version"] == version]
    return dict(found)


def test_a_change_and_its_audit_entry_are_one_commit(runtime: Runtime) -> None:
    """AUD-01, REL-01: the entry carries the digest and version of the row as it now stands."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        row = a_setting(uow)
        uow.record("settings.write", Subject("setting", "north/stock.buffer"))

    (entry,) = entries(runtime, "settings.write")

    body = json.loads(entry.body)
    assert (entry.actor_id, entry.action) == ("mem_ana", "settings.write")
    (change,) = body["changes"]
    assert (change["table"], change["key"], change["version"]) == (
        "setting",
        "north|stock.buffer",
        1,
    )
    assert change["digest"] == runtime.seal.digest(
        "setting",
        {
            "tenant_id": ACME,
            "version": 1,
            "scope_id": "north",
            "key": "stock.buffer",
            "value": 3,
            "locked": False,
        },
    )
    assert change["fields"]["value"] == [None, 3]
    assert row.version == 1


def test_an_update_is_recorded_with_before_and_after(runtime: Runtime) -> None:
    """AUD-11: what changed, from what, to what."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "one"))
    with runtime.unit_of_work(ACME, ANA) as uow:
        row = uow.session.scalars(select(Setting)).one()
        row.value = 5
        uow.record("settings.write", Subject("setting", "one"))

    change = written_with_version(runtime, 2)

    assert change["fields"] == {"value": [3, 5]}


def test_a_deletion_is_recorded_without_a_digest(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "one"))
    with runtime.unit_of_work(ACME, ANA) as uow:
        uow.session.delete(uow.session.scalars(select(Setting)).one())
        uow.record("settings.reset", Subject("setting", "one"))

    assert written_with_version(runtime, 2)["digest"] is None


def test_a_change_without_an_audit_entry_cannot_commit(runtime: Runtime) -> None:
    """AUD-01: forgetting the entry is a bug that the first test finds."""
    with pytest.raises(Unaudited, match="setting"), runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert uow.session.scalars(select(Setting)).all() == []


def test_a_rollback_leaves_neither_change_nor_entry(runtime: Runtime) -> None:
    """AUD-02: no success is recorded that did not happen."""
    with pytest.raises(RuntimeError), runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "one"))
        raise RuntimeError("the machine room is on fire")

    assert entries(runtime, "settings.write") == []


def test_a_denied_attempt_leaves_an_entry(runtime: Runtime) -> None:
    """AUD-02: the attempt itself is written in a transaction of its own."""
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.actor.must(Permission("members:write"))

    (entry,) = entries(runtime, "access.denied")

    assert (entry.outcome, entry.actor_id) == ("denied", "mem_ana")
    assert json.loads(entry.body)["facts"] == {"permission": "members:write"}


def test_a_tenant_sees_only_its_own_rows_through_every_form_of_query(runtime: Runtime) -> None:
    """TEN-03, TEN-04: the same select, two tenants."""
    for tenant_id in (ACME, GLOBEX):
        with runtime.unit_of_work(tenant_id, ANA) as uow:
            a_setting(uow, scope=tenant_id)
            uow.record("settings.write", Subject("setting", tenant_id))

    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        assert [row.scope_id for row in uow.session.scalars(select(Setting))] == [GLOBEX]
        assert uow.session.get(Setting, (ACME, ACME, "stock.buffer")) is None
        assert uow.session.execute(text("SELECT scope_id FROM setting")).scalars().all() == [GLOBEX]


@pytest.fixture
def unwalled_settings(runtime: Runtime, database: Cluster) -> Iterator[None]:
    """A setting of each tenant, in a table whose rows the database shows to everybody."""
    for tenant_id in (ACME, GLOBEX):
        with runtime.unit_of_work(tenant_id, ANA) as uow:
            a_setting(uow, scope=tenant_id)
            uow.record("settings.write", Subject("setting", tenant_id))
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE setting DISABLE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE setting ENABLE ROW LEVEL SECURITY")


@pytest.mark.usefixtures("unwalled_settings")
def test_the_session_filters_by_itself_even_where_the_database_would_not(runtime: Runtime) -> None:
    """TEN-04: the first wall stands without the third: aliases and joins are filtered too."""
    other = aliased(Setting)
    with runtime.unit_of_work(GLOBEX, ANA) as uow:
        found = [row.scope_id for row in uow.session.scalars(select(Setting))]
        pairs = select(Setting.scope_id, other.scope_id).join(other, true())
        joined = [tuple(row) for row in uow.session.execute(pairs)]
        changed = uow.session.execute(update(Setting).values(locked=True))
        uow.session.rollback()

    assert found == [GLOBEX]
    assert joined == [(GLOBEX, GLOBEX)]
    assert isinstance(changed, CursorResult)
    assert changed.rowcount == 1


KEPT = prepared(select(Setting.scope_id).where(Setting.key == bindparam("key")))


@pytest.mark.usefixtures("unwalled_settings")
def test_sessions_of_two_tenants_may_take_turns_in_one_thread(runtime: Runtime) -> None:
    """TEN-04: whose rows a statement sees is its own session's, whoever asked last."""
    with runtime.unit_of_work(ACME, ANA) as ours, runtime.unit_of_work(GLOBEX, ANA) as theirs:
        units = [ours, theirs, ours, theirs]
        kept = [uow.session.scalars(KEPT, {"key": "stock.buffer"}).all() for uow in units]
        built = [uow.session.scalars(select(Setting.scope_id)).all() for uow in units]
        rows = [uow.session.get(Setting, (ACME, ACME, "stock.buffer")) for uow in units]

    assert kept == built == [[ACME], [GLOBEX], [ACME], [GLOBEX]]
    assert [row is not None for row in rows] == [True, False, True, False]


def test_nobody_writes_a_row_of_another_tenant(runtime: Runtime) -> None:
    """TEN-03: the policy checks what is written, too."""
    with (
        pytest.raises(Exception, match="row-level security"),
        runtime.unit_of_work(ACME, ANA) as uow,
    ):
        a_setting(uow).tenant_id = GLOBEX
        uow.record("settings.write", Subject("setting", "one"))


def test_the_ids_of_one_unit_of_work_sort_in_the_order_they_were_made(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        ids = [uow.new_id("ord") for _ in range(10_000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 10_000


def test_an_unknown_tenant_is_not_found(runtime: Runtime) -> None:
    with pytest.raises(NotFound), runtime.unit_of_work(TenantId("ten_nobody"), ANA):
        pass


def test_a_suspended_tenant_can_be_read_and_not_changed(
    runtime: Runtime, database: Cluster
) -> None:
    """TEN-13: suspended means read-only."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE tenant SET status = 'suspended' WHERE id = %s", [ACME])

    with runtime.unit_of_work(ACME, ANA) as uow:
        assert uow.session.scalars(select(Setting)).all() == []
    with pytest.raises(TenantSuspended), runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "one"))
    with runtime.unit_of_work(ACME, operator_actor("ops"), standing="any") as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "one"))


def test_only_what_is_made_from_the_key_happens_once_under_it(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        with uow.once_under("stp_7"):
            with uow.once_under("stp_8"):
                inner = uow.is_once_under("stp_7")
            told = [uow.is_once_under(key) for key in ("stp_7", "stp_7/units", "stp_70", "other")]
        outside = uow.is_once_under("stp_7")

    assert (told, inner, outside) == ([True, True, False, False], False, False)


def test_every_table_of_the_product_is_tenant_owned_or_the_directory() -> None:
    """TEN-02: an allow list of the tables that no tenant owns."""
    from kernel.db import Table

    free = {
        mapper.local_table.name  # type: ignore[attr-defined] # A Table, never a join.
        for mapper in Table.registry.mappers
        if not issubclass(mapper.class_, TenantOwned)
    }
    assert free == {"tenant"}


def test_a_connection_that_is_lent_while_all_is_closed_is_closed_when_it_comes_back(
    config: Config,
) -> None:
    """Otherwise nobody would close it: the pool it came from is gone."""
    database = Database(config.database_url)

    with database.engine.connect() as connection:
        lent = connection.connection.dbapi_connection
        database.close()

    assert lent is not None
    assert lent.closed
