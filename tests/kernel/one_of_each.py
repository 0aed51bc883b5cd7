"""One row of every table that a tenant owns, made from nothing but the types of its columns."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    inspect,
)
from sqlalchemy import Table as TableOfCore
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeDecorator

from kernel.db import Table, TenantOwned
from kernel.ids import TenantId
from tests.conftest import MONDAY, Cluster
from tests.tables import all_tables

# Before anybody asks which tables there are.
all_tables()


def owned_tables() -> list[type[TenantOwned]]:
    """Return every mapped table that tenants own, by name."""
    owned = [each.class_ for each in Table.registry.mappers if issubclass(each.class_, TenantOwned)]
    return sorted((each for each in owned if table_of(each).schema is None), key=name_of)


def table_of(entity: type[TenantOwned]) -> TableOfCore:
    """Return what an entity is mapped to."""
    mapper: Mapper[Any] = inspect(entity)
    assert isinstance(mapper.local_table, TableOfCore)
    return mapper.local_table


def name_of(entity: type[TenantOwned]) -> str:
    """Return the name of an entity's table."""
    return table_of(entity).name


def values(column: Column[Any]) -> tuple[Any, Any]:
    """Return two different values that a column can hold, leaving its checks aside."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, String):
        length = min(kind.length or 8, 8)
        return "a" * length, "b" * length
    for known, pair in _PAIRS:
        if isinstance(kind, known):
            return pair
    raise AssertionError(f"{column} is of a type that this test does not know: {column.type!r}")


_PAIRS: tuple[tuple[Any, tuple[Any, Any]], ...] = (
    (Boolean, (True, False)),
    (Integer, (1, 2)),
    (Numeric, (Decimal("1.5"), Decimal("2.5"))),
    (Date, (date(2026, 3, 2), date(2026, 3, 3))),
    (DateTime, (MONDAY, MONDAY + timedelta(days=1))),
    (LargeBinary, (b"\x01", b"\x02")),
    (ARRAY, (["a"], ["b"])),
    (JSON, ({"a": 1}, {"a": 2})),
)


def a_row(entity: type[TenantOwned], tenant_id: TenantId) -> Mapping[str, Any]:
    """Return a value for every column that the database does not fill itself."""
    columns = [column for column in table_of(entity).columns if column.computed is None]
    row = {column.name: values(column)[0] for column in columns}
    for column in columns:
        # A span of time ends after it began.
        if isinstance(row[column.name], date) and column.name.endswith("until"):
            row[column.name] = values(column)[1]
    return {**row, "tenant_id": tenant_id, "version": 1}


@contextmanager
def unguarded(database: Cluster) -> Iterator[None]:
    """Take away what makes rows depend on each other and on themselves, and put it back after.

    A database administrator can do so. What tenants may see does not rest on it.
    """
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        checks = connection.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        ).fetchall()
        _alter(connection, "DISABLE TRIGGER ALL", database.tables)
        for table, name, _definition in checks:
            _alter(connection, f'DROP CONSTRAINT "{name}"', [table])
    try:
        yield
    finally:
        database.empty()
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            _alter(connection, "ENABLE TRIGGER ALL", database.tables)
            for table, name, definition in checks:
                _alter(connection, f'ADD CONSTRAINT "{name}" {definition}', [table])


def _alter(connection: psycopg.Connection[Any], change: str, tables: list[str]) -> None:
    for table in tables:
        connection.execute(sql.SQL(f"ALTER TABLE {table} {change}"))
