"""Migrations run while the code of before still serves: they wait briefly, and expand first."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import errors, sql
from sqlalchemy.exc import OperationalError

from kernel.roles import create_roles
from migrations.upgrade import configuration, upgrade
from tests.conftest import PASSWORDS, Cluster

FOUNDED = "0001"
"""The revision that makes the table `tenant`, which the next migrations refer to."""

SERVED = """
    -- What running code may rely on: columns with their types, and functions with their arguments.
    SELECT 'column ' || table_name || '.' || column_name,
           data_type || coalesce('(' || character_maximum_length || ')', ''), table_name::text
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'function ' || proname || '(' || pg_get_function_identity_arguments(oid) || ')',
           pg_get_function_result(oid), ''
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
DEMANDED = """
    -- What running code must give: columns that neither may be left out nor have a default.
    SELECT 'column ' || table_name || '.' || column_name, table_name::text
    FROM information_schema.columns
    WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL
          AND is_identity = 'NO' AND is_generated = 'NEVER'
"""

Served = dict[str, tuple[str, str]]
Demanded = dict[str, str]


@pytest.fixture
def database_url(cluster: Cluster) -> Iterator[str]:
    """The owner's address of a database of its own, not yet migrated."""
    name = "online"
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        create_roles(cluster.superuser_url, PASSWORDS, name)
        yield cluster.owner_url.replace("/wareflow?", f"/{name}?")
        connection.execute(drop)


def at(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def test_a_migration_gives_way_to_the_traffic_after_two_seconds(database_url: str) -> None:
    """REL-19: it leaves nothing half done, and succeeds when it is tried again."""
    upgrade(database_url, FOUNDED)

    with psycopg.connect(database_url) as traffic:
        traffic.execute("LOCK TABLE tenant IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(OperationalError) as refused:
            upgrade(database_url)
        waited = time.monotonic() - began

    assert isinstance(refused.value.orig, errors.LockNotAvailable)
    assert 2 <= waited < 10
    stopped_at = at(database_url)
    upgrade(database_url)
    assert stopped_at < at(database_url)


def shape_of(url: str) -> tuple[Served, Demanded]:
    with psycopg.connect(url) as connection:
        served = {name: (kind, table) for name, kind, table in connection.execute(SERVED)}
        demanded: Demanded = dict(connection.execute(DEMANDED).fetchall())
    return served, demanded


def broken_promises(before: tuple[Served, Demanded], after: tuple[Served, Demanded]) -> list[str]:
    """Return what code that was written for `before` misses or fails to give in `after`."""
    tables = {table for _kind, table in before[0].values()}
    gone = [f"{name} is gone" for name in before[0] if name not in after[0]]
    changed = [
        f"{name} was {kind} and is {after[0][name][0]}"
        for name, (kind, _table) in before[0].items()
        if name in after[0] and after[0][name][0] != kind
    ]
    asked = [
        f"{name} must be given"
        for name, table in after[1].items()
        if name not in before[1] and table in tables
    ]
    return gone + changed + asked


def test_the_code_of_before_a_migration_works_after_it(database_url: str) -> None:
    """REL-19: each one only expands, unless it says which release no longer needs what it takes."""
    script = ScriptDirectory.from_config(configuration(""))
    revisions = list(reversed(list(script.walk_revisions())))
    broken: dict[str, list[str]] = {}
    before: tuple[Served, Demanded] = ({}, {})
    for revision in revisions:
        upgrade(database_url, revision.revision)
        after = shape_of(database_url)
        found = broken_promises(before, after)
        if found and "Contracts" not in (revision.module.__doc__ or ""):
            broken[revision.revision] = found
        before = after

    assert broken == {}


def test_a_column_that_is_renamed_is_a_broken_promise() -> None:
    """The check above can fail."""
    before: tuple[Served, Demanded] = ({"column mug.colour": ("text", "mug")}, {})
    after: tuple[Served, Demanded] = (
        {"column mug.color": ("text", "mug")},
        {"column mug.color": "mug"},
    )

    assert broken_promises(before, after) == [
        "column mug.colour is gone",
        "column mug.color must be given",
    ]
