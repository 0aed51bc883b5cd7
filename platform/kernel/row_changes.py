"""Watches a session's flushes, so that no change of a governed row escapes the audit log."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, UOWTransaction

from kernel.audit import AuditEntry, AuditPending, RowChange, Seal
from kernel.canonical import Json, to_json
from kernel.db import TenantOwned, TenantSession

_SELF_PROVING = (AuditEntry, AuditPending)
_NOT_SHOWN = "(not shown)"


class Unaudited(AssertionError):
    """A governed row changed, and nobody wrote down why: a bug in the verb."""


class ChangeWatch:
    """Collects the row changes of one session, flush by flush."""

    def __init__(self, seal: Seal) -> None:
        """Start empty."""
        self._seal = seal
        self._changes: list[RowChange] = []

    def after_flush(self, session: TenantSession, context: UOWTransaction) -> None:
        """Note what this flush wrote; called by the session."""
        del context
        for row in session.new:
            if isinstance(row, TenantOwned):
                self._changes.append(self._written(row, replaces=None))
        for row in session.dirty:
            if isinstance(row, TenantOwned) and session.is_modified(row):
                # The mapper counts versions one by one.
                self._changes.append(self._written(row, replaces=row.version - 1))
        for row in session.deleted:
            if isinstance(row, TenantOwned):
                self._changes.append(self._deleted(row))

    def take(self) -> list[RowChange]:
        """Return what was collected since the last call, the latest state of each row once."""
        latest: dict[tuple[str, str], RowChange] = {}
        for change in self._changes:
            earlier = latest.get((change.table, change.key))
            if earlier is not None:
                change = _merged(earlier, change)
            latest[change.table, change.key] = change
        self._changes = []
        return list(latest.values())

    def mark(self) -> list[RowChange]:
        """Return where the collection stands, for `restore`."""
        return list(self._changes)

    def restore(self, mark: list[RowChange]) -> None:
        """Forget what was collected since a mark: its savepoint was rolled back."""
        self._changes = list(mark)

    def _written(self, row: TenantOwned, *, replaces: int | None) -> RowChange:
        mapper: Mapper[Any] = inspect(type(row))
        columns = governed_columns(type(row))
        values = {name: getattr(row, name) for name in columns}
        plain: dict[str, Json] = to_json(values)
        table: str = mapper.local_table.name  # type: ignore[attr-defined] # A Table, never a join.
        return RowChange(
            table=table,
            key=row_key(type(row), values),
            replaces=replaces,
            version=row.version,
            digest=self._seal.digest(table, plain),
            fields=dict(_changed(mapper, row, plain, is_new=replaces is None)),
        )

    def _deleted(self, row: TenantOwned) -> RowChange:
        mapper: Mapper[Any] = inspect(type(row))
        values = {name: getattr(row, name) for name in governed_columns(type(row))}
        return RowChange(
            table=mapper.local_table.name,  # type: ignore[attr-defined] # As above.
            key=row_key(type(row), values),
            replaces=row.version,
            version=row.version + 1,
            digest=None,
            fields={},
        )


@event.listens_for(TenantSession, "after_flush")
def _watch_flush(session: TenantSession, context: UOWTransaction) -> None:
    # One listener for all sessions: to attach one to each costs more than a statement.
    watch: ChangeWatch = session.info["watch"]
    watch.after_flush(session, context)


def governed_columns(table: type[TenantOwned]) -> tuple[str, ...]:
    """Return the names of the columns that a row's digest covers."""
    mapper: Mapper[Any] = inspect(table)
    return _governed(mapper)


@cache
def _governed(mapper: Mapper[Any]) -> tuple[str, ...]:
    table: type[TenantOwned] = mapper.class_
    return tuple(
        attribute.key
        for attribute in mapper.column_attrs
        if attribute.key not in table.ungoverned and attribute.columns[0].computed is None
    )


def row_key(table: type[TenantOwned], values: Mapping[str, Any]) -> str:
    """Return the primary key without its tenant, as text."""
    mapper: Mapper[Any] = inspect(table)
    names = (column.key for column in mapper.primary_key if column.key != "tenant_id")
    return "|".join(str(values[name]) for name in names if name is not None)


def governed_tables() -> list[type[TenantOwned]]:
    """Return every tenant-owned table whose rows the log proves by digest."""
    from kernel.db import Table

    mapped = (mapper.class_ for mapper in Table.registry.mappers)
    owned = [each for each in mapped if issubclass(each, TenantOwned)]
    return sorted(
        (each for each in owned if each not in _SELF_PROVING),
        key=lambda each: inspect(each).local_table.name,
    )


def _changed(
    mapper: Mapper[Any], row: TenantOwned, plain: Mapping[str, Json], *, is_new: bool
) -> Iterator[tuple[str, list[Json]]]:
    """Yield what was assigned, before and after."""
    state = inspect(row)
    hidden = _hidden(mapper)
    # Only what was assigned has a history; to ask every column for one costs as much as SQL.
    for name in plain:
        if name not in state.committed_state or name in ("tenant_id", "version"):
            continue
        before = None
        if not is_new:
            history = state.attrs[name].history
            if not history.has_changes():
                continue
            before = to_json(history.deleted[0]) if history.deleted else None
        yield name, [_NOT_SHOWN, _NOT_SHOWN] if name in hidden else [before, plain[name]]


@cache
def _hidden(mapper: Mapper[Any]) -> frozenset[str]:
    marked = ((each.key, each.columns[0].info) for each in mapper.column_attrs)
    return frozenset(name for name, info in marked if info.get("secret") or info.get("personal"))


def _merged(earlier: RowChange, later: RowChange) -> RowChange:
    fields = dict(earlier.fields)
    for name, (before, after) in later.fields.items():
        fields[name] = [fields[name][0] if name in fields else before, after]
    return replace(later, replaces=earlier.replaces, fields=fields)
