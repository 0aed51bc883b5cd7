"""No table shows a tenant's row to another, through ORM or Core (TEN-03, TEN-05)."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import create_engine, delete, func, insert, inspect, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from kernel.access import operator_actor
from kernel.db import TenantOwned, driver_url
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tests.conftest import ACME, GLOBEX, Cluster
from tests.kernel.one_of_each import a_row, name_of, owned_tables, table_of, unguarded

OPS = operator_actor("tests")


@pytest.fixture
def superuser(database: Cluster) -> Iterator[Engine]:
    """The database as somebody sees it for whom there are no walls."""
    engine = create_engine(driver_url(database.superuser_url))
    yield engine
    engine.dispose()


@pytest.fixture
def acme_has_one_of_each(runtime: Runtime, database: Cluster, superuser: Engine) -> Iterator[None]:
    """A row of every table, of ACME's."""
    with unguarded(database):
        with superuser.begin() as connection:
            for entity in owned_tables():
                table = table_of(entity)
                if not connection.scalar(
                    select(func.count()).select_from(table).where(table.c.tenant_id == ACME)
                ):
                    connection.execute(insert(table), a_row(entity, ACME))
        yield


def tenants_seen(
    runtime: Runtime, tenant_id: TenantId, entity: type[TenantOwned]
) -> list[set[str]]:
    """Return whose rows are seen through each form of query."""
    table, other = table_of(entity), aliased(entity)
    queries: list[Any] = [
        select(entity.tenant_id),
        select(other.tenant_id),
        select(table.c.tenant_id),
        select(table.c.tenant_id).where(table.c.tenant_id == ACME),
        select(select(entity.tenant_id).subquery().c.tenant_id),
        text(f"SELECT tenant_id FROM {table.name}"),
    ]
    with runtime.unit_of_work(tenant_id, OPS) as uow:
        return [set(uow.session.scalars(query)) for query in queries]


def test_another_tenant_sees_no_row_of_any_table(
    runtime: Runtime, acme_has_one_of_each: None
) -> None:
    """TEN-05: the list of tables is the product's own, so that a new one cannot be forgotten."""
    seen_by_owner = {name_of(each): tenants_seen(runtime, ACME, each) for each in owned_tables()}
    seen_by_other = {name_of(each): tenants_seen(runtime, GLOBEX, each) for each in owned_tables()}

    assert {name for name, seen in seen_by_owner.items() if seen != [{ACME}] * 6} == set()
    assert {name for name, seen in seen_by_other.items() if ACME in set().union(*seen)} == set()
    assert len(seen_by_other) >= 50


def test_another_tenant_gets_no_row_of_any_table_by_its_key(
    runtime: Runtime, acme_has_one_of_each: None
) -> None:
    """TEN-05: knowing the id is of no use."""
    found = []
    for entity in owned_tables():
        mapper = inspect(entity)
        row = a_row(entity, ACME)
        key = tuple(row[column.name] for column in mapper.primary_key)
        with runtime.unit_of_work(GLOBEX, OPS) as uow:
            if uow.session.get(entity, key) is not None:
                found.append(name_of(entity))

    assert found == []


def test_another_tenant_changes_and_deletes_no_row_of_any_table(
    runtime: Runtime, acme_has_one_of_each: None, superuser: Engine
) -> None:
    """TEN-05: neither by the rows' own tenant nor by leaving the tenant out."""
    before = contents(superuser)

    for entity in owned_tables():
        table = table_of(entity)
        for statement in (
            update(table).where(table.c.tenant_id == ACME).values(version=99),
            update(table).where(table.c.tenant_id == ACME).values(tenant_id=GLOBEX),
            delete(table).where(table.c.tenant_id == ACME),
        ):
            attempt(runtime, statement)

    assert contents(superuser) == before


def attempt(runtime: Runtime, statement: Any) -> None:
    """Do it as GLOBEX; some tables refuse the statement as such."""
    with runtime.unit_of_work(GLOBEX, OPS) as uow:
        connection = uow.session.connection()
        try:
            with connection.begin_nested():
                connection.execute(statement)
        except DBAPIError as refused:
            if not isinstance(refused.orig, InsufficientPrivilege):
                raise


def contents(superuser: Engine) -> dict[str, list[Any]]:
    with superuser.begin() as connection:
        return {
            name_of(each): [
                tuple(row) for row in connection.execute(text(f"TABLE {name_of(each)}")).all()
            ]
            for each in owned_tables()
        }
