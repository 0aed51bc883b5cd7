"""The audit log: who did what to what, on whose authority, with a digest of every row touched.

An entry is written in the transaction it describes. A transaction that changes a governed row
without an entry cannot commit. Each entry carries the RFC 6962 leaf hash of its canonical form,
a keyed code that a database administrator cannot recompute, and a pending row for the sequencer.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Index,
    Insert,
    LargeBinary,
    String,
    Text,
    bindparam,
    insert,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Actor
from kernel.canonical import Json, bytes_of_json, to_json
from kernel.db import Table, TenantOwned, TenantSession, UtcDateTime, id_column, text_id
from kernel.ids import TenantId

Outcome = Literal["done", "denied", "failed"]


@dataclass(frozen=True)
class Subject:
    """What an entry is about: a kind such as `purchase_order`, an id, and its version if any."""

    kind: str
    id: str
    version: int | None = None


@dataclass(frozen=True)
class RowChange:
    """One governed row as it stands after the change; `digest` is None where it was deleted.

    `replaces` is the version that was there before, None where the row is new: the changes of a
    row join into one trail, whatever order their entries are read in. `fields` holds JSON.
    """

    table: str
    key: str
    replaces: int | None
    version: int
    digest: str | None
    fields: Mapping[str, Json]


@dataclass
class EntryDraft:
    """An entry still being written; its changes grow until the transaction commits."""

    id: str
    at: datetime
    action: str
    subject: Subject
    actor: Actor
    outcome: Outcome = "done"
    reason: str | None = None
    authority: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)


class AuditEntry(TenantOwned, Table):
    """One line of the log. Rows are only ever added; the database refuses anything else."""

    __tablename__ = "audit_entry"

    id: Mapped[str] = id_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str] = mapped_column(String(80))
    on_behalf_of: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[str | None] = text_id()
    body: Mapped[str] = mapped_column(Text)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("ix_audit_entry_subject", "tenant_id", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entry_actor", "tenant_id", "actor_id", "id"),
    )


class AuditPending(TenantOwned, Table):
    """An entry that waits to be put in order."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[str] = id_column()
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class Seal:
    """Computes digests and codes with a key that is kept outside the database.

    Former keys still prove what was sealed with them, so that the key can be rotated.
    """

    def __init__(self, key: bytes, former_keys: Sequence[bytes] = ()) -> None:
        """Take the keys: at least 32 bytes each."""
        self._keys = (key, *former_keys)
        assert all(len(key) >= 32 for key in self._keys), "an audit key has at least 32 bytes"

    def digest(self, table: str, columns: Json) -> str:
        """Return the keyed digest (HMAC-SHA-256, hex) of a row's governed columns, as JSON."""
        return _digest(self._keys[0], table, columns)

    def is_digest(self, digest: str, table: str, columns: Mapping[str, Any]) -> bool:
        """Tell whether a digest, made with any of the keys, is that of these columns."""
        plain = to_json(columns)
        return any(hmac.compare_digest(_digest(key, table, plain), digest) for key in self._keys)

    def mac(self, tenant_id: TenantId, leaf: bytes) -> bytes:
        """Return the code that binds a leaf to its tenant."""
        return _mac(self._keys[0], tenant_id, leaf)

    def is_mac(self, mac: bytes, tenant_id: TenantId, leaf: bytes) -> bool:
        """Tell whether a code, made with any of the keys, binds this leaf to this tenant."""
        return any(hmac.compare_digest(_mac(key, tenant_id, leaf), mac) for key in self._keys)


def _digest(key: bytes, table: str, columns: Json) -> str:
    return hmac.digest(key, bytes_of_json([table, columns]), "sha256").hex()


def _mac(key: bytes, tenant_id: TenantId, leaf: bytes) -> bytes:
    return hmac.digest(key, tenant_id.encode() + b"\0" + leaf, "sha256")


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf hash of an entry's canonical bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def body_of(draft: EntryDraft, tenant_id: TenantId, request_id: str | None) -> bytes:
    """Return the canonical bytes of an entry: everything an auditor may need, no secrets."""
    actor = draft.actor
    body = to_json(
        {
            "id": draft.id,
            "tenant": tenant_id,
            "at": draft.at,
            "actor": {
                "id": actor.id,
                "kind": actor.kind,
                "session": actor.session_id,
                "strength": actor.strength,
                "network": actor.network,
                "client": actor.client_id,
                "on_behalf_of": actor.on_behalf_of,
            },
            "action": draft.action,
            "subject": draft.subject,
            "outcome": draft.outcome,
            "reason": draft.reason,
            "authority": draft.authority,
            "request": request_id,
            "facts": draft.facts,
        }
    )
    # They are JSON already, and most of the entry.
    body["changes"] = [vars(change) for change in draft.changes]
    return bytes_of_json(body)


def write_entries(
    session: TenantSession,
    seal: Seal,
    drafts: Sequence[EntryDraft],
    *,
    request_id: str | None,
) -> None:
    """Insert entries and their pending rows in the session's transaction."""
    entries = [_row(draft, session.tenant_id, request_id, seal) for draft in drafts]
    # A list of one would be sent as a batch, which costs two more round trips.
    session.connection().execute(_ADD, entries if len(entries) > 1 else entries[0])


def _row(
    draft: EntryDraft, tenant_id: TenantId, request_id: str | None, seal: Seal
) -> dict[str, Any]:
    body = body_of(draft, tenant_id, request_id)
    leaf = leaf_hash(body)
    return {
        "tenant_id": tenant_id,
        "id": draft.id,
        "version": 1,
        "at": draft.at,
        "actor_id": draft.actor.id,
        "on_behalf_of": draft.actor.on_behalf_of,
        "action": draft.action,
        "subject_kind": draft.subject.kind,
        "subject_id": draft.subject.id,
        "outcome": draft.outcome,
        "request_id": request_id,
        "body": body.decode(),
        "leaf_hash": leaf,
        "mac": seal.mac(tenant_id, leaf),
    }


def _addition() -> Insert:
    """Return the statement that adds an entry and, in the same round trip, its pending row."""
    columns = inspect(AuditEntry).columns
    entry = (
        insert(AuditEntry)
        .values({column.key: bindparam(column.key, type_=column.type) for column in columns})
        .returning(AuditEntry.tenant_id, AuditEntry.version, AuditEntry.id, AuditEntry.leaf_hash)
        .cte("entry")
    )
    names = ["tenant_id", "version", "entry_id", "leaf_hash"]
    return insert(AuditPending).from_select(names, select(entry))


_ADD = _addition()
