"""The walls between tenants, read from the real catalogue: no table is forgotten."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from kernel.access import operator_actor
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tests.conftest import ACME, GLOBEX, Cluster

NOT_OWNED = ("tenant", "alembic_version")
OWN = "((tenant_id)::text = NULLIF(current_setting('app.tenant_id'::text, true), ''::text))"

# Indexes of this name are read by the scheduler alone, which looks for due work across tenants.
ACROSS_TENANTS = ("_due", "_ready")


@pytest.fixture
def catalogue(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """A connection that reads the system catalogue."""
    with psycopg.connect(cluster.superuser_url) as connection:
        yield connection


def tables(catalogue: psycopg.Connection[Any]) -> list[str]:
    rows = catalogue.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row[0] for row in rows if row[0] not in NOT_OWNED]


def test_every_tenant_table_forces_row_level_security(
    catalogue: psycopg.Connection[Any],
) -> None:
    """TEN-03: enabled and forced, so that not even the owner sees another tenant's rows."""
    rows = catalogue.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner)::text"
        " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()

    guarded = {row[0]: row[1:] for row in rows if row[0] in tables(catalogue)}
    assert guarded == dict.fromkeys(tables(catalogue), (True, True, "wareflow_owner"))


def test_every_tenant_table_has_the_standard_policy(catalogue: psycopg.Connection[Any]) -> None:
    """TEN-03: rows are seen and written under the tenant of the transaction, or not at all."""
    rows = catalogue.execute(
        "SELECT tablename, policyname, roles::text[], cmd, qual, with_check FROM pg_policies"
        " WHERE policyname = 'tenant_sees_own'"
    ).fetchall()

    expected = ("tenant_sees_own", ["wareflow_app"], "ALL", OWN, OWN)
    assert {row[0]: row[1:] for row in rows} == dict.fromkeys(tables(catalogue), expected)


def test_no_other_policy_lets_the_app_see_more(catalogue: psycopg.Connection[Any]) -> None:
    rows = catalogue.execute(
        "SELECT tablename, policyname, roles::text[] FROM pg_policies"
        " WHERE policyname <> 'tenant_sees_own' AND tablename <> 'tenant'"
    ).fetchall()

    assert {tuple(row[2]) for row in rows} <= {("wareflow_scheduler",), ("wareflow_sequencer",)}


def test_the_tenant_leads_every_key_and_index(catalogue: psycopg.Connection[Any]) -> None:
    """TEN-02: primary and unique keys and indexes begin with the tenant."""
    rows = catalogue.execute(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname"
        " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = i.indkey[0] JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()

    leads = {row[1]: row[2] for row in rows if row[0] in tables(catalogue)}
    others = [name for name, column in leads.items() if column != "tenant_id"]
    assert [name for name in others if not name.endswith(ACROSS_TENANTS)] == []


def test_no_foreign_key_can_cross_tenants(catalogue: psycopg.Connection[Any]) -> None:
    """TEN-02: every foreign key pairs the tenant of both sides, first."""
    rows = catalogue.execute(
        "SELECT conname, (SELECT attname FROM pg_attribute WHERE attrelid = conrelid"
        " AND attnum = conkey[1]), (SELECT attname FROM pg_attribute WHERE attrelid = confrelid"
        " AND attnum = confkey[1]) FROM pg_constraint WHERE contype = 'f'"
    ).fetchall()

    assert rows
    assert {row[1:] for row in rows} == {("tenant_id", "tenant_id")}


def test_every_tenant_table_requires_its_tenant(catalogue: psycopg.Connection[Any]) -> None:
    """TEN-02: the column is there and never null."""
    rows = catalogue.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'tenant_id' AND is_nullable = 'NO'"
    ).fetchall()

    assert {row[0] for row in rows} == set(tables(catalogue))


def test_the_roles_own_nothing_and_bypass_nothing(catalogue: psycopg.Connection[Any]) -> None:
    """TEN-03: no superuser, no bypass, nothing owned but the scheduler's own functions."""
    rows = catalogue.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname LIKE 'wareflow%'"
    ).fetchall()
    owned = catalogue.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND pg_get_userbyid(relowner) <> 'wareflow_owner'"
    ).fetchone()

    assert {row[0]: row[1:] for row in rows} == dict.fromkeys(
        ("wareflow_owner", "wareflow_app", "wareflow_scheduler", "wareflow_sequencer"),
        (False, False, False, False),
    )
    assert owned == (0,)


def test_the_app_may_not_truncate_refer_to_or_create_tables(
    catalogue: psycopg.Connection[Any],
) -> None:
    """TEN-03: TRUNCATE ignores policies, REFERENCES reveals existence."""
    rows = catalogue.execute(
        "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee IN ('wareflow_app', 'wareflow_scheduler', 'wareflow_sequencer')"
    ).fetchall()
    creates = catalogue.execute(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'wareflow%' AND"
        " rolname <> 'wareflow_owner' AND has_schema_privilege(rolname, 'public', 'CREATE')"
    ).fetchall()

    assert {row[0] for row in rows} <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert creates == []


def test_definer_functions_belong_to_the_scheduler_with_a_pinned_path(
    catalogue: psycopg.Connection[Any],
) -> None:
    """TEN-09: owned by the tables' owner they would see nothing under FORCE."""
    rows = catalogue.execute(
        "SELECT proname, pg_get_userbyid(proowner)::text, proconfig,"
        " has_function_privilege('wareflow_app', oid, 'EXECUTE'), proacl::text"
        " FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    ).fetchall()

    assert {row[0] for row in rows} >= {"claim_outbox", "claim_job", "claim_run"}
    for _name, owner, settings, may_call, grants in rows:
        assert owner == "wareflow_scheduler"
        assert settings == ["search_path=pg_catalog, public"]
        assert may_call
        assert not grants.startswith("{=X")


def test_no_view_shows_what_its_reader_may_not_see(catalogue: psycopg.Connection[Any]) -> None:
    rows = catalogue.execute(
        "SELECT relname, relkind, coalesce(reloptions::text, '') FROM pg_class"
        " WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    ).fetchall()

    assert [row for row in rows if row[1] == "m" or "security_invoker=true" not in row[2]] == []


def test_without_a_tenant_there_are_no_rows(cluster: Cluster, runtime: Runtime) -> None:
    """TEN-03: fail closed, also after a transaction of the same connection had a tenant."""
    del runtime
    with psycopg.connect(cluster.app_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [ACME])
        seen = connection.execute("SELECT count(*) FROM audit_entry").fetchone()
        connection.commit()
        after = connection.execute("SELECT count(*) FROM audit_entry").fetchone()

    assert (seen, after) == ((1,), (0,))


def test_alternating_tenants_on_a_small_pool_never_see_each_other(runtime: Runtime) -> None:
    """TEN-04: the tenant ends with its transaction, whatever connection serves the next."""
    operator = operator_actor("tests")
    seen: set[tuple[TenantId, str]] = set()
    for turn in range(1000):
        tenant_id = (ACME, GLOBEX)[turn % 2]
        with runtime.unit_of_work(tenant_id, operator) as uow:
            rows = uow.session.connection().exec_driver_sql("SELECT tenant_id FROM audit_entry")
            seen.update((tenant_id, row[0]) for row in rows)

    assert seen == {(ACME, ACME), (GLOBEX, GLOBEX)}


def test_a_claim_returns_ids_and_nothing_of_the_content(cluster: Cluster) -> None:
    """The scheduler reads columns of readiness only: not even a bug in it can leak content."""
    with (
        psycopg.connect(cluster.superuser_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SET ROLE wareflow_scheduler")
        connection.execute("SELECT data FROM outbox")


@pytest.mark.parametrize(
    ("setting", "milliseconds"),
    [("statement_timeout", "10s"), ("lock_timeout", "2s")],
)
def test_a_request_is_bounded_by_the_database(
    runtime: Runtime, setting: str, milliseconds: str
) -> None:
    """TEN-12: whatever a request asks, the database ends it."""
    with runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        shown = uow.session.connection().exec_driver_sql(f"SHOW {setting}").scalar_one()

    assert shown == milliseconds
