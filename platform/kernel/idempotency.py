"""Same key, same answer: the record of a request lives in the transaction of its effect."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.canonical import canonical_bytes
from kernel.db import Table, TenantOwned, UtcDateTime
from kernel.errors import Conflict, Invalid
from kernel.locks import try_name
from kernel.uow import UnitOfWork

KEPT_FOR = timedelta(days=30)
KEY_LENGTH_MAX = 255


class IdempotencyRecord(TenantOwned, Table):
    """The answer that a key was given. It exists only if the effect was committed."""

    __tablename__ = "idempotency_record"

    client_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(eq=False)
class KeyReused(Invalid):
    """This idempotency key was used for a different request: send a new key."""

    code: ClassVar[str] = "idempotency.key_reused"


@dataclass(eq=False)
class StillRunning(Conflict):
    """The first request with this idempotency key is still running: retry shortly."""

    code: ClassVar[str] = "idempotency.still_running"


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same: method, path and exact body."""
    return hashlib.sha256(canonical_bytes([method, path, body])).hexdigest()


def replayed(uow: UnitOfWork, client_id: str, key: str, print_: str) -> Answer | None:
    """Return the stored answer for a key, or None and hold the key until this transaction ends.

    Raises StillRunning while another transaction holds the key, and KeyReused where the key
    stands for another request. The lock is advisory and taken before the look-up, so a racer
    either waits for nobody and is told so, or sees the committed answer.
    """
    if not try_name(uow, "idempotency", client_id, key):
        raise StillRunning
    record = uow.session.get(IdempotencyRecord, (uow.tenant_id, client_id, key))
    if record is None or record.answered_at + KEPT_FOR < uow.real_now:
        if record is not None:
            uow.session.delete(record)
            uow.session.flush()
        return None
    if record.fingerprint != print_:
        raise KeyReused
    return Answer(record.status, record.body)


def remember(uow: UnitOfWork, client_id: str, key: str, print_: str, answer: Answer) -> None:
    """Store the answer beside its effect: both are committed, or neither."""
    uow.session.add(
        IdempotencyRecord(
            tenant_id=uow.tenant_id,
            client_id=client_id,
            key=key,
            fingerprint=print_,
            answered_at=uow.real_now,
            status=answer.status,
            body=answer.body,
        )
    )
