"""What every verb does with the row it changes: lock it, compare its version, write it, flush."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import IntegrityError

from kernel.db import TenantOwned, prepared
from kernel.errors import NotFound, Refusal, StaleWrite
from kernel.uow import UnitOfWork

Row = TypeVar("Row", bound=TenantOwned)


def locked(uow: UnitOfWork, table: type[Row], kind: str, identity: str) -> Row:
    """Lock one row against other writers, freshly read; NotFound where this tenant has none."""
    statement = _locking(table)  # type: ignore[arg-type] # A class is hashable.
    row: Row | None = uow.session.scalars(statement, {"id": identity}).one_or_none()
    if row is None:
        raise NotFound(kind, identity)
    return row


def held(uow: UnitOfWork, table: type[Row], kind: str, identity: str) -> Row:
    """Hold one row as it is until the transaction ends, together with others who hold it so.

    For what a new row depends on: nobody can retire the parent while a child is added.
    """
    statement = _holding(table)  # type: ignore[arg-type] # As above.
    row: Row | None = uow.session.scalars(statement, {"id": identity}).one_or_none()
    if row is None:
        raise NotFound(kind, identity)
    return row


@cache
def _locking(table: type[Any]) -> Select[Any]:
    return prepared(_freshly_read(table).with_for_update(key_share=True))


@cache
def _holding(table: type[Any]) -> Select[Any]:
    return prepared(_freshly_read(table).with_for_update(read=True))


def _freshly_read(table: type[Any]) -> Select[Any]:
    identity = getattr(table, "id")  # noqa: B009 - the mixin does not declare `id`.
    # What this session read before it held the lock may be stale by now.
    only = select(table).where(identity == bindparam("id"))
    return only.execution_options(populate_existing=True)


def must_be_version(row: TenantOwned, expected_version: int | None) -> None:
    """Raise StaleWrite where the locked row is not the one the caller read; None means any."""
    if expected_version is not None and row.version != expected_version:
        raise StaleWrite(expected_version, row.version)


def write(row: TenantOwned, columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Set the columns that differ, and return their names; an equal value touches nothing."""
    changed = tuple(name for name, value in columns.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, columns[name])
    return changed


def flush_or_refuse(uow: UnitOfWork, refusals: Mapping[str, Refusal]) -> None:
    """Flush; where a named constraint says no, raise the refusal that explains it to people.

    The constraint decides, not a look-up before it: of two writers at once, the second waits for
    the first in the index and is refused. The transaction is lost then, as with every refusal.
    """
    try:
        uow.session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name is not None and name in refusals:
            raise refusals[name] from error
        raise
