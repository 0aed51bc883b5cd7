"""An edit by hand of any governed column of any table is found (AUD-01; `wareflow verify`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pytest
from sqlalchemy import Column, create_engine, select, text, update
from sqlalchemy.engine import Connection, Engine

from kernel.access import operator_actor
from kernel.audit import AuditEntry, AuditPending, Subject
from kernel.db import TenantOwned, driver_url
from kernel.errors import NotFound
from kernel.row_changes import governed_tables
from kernel.runtime import Runtime
from kernel.tenancy import TenantClock
from kernel.verification import VerificationFault, verify
from kernel.work import LeaseColumns
from tests.conftest import ACME, GLOBEX, Cluster
from tests.kernel.one_of_each import a_row, name_of, owned_tables, table_of, unguarded, values

OPS = operator_actor("tests")


@dataclass(frozen=True)
class Edit:
    """One column of one row, changed by hand and changed back."""

    entity: type[TenantOwned]
    column: Column[Any]

    @property
    def place(self) -> str:
        return f"{name_of(self.entity)}.{self.column.name}"

    def do(self, connection: Connection) -> tuple[str, Any]:
        """Change it; return where the row is then, and what stood there."""
        table = table_of(self.entity)
        mine = select(text("ctid::text"), self.column).where(table.c.tenant_id == ACME)
        at, before = connection.execute(mine.order_by(text("ctid")).limit(1)).one()
        first, second = values(self.column)
        after = second if before == first else first
        return self._put(
            connection, at, GLOBEX if self.column.name == "tenant_id" else after
        ), before

    def undo(self, connection: Connection, at: str, before: Any) -> None:
        self._put(connection, at, before)

    def _put(self, connection: Connection, at: str, value: Any) -> str:
        change = (
            update(table_of(self.entity))
            .where(text("ctid = (:row_is_at)::tid").bindparams(row_is_at=at))
            .values({self.column: value})
            .returning(text("ctid::text"))
        )
        return str(connection.execute(change).scalar_one())


@pytest.fixture
def by_hand(database: Cluster) -> Iterator[Engine]:
    engine = create_engine(driver_url(database.superuser_url))
    yield engine
    engine.dispose()


@pytest.fixture
def recorded(runtime: Runtime, database: Cluster) -> Iterator[Runtime]:
    """A row of every table, each written through the ORM and recorded in the audit log."""
    with unguarded(database):
        with runtime.unit_of_work(ACME, OPS) as uow:
            for entity in governed_tables():
                if entity is not TenantClock:  # Written when the tenant was founded.
                    uow.session.add(entity(**a_row(entity, ACME)))
            uow.record("tests.one_of_each", Subject("tests", "all"))
        yield runtime


def faults(runtime: Runtime) -> list[VerificationFault]:
    with runtime.unit_of_work(ACME, OPS, work_class="batch") as uow:
        return verify(uow, runtime.seal).faults


def edits_of(entity: type[TenantOwned]) -> list[Edit]:
    """Every column but those that the table calls mechanical, or that the database computes."""
    return [
        Edit(entity, column)
        for column in table_of(entity).columns
        if column.name not in entity.ungoverned and column.computed is None
    ]


def unnoticed(runtime: Runtime, by_hand: Engine, edits: list[Edit]) -> set[str]:
    """Do the edits at once, each in another table; return those that verification misses."""
    with by_hand.begin() as connection:
        done = [(edit, *edit.do(connection)) for edit in edits]
    noticed = {fault.table for fault in faults(runtime)}
    with by_hand.begin() as connection:
        for edit, at, before in done:
            edit.undo(connection, at, before)
    assert noticed <= {name_of(edit.entity) for edit in edits}
    return {edit.place for edit in edits if name_of(edit.entity) not in noticed}


def test_an_untouched_row_of_every_table_agrees(recorded: Runtime) -> None:
    assert faults(recorded) == []


def test_an_edit_of_any_column_of_any_table_is_found(recorded: Runtime, by_hand: Engine) -> None:
    """One column at a time, in every table: all that `ungoverned` does not name."""
    without_clock = [each for each in governed_tables() if each is not TenantClock]
    by_table = [edits_of(each) for each in without_clock]

    missed: set[str] = set()
    for turn in zip_longest(*by_table):
        missed |= unnoticed(recorded, by_hand, [edit for edit in turn if edit is not None])

    assert missed == set()
    assert sum(map(len, by_table)) > 400
    assert faults(recorded) == []


def test_an_edit_of_a_tenants_clock_is_found(recorded: Runtime, by_hand: Engine) -> None:
    """A clock that is given to another tenant leaves nothing that could be opened."""
    edits = {edit.column.name: edit for edit in edits_of(TenantClock)}
    taken = edits.pop("tenant_id")

    assert [unnoticed(recorded, by_hand, [edit]) for edit in edits.values()] == [set()] * 3
    with by_hand.begin() as connection:
        connection.execute(text("DELETE FROM tenant_clock WHERE tenant_id = 'ten_globex'"))
        taken.do(connection)
    with pytest.raises(NotFound):
        faults(recorded)


@pytest.mark.parametrize("entity", [AuditEntry, AuditPending])
def test_an_edit_of_any_column_of_the_log_is_found(
    recorded: Runtime, by_hand: Engine, entity: type[TenantOwned]
) -> None:
    for column in table_of(entity).columns:
        edit = Edit(entity, column)
        with by_hand.begin() as connection:
            at, before = edit.do(connection)
        assert faults(recorded) != [], f"nobody noticed the edit of {edit.place}"
        with by_hand.begin() as connection:
            edit.undo(connection, at, before)

    assert faults(recorded) == []


def test_every_table_is_governed_or_proves_itself() -> None:
    proven = {name_of(each) for each in governed_tables()}

    assert {name_of(each) for each in owned_tables()} - proven == {"audit_entry", "audit_pending"}


def test_what_claims_change_is_not_proven() -> None:
    """A lease that ends during a transaction is taken over, and no row is altered by it."""
    leased = [entity for entity in owned_tables() if issubclass(entity, LeaseColumns)]

    assert [
        name_of(each) for each in leased if not LeaseColumns.ungoverned <= each.ungoverned
    ] == []
    assert len(leased) >= 6
