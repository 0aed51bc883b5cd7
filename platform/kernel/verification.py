"""Proves that rows and audit log still agree: finds what was edited behind the product's back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import exists, inspect, select
from sqlalchemy.orm import Mapper

from kernel.audit import AuditEntry, AuditPending, Seal, leaf_hash
from kernel.canonical import read_json
from kernel.clock import format_instant
from kernel.db import TenantOwned
from kernel.row_changes import governed_columns, governed_tables, row_key
from kernel.trails import Trail
from kernel.uow import UnitOfWork

ROWS_PER_FETCH = 1000

FaultKind = Literal[
    "entry_altered", "entry_missing", "pending_altered", "row_altered", "row_added", "row_missing"
]


@dataclass(frozen=True)
class VerificationFault:
    """One place where the database does not say what the log says."""

    kind: FaultKind
    table: str
    key: str
    detail: str


@dataclass
class Verification:
    """What was compared, and what did not agree."""

    entries: int = 0
    rows: int = 0
    faults: list[VerificationFault] = field(default_factory=list)


def verify(
    uow: UnitOfWork, seal: Seal, progress: Callable[[str, int], None] = lambda _what, _n: None
) -> Verification:
    """Recompute every leaf, and compare each governed row with its last audit entry.

    Reads in one transaction. `progress` is told of each finished part and its size.
    """
    result = Verification()
    known = _read_entries(uow, seal, result)
    progress("audit_entry", result.entries)
    _check_pending(uow, result)
    for table in governed_tables():
        before = result.rows
        _check_table(uow, seal, table, known, result)
        progress(inspect(table).local_table.name, result.rows - before)
    for (table_name, key), trail in known.items():
        if trail.digest is not None:
            _add(result, "row_missing", table_name, key, f"version {trail.version} is gone")
    return result


def _read_entries(
    uow: UnitOfWork, seal: Seal, result: Verification
) -> dict[tuple[str, str], Trail]:
    known: dict[tuple[str, str], Trail] = {}
    entries = select(AuditEntry).order_by(AuditEntry.id)
    for entry in uow.session.scalars(entries.execution_options(yield_per=ROWS_PER_FETCH)):
        result.entries += 1
        body = _proven_body(entry, seal)
        if body is None or not _columns_agree(entry, body):
            _add(result, "entry_altered", "audit_entry", entry.id, entry.action)
            continue
        for change in body["changes"]:
            known.setdefault((change["table"], change["key"]), Trail()).follow(change)
    for (table, key), trail in known.items():
        if trail.has_gap:
            detail = f"no entry tells how version {trail.version} was left"
            _add(result, "entry_missing", table, key, detail)
    return known


def _proven_body(entry: AuditEntry, seal: Seal) -> Mapping[str, Any] | None:
    """Return what an entry says; None where it is not what was sealed, whatever it is now."""
    leaf = leaf_hash(entry.body.encode())
    if leaf != entry.leaf_hash or not seal.is_mac(entry.mac, entry.tenant_id, leaf):
        return None
    body: Mapping[str, Any] = read_json(entry.body)
    return body


def _columns_agree(entry: AuditEntry, body: Mapping[str, Any]) -> bool:
    return (
        body["id"] == entry.id
        and body["tenant"] == entry.tenant_id
        and body["at"] == format_instant(entry.at)
        and body["actor"]["id"] == entry.actor_id
        and body["actor"]["on_behalf_of"] == entry.on_behalf_of
        and body["action"] == entry.action
        and (body["subject"]["kind"], body["subject"]["id"])
        == (entry.subject_kind, entry.subject_id)
        and body["outcome"] == entry.outcome
        and body["request"] == entry.request_id
        and entry.version == 1
    )


def _check_pending(uow: UnitOfWork, result: Verification) -> None:
    pairs = select(AuditPending, AuditEntry.leaf_hash).outerjoin(
        AuditEntry,
        (AuditEntry.tenant_id == AuditPending.tenant_id) & (AuditEntry.id == AuditPending.entry_id),
    )
    rows = uow.session.execute(pairs.execution_options(yield_per=ROWS_PER_FETCH))
    for pending, leaf in rows:
        if pending.leaf_hash != leaf or pending.version != 1:
            detail = "its leaf is not that of the entry"
            _add(result, "pending_altered", "audit_pending", pending.entry_id, detail)
    # Nothing puts entries in order yet: every one of them waits.
    waits = exists().where(
        AuditPending.tenant_id == AuditEntry.tenant_id, AuditPending.entry_id == AuditEntry.id
    )
    for identity in uow.session.scalars(select(AuditEntry.id).where(~waits)):
        detail = "the entry does not wait to be put in order"
        _add(result, "pending_altered", "audit_pending", identity, detail)


def _check_table(
    uow: UnitOfWork,
    seal: Seal,
    table: type[TenantOwned],
    known: dict[tuple[str, str], Trail],
    result: Verification,
) -> None:
    mapper: Mapper[Any] = inspect(table)
    name = mapper.local_table.name  # type: ignore[attr-defined] # A Table, never a join.
    for values in _rows_of(uow, table):
        result.rows += 1
        key = row_key(table, values)
        recorded = known.pop((name, key), None)
        if recorded is None:
            _add(result, "row_added", name, key, "no audit entry knows this row")
        elif recorded.digest is None:
            _add(result, "row_added", name, key, "the log says that this row was deleted")
        elif not seal.is_digest(recorded.digest, name, values):
            detail = f"differs from version {recorded.version} in the log"
            _add(result, "row_altered", name, key, detail)


def _rows_of(uow: UnitOfWork, table: type[TenantOwned]) -> Iterator[Mapping[str, Any]]:
    names = governed_columns(table)
    columns = [getattr(table, name) for name in names]
    rows = uow.session.execute(select(*columns).execution_options(yield_per=ROWS_PER_FETCH))
    for row in rows:
        yield dict(zip(names, row, strict=True))


def _add(result: Verification, kind: FaultKind, table: str, key: str, detail: str) -> None:
    result.faults.append(VerificationFault(kind, table, key, detail))
