"""Same key, same answer, for commands inside the product: a step that runs twice acts once."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.canonical import canonical_bytes, to_json
from kernel.db import Table, TenantOwned, UtcDateTime
from kernel.idempotency import KeyReused
from kernel.uow import UnitOfWork

KEY_LENGTH_MAX = 160


class CommandRecord(TenantOwned, Table):
    """What a command with this key was asked and answered. It exists only if it was committed."""

    __tablename__ = "command_record"

    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


def once(
    uow: UnitOfWork,
    key: str,
    kind: str,
    request: Mapping[str, Any],
    run: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Run a command unless its key was answered before; return the one answer, as plain JSON.

    Two transactions with one key take turns: the second waits for the first and gets its answer.
    Raises KeyReused where the key stands for another command or another request. The record is
    written after `run`, so `run` must end with its audit entry, which then also covers it.
    """
    assert 0 < len(key) <= KEY_LENGTH_MAX, "a command needs a key of at most 160 characters"
    print_ = hashlib.sha256(canonical_bytes([kind, request])).hexdigest()
    take_turns(uow, "command", key)
    record = uow.session.get(CommandRecord, (uow.tenant_id, key))
    if record is not None:
        if record.fingerprint != print_:
            raise KeyReused
        return record.answer
    answer: dict[str, Any] = to_json(run())
    uow.session.add(
        CommandRecord(
            tenant_id=uow.tenant_id,
            key=key,
            kind=kind,
            fingerprint=print_,
            answer=answer,
            answered_at=uow.now,
        )
    )
    return answer


def take_turns(uow: UnitOfWork, *names: str) -> None:
    """Hold a name until this transaction ends; others who want it wait, at most lock_timeout.

    For things that may not exist yet, and so have no row to lock. Take it before any row lock.
    """
    name = "\0".join((uow.tenant_id, *names))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    uow.session.execute(select(func.pg_advisory_xact_lock(number)))
