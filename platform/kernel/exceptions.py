"""Owned problems: what went wrong, who takes care of it, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from sqlalchemy import CheckConstraint, Index, Select, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Permission
from kernel.audit import Subject
from kernel.db import Table, TenantOwned, UtcDateTime, id_column
from kernel.errors import Conflict, NotFound
from kernel.events import Event
from kernel.ids import ActorId, ExceptionId
from kernel.locks import take_name
from kernel.uow import UnitOfWork

Severity = Literal["low", "normal", "high"]

WRITE_EXCEPTIONS = Permission("exceptions:write")


class ExceptionCase(TenantOwned, Table):
    """A problem that needs a person. Open cases of one kind, subject and cause are one case."""

    __tablename__ = "exception_case"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    cause: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[str | None] = mapped_column(String(80))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("severity IN ('low','normal','high')", name="severity"),
        CheckConstraint("state IN ('open','resolved')", name="state"),
        Index("ix_exception_case_open", "tenant_id", "state", "due_at", "id"),
        Index("ix_exception_case_subject", "tenant_id", "subject_kind", "subject_id"),
    )


@dataclass(frozen=True)
class ExceptionRaised(Event):
    """A problem was given to people."""

    name: ClassVar[str] = "exception.raised"

    exception_id: str
    kind: str
    subject_kind: str
    subject_id: str


@dataclass(eq=False)
class AlreadyResolved(Conflict):
    """This exception is already resolved."""

    code: ClassVar[str] = "exception.already_resolved"

    exception_id: str


def raise_exception(
    uow: UnitOfWork,
    *,
    kind: str,
    subject: Subject,
    cause: str,
    due_within: timedelta = timedelta(days=1),
    severity: Severity = "normal",
) -> ExceptionId:
    """Open a case, or return the open one for the same kind, subject and cause.

    Of two who raise the same at once, the second waits for the first and gets its case. No
    permission is asked for: whatever somebody does may turn out to need a person.
    """
    take_name(uow, "exception", kind, subject.kind, subject.id, cause)
    known = uow.session.scalar(
        select(ExceptionCase.id).where(
            ExceptionCase.subject_kind == subject.kind,
            ExceptionCase.subject_id == subject.id,
            ExceptionCase.kind == kind,
            ExceptionCase.cause == cause,
            ExceptionCase.state == "open",
        )
    )
    if known is not None:
        return ExceptionId(known)
    case = ExceptionCase(
        tenant_id=uow.tenant_id,
        id=uow.new_id("exc"),
        kind=kind,
        subject_kind=subject.kind,
        subject_id=subject.id,
        cause=cause,
        severity=severity,
        state="open",
        raised_at=uow.now,
        due_at=uow.now + due_within,
    )
    uow.session.add(case)
    uow.emit(ExceptionRaised(case.id, kind, subject.kind, subject.id))
    uow.record("exception.raise", Subject("exception", case.id), reason=cause)
    return ExceptionId(case.id)


def cases_like(state: str | None = None, kind: str | None = None) -> Select[ExceptionCase]:
    """Return the query for cases in a state and of a kind, None being any; in no order."""
    query = select(ExceptionCase)
    if state is not None:
        query = query.where(ExceptionCase.state == state)
    if kind is not None:
        query = query.where(ExceptionCase.kind == kind)
    return query


def open_cases(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """Count the open cases, and say since when the oldest is."""
    waiting = select(func.count(), func.min(ExceptionCase.raised_at)).where(
        ExceptionCase.state == "open"
    )
    count, oldest = uow.session.execute(waiting).one()
    return int(count), oldest


def kinds_of_cases(uow: UnitOfWork) -> Sequence[str]:
    """Return every kind of case that this tenant ever had, in their order."""
    found = select(ExceptionCase.kind).distinct().order_by(ExceptionCase.kind)
    return uow.session.scalars(found).all()


def one_case(uow: UnitOfWork, exception_id: str) -> ExceptionCase:
    """Return a case; NotFound where this tenant has none."""
    case = uow.session.get(ExceptionCase, (uow.tenant_id, exception_id))
    if case is None:
        raise NotFound("exception", exception_id)
    return case


def assign(uow: UnitOfWork, exception_id: ExceptionId, owner_id: ActorId) -> ExceptionCase:
    """Give an open case to somebody."""
    uow.actor.must(WRITE_EXCEPTIONS)
    case = _open_case(uow, exception_id)
    case.owner_id = owner_id
    uow.record("exception.assign", Subject("exception", case.id))
    return case


def resolve(uow: UnitOfWork, exception_id: ExceptionId, resolution: str) -> ExceptionCase:
    """Close an open case with a sentence that says what was done."""
    uow.actor.must(WRITE_EXCEPTIONS)
    case = _open_case(uow, exception_id)
    case.state, case.resolved_at, case.resolution = "resolved", uow.now, resolution
    uow.record("exception.resolve", Subject("exception", case.id), reason=resolution)
    return case


def _open_case(uow: UnitOfWork, exception_id: ExceptionId) -> ExceptionCase:
    case = uow.session.scalar(
        select(ExceptionCase)
        .where(ExceptionCase.id == exception_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound("exception", exception_id)
    if case.state != "open":
        raise AlreadyResolved(exception_id)
    return case
