"""The tables in code are the tables in the database, and every migration can be undone."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import CheckConstraint, MetaData, create_engine, pool

from kernel.db import driver_url
from kernel.roles import create_roles
from migrations.upgrade import downgrade, newest_revision, upgrade
from tests.conftest import PASSWORDS, Cluster
from tests.tables import all_tables

SHAPE = """
    -- Columns, constraints, indexes, policies, functions and grants, as the database tells them.
    SELECT 'column', table_name, column_name, data_type || coalesce(character_maximum_length::text,
           '') || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'policy', tablename, policyname, concat(roles, cmd, qual, with_check)
    FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT 'function', proname, pg_get_userbyid(proowner)::text, pg_get_functiondef(oid)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <> 13
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'grant', table_name, grantee, string_agg(privilege_type, ',' ORDER BY privilege_type)
    FROM information_schema.role_table_grants WHERE table_schema = 'public'
    GROUP BY table_name, grantee
    ORDER BY 1, 2, 3, 4
"""


def shape_of(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return [row for row in connection.execute(SHAPE) if row[1] != "alembic_version"]


@pytest.fixture
def empty_database_url(cluster: Cluster) -> str:
    """The owner's address of a second database, not yet migrated."""
    name = "undone"
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(name)))
    create_roles(cluster.superuser_url, PASSWORDS, name)
    return cluster.owner_url.replace("/wareflow?", f"/{name}?")


def test_the_tables_in_code_are_the_tables_in_the_database(cluster: Cluster) -> None:
    engine = create_engine(driver_url(cluster.owner_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            each
            for each in compare_metadata(context, all_tables())
            if "alembic_version" not in str(each)
        ]
    engine.dispose()

    assert differences == []


def test_the_checks_in_code_are_the_checks_in_the_database(cluster: Cluster) -> None:
    """Alembic does not compare check constraints; their names are compared here."""
    with psycopg.connect(cluster.owner_url) as connection:
        rows = connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
        in_database = set(rows.fetchall())

    assert in_database == checks_of(all_tables())


def checks_of(tables: MetaData) -> set[tuple[str, str]]:
    return {
        (table.name, f"ck_{table.name}_{constraint.name}"[:63])
        if not str(constraint.name).startswith("ck_")
        else (table.name, str(constraint.name)[:63])
        for table in tables.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def test_up_down_up_ends_where_up_ends(empty_database_url: str) -> None:
    """Every migration can be undone, and undoing leaves nothing behind."""
    upgrade(empty_database_url)
    first = shape_of(empty_database_url)

    downgrade(empty_database_url, "base")
    nothing = shape_of(empty_database_url)
    upgrade(empty_database_url)

    assert nothing == []
    assert shape_of(empty_database_url) == first


def test_the_newest_revision_is_what_the_database_is_at(cluster: Cluster) -> None:
    with psycopg.connect(cluster.app_url) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()

    assert row == (newest_revision(),)
