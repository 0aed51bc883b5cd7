"""Same key, same answer, for commands inside the product: a step that runs twice acts once."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.canonical import canonical_bytes, to_json
from kernel.db import Table, TenantOwned, UtcDateTime
from kernel.idempotency import KeyReused
from kernel.locks import number_of
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


# One round trip: waits for the key's turn, and only then looks for its record.
_BEGIN = text("SELECT fingerprint, answer FROM begin_command(:turn, :key)").columns(
    fingerprint=String, answer=JSONB
)


def once(
    uow: UnitOfWork,
    key: str,
    kind: str,
    request: Mapping[str, Any],
    run: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Run a command unless its key was answered before; return the one answer, as plain JSON.

    Two transactions with one key take turns: the second waits for the first and gets its answer.
    Where the unit of work says that what has this key happens once anyway, it is only run, and so
    are the commands that it is made of. Raises KeyReused where the key stands for another command
    or another request. The record is written after `run`, so `run` must end with its audit entry,
    which then also covers it.
    """
    assert 0 < len(key) <= KEY_LENGTH_MAX, "a command needs a key of at most 160 characters"
    if uow.is_once_under(key):
        return dict(to_json(run()))
    print_ = hashlib.sha256(canonical_bytes([kind, request])).hexdigest()
    record = uow.session.execute(
        _BEGIN, {"turn": number_of(uow, "command", key), "key": key}
    ).first()
    if record is not None:
        if record.fingerprint != print_:
            raise KeyReused
        earlier: Mapping[str, Any] = record.answer
        return earlier
    with uow.once_under(key):
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
