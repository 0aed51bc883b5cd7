"""Long work that somebody waits for: how it stands, how far it is, and what came of it.

An operation is asked for in one request and done by jobs. It only ever moves forward, and never
once it has ended. Whoever moves one has locked the thing that it is about before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from sqlalchemy import CheckConstraint, Index, Integer, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Permission
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.db import Table, TenantOwned, UtcDateTime, id_column
from kernel.errors import Conflict, NotFound
from kernel.uow import UnitOfWork

OperationStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
MOVES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"succeeded", "failed", "cancelled"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
OPEN = frozenset(status for status, moves in MOVES.items() if moves)
KEPT_FOR = timedelta(days=7)
"""How long the outcome can be read."""


class Operation(TenantOwned, Table):
    """Something that takes longer than a request, about one subject."""

    __tablename__ = "operation"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    wishes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """How it is to be done, as its kind understands it."""
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(
            "status IN ('queued','running','succeeded','failed','cancelled')", name="status"
        ),
        CheckConstraint("done BETWEEN 0 AND total", name="progress"),
        CheckConstraint(
            "(status IN ('queued','running')) = (expires_at IS NULL)", name="ended_expires"
        ),
        Index("ix_operation_subject", "tenant_id", "subject_kind", "subject_id"),
    )


@dataclass(frozen=True)
class OperationKind:
    """A kind of operation: who may see and cancel it, and how its subject is given up."""

    name: str
    see: Permission
    cancel_needs: Permission
    cancel: Callable[[UnitOfWork, str], object]


_KINDS: dict[str, OperationKind] = {}


@dataclass(eq=False)
class OperationEnded(Conflict):
    """This operation has ended: it stays as it is."""

    code: ClassVar[str] = "operation.ended"

    operation_id: str
    status: str


def declare(kind: OperationKind) -> OperationKind:
    """Make a kind of operation known by its name."""
    assert _KINDS.setdefault(kind.name, kind) == kind, f"{kind.name} is declared twice"
    return kind


def begin(
    uow: UnitOfWork,
    kind: str,
    subject: Subject,
    *,
    total: int,
    wishes: Mapping[str, Any] | None = None,
) -> Operation:
    """Write down that something was asked for; the caller enqueues who does it."""
    operation = Operation(
        tenant_id=uow.tenant_id,
        id=uow.new_id("opn"),
        kind=kind,
        subject_kind=subject.kind,
        subject_id=subject.id,
        status="queued",
        done=0,
        total=total,
        wishes=to_json(wishes or {}),
        asked_by=uow.actor.id,
        asked_at=uow.now,
    )
    uow.session.add(operation)
    uow.session.flush()
    uow.record("operation.begin", Subject("operation", operation.id, operation.version))
    return operation


def open_operation_about(uow: UnitOfWork, kind: str, subject_id: str) -> Operation | None:
    """Lock and return the operation about a locked subject that has not ended, or None."""
    return uow.session.scalar(
        select(Operation)
        .where(
            Operation.kind == kind,
            Operation.subject_id == subject_id,
            Operation.status.in_(sorted(OPEN)),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def advance(uow: UnitOfWork, operation: Operation, done: int) -> None:
    """Note how far a locked operation has come; it never goes back. OperationEnded if it has."""
    if operation.status not in OPEN:
        raise OperationEnded(operation.id, operation.status)
    if operation.status == "queued":
        _move(uow, operation, "running")
    operation.done = max(operation.done, min(done, operation.total))


def succeed(uow: UnitOfWork, operation: Operation, result: Mapping[str, Any]) -> None:
    """End a locked operation well."""
    advance(uow, operation, operation.total)
    operation.result = to_json(result)
    _move(uow, operation, "succeeded")


def fail(uow: UnitOfWork, operation: Operation, error: Mapping[str, Any]) -> None:
    """End a locked operation with a problem: `code`, `title` and whatever helps to mend it."""
    operation.error = to_json(error)
    _move(uow, operation, "failed")


def read(uow: UnitOfWork, operation_id: str) -> Operation:
    """Return an operation; NotFound where there is none, or its outcome is kept no longer."""
    operation = uow.session.get(Operation, (uow.tenant_id, operation_id))
    if operation is None or (operation.expires_at is not None and operation.expires_at < uow.now):
        raise NotFound("operation", operation_id)
    uow.actor.must(_KINDS[operation.kind].see)
    return operation


def cancel(uow: UnitOfWork, operation_id: str) -> Operation:
    """Give up what has not ended; twice is once.

    OperationEnded where it came to another end before, and whatever its subject refuses with
    where it is too late.
    """
    operation = read(uow, operation_id)
    kind = _KINDS[operation.kind]
    uow.actor.must(kind.cancel_needs)
    # The subject is locked first, by its own verb, as by everybody who moves the operation.
    if operation.status in OPEN:
        kind.cancel(uow, operation.subject_id)
    uow.session.refresh(operation, with_for_update={"key_share": True})
    if operation.status == "cancelled":
        return operation
    _move(uow, operation, "cancelled")
    uow.session.flush()
    uow.record("operation.cancel", Subject("operation", operation.id, operation.version))
    return operation


def _move(uow: UnitOfWork, operation: Operation, status: OperationStatus) -> None:
    if status not in MOVES[operation.status]:
        raise OperationEnded(operation.id, operation.status)
    operation.status = status
    if not MOVES[status]:
        operation.expires_at = uow.now + KEPT_FOR
