"""What every verb does with the row it changes: lock it, compare its version, write it, flush."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kernel.db import TenantOwned
from kernel.errors import NotFound, Refusal, StaleWrite
from kernel.uow import UnitOfWork

Row = TypeVar("Row", bound=TenantOwned)


def locked(uow: UnitOfWork, table: type[Row], kind: str, identity: str) -> Row:
    """Lock one row against other writers, freshly read; NotFound where this tenant has none."""
    statement = (
        select(table)
        .where(getattr(table, "id") == identity)  # noqa: B009 - the mixin does not declare `id`.
        .with_for_update(key_share=True)
        # What this session read before it held the lock may be stale by now.
        .execution_options(populate_existing=True)
    )
    row = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(kind, identity)
    return row


def held(uow: UnitOfWork, table: type[Row], kind: str, identity: str) -> Row:
    """Hold one row as it is until the transaction ends, together with others who hold it so.

    For what a new row depends on: nobody can retire the parent while a child is added.
    """
    statement = (
        select(table)
        .where(getattr(table, "id") == identity)  # noqa: B009 - as above.
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    row = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(kind, identity)
    return row


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
