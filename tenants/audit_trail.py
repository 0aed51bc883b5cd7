"""Reads of the audit log for people: who did what to what, with the state before and after.

Reading the log is itself written to it (AUD-13).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.access import Permission
from kernel.audit import AuditEntry, Subject
from kernel.canonical import read_json
from kernel.errors import NotFound
from kernel.ids import ActorId, new_id
from kernel.uow import UnitOfWork

READ_AUDIT = Permission("audit:read")

# Rows that only carry what happened to others; the log covers them, people need not read them.
_MECHANICS = frozenset({"outbox", "inbox", "job", "idempotency_record"})
# Ten digits of five bits hold the time of an id: 48 bits behind two that are always zero.
_BEGINNING_OF_ID = len("aud_") + 10


@dataclass(frozen=True)
class TrailQuery:
    """What is asked of the log: an actor's id, a subject, an action or the start of one.

    Times are from `since` on and before `until`.
    """

    actor_id: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class RowDifference:
    """What one entry changed in one row: field, before, after; deleted rows have no fields."""

    table: str
    key: str
    is_deleted: bool
    fields: Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True)
class TrailEntry:
    """One line of the log as people read it."""

    id: str
    at: datetime
    actor_id: str
    actor_name: str
    on_behalf_of: str | None
    action: str
    subject_kind: str
    subject_id: str
    outcome: str
    reason: str | None
    authority: str | None
    request_id: str | None
    evidence: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    changes: Sequence[RowDifference] = ()


def read_trail(
    uow: UnitOfWork,
    query: TrailQuery,
    *,
    beyond: str | None = None,
    limit: int = 50,
    oldest_first: bool = False,
) -> tuple[list[TrailEntry], str | None]:
    """Return entries, the newest first, and the id beyond which further ones go on, if any."""
    uow.actor.must(READ_AUDIT)
    statement = _narrowed(query)
    at = AuditEntry.id
    if beyond is not None:
        statement = statement.where(at > beyond if oldest_first else at < beyond)
    statement = statement.order_by(at if oldest_first else at.desc())
    rows = uow.session.scalars(statement.limit(limit + 1)).all()
    entries = _shown(uow, rows[:limit])
    asked = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(query).items()
        if value
    }
    uow.record("audit.read", Subject("audit_log", uow.tenant_id), facts=asked)
    return entries, rows[limit - 1].id if len(rows) > limit else None


def _narrowed(query: TrailQuery) -> Select[AuditEntry]:
    statement = select(AuditEntry)
    if query.actor_id:
        statement = statement.where(AuditEntry.actor_id == query.actor_id)
    if query.subject_kind:
        statement = statement.where(AuditEntry.subject_kind == query.subject_kind)
    if query.subject_id:
        statement = statement.where(AuditEntry.subject_id == query.subject_id)
    if query.outcome:
        statement = statement.where(AuditEntry.outcome == query.outcome)
    if query.action:
        # A range instead of LIKE, which loses its index under a policy.
        statement = statement.where(
            AuditEntry.action >= query.action, AuditEntry.action < query.action + "\U0010ffff"
        )
    # The index of ids serves a span of time: an id begins with the millisecond of its entry.
    if query.since is not None:
        statement = statement.where(AuditEntry.id >= _first_id(query.since))
    if query.until is not None:
        statement = statement.where(AuditEntry.id < _first_id(query.until))
    return statement


def _first_id(at: datetime) -> str:
    """Return what every id of an entry from this millisecond on is not less than."""
    return new_id("aud", at)[:_BEGINNING_OF_ID]


def trail_entry(uow: UnitOfWork, entry_id: str) -> TrailEntry:
    """Return one entry; NotFound where the tenant has none by this id."""
    uow.actor.must(READ_AUDIT)
    row = uow.session.get(AuditEntry, (uow.tenant_id, entry_id))
    if row is None:
        raise NotFound("audit entry", entry_id)
    entry = _shown(uow, [row])[0]
    uow.record("audit.read", Subject("audit_entry", entry_id))
    return entry


def last_change_of(
    uow: UnitOfWork, subject_kind: str, subject_id: str
) -> tuple[str, datetime] | None:
    """Return who last changed a thing and when, for who is about to change it as well.

    It names one person to another whom that person got in the way of. It is no reading of the
    log: it asks for no permission beyond that of the change, and is not written down.
    """
    found = uow.session.execute(
        select(AuditEntry.actor_id, AuditEntry.at)
        .where(
            AuditEntry.subject_kind == subject_kind,
            AuditEntry.subject_id == subject_id,
            AuditEntry.outcome == "done",
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    return directory.name_of(uow, ActorId(found.actor_id)), found.at


def _shown(uow: UnitOfWork, rows: Sequence[AuditEntry]) -> list[TrailEntry]:
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    names = {
        actor_id: directory.name_of(uow, ActorId(actor_id))
        for actor_id in {row.actor_id for row in rows}
    }
    return [_entry(row, names[row.actor_id]) for row in rows]


def _entry(row: AuditEntry, actor_name: str) -> TrailEntry:
    body = read_json(row.body)
    evidence = {
        name: body["actor"][name]
        for name in ("kind", "session", "strength", "network", "client")
        if body["actor"][name] is not None
    }
    return TrailEntry(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        actor_name=actor_name,
        on_behalf_of=row.on_behalf_of,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        outcome=row.outcome,
        reason=body["reason"],
        authority=body["authority"],
        request_id=row.request_id,
        evidence=evidence,
        facts=body["facts"],
        changes=[
            RowDifference(
                change["table"],
                change["key"],
                change["digest"] is None,
                [(name, old, new) for name, (old, new) in sorted(change["fields"].items())],
            )
            for change in body["changes"]
            if change["table"] not in _MECHANICS
        ],
    )
