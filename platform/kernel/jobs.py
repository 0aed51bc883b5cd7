"""Durable jobs: rows in PostgreSQL that carry tenant, actor and payload; Redis only rings.

A job is committed with the change that asked for it, claimed under a lease, and done in one
transaction together with its completion. What happens outside (a mail, an upload) is told by the
handler's own effect class; a handler must be safe to repeat.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Actor, system_actor
from kernel.audit import Subject
from kernel.canonical import to_json
from kernel.db import Table, TenantOwned, UtcDateTime, id_column
from kernel.errors import NotFound
from kernel.exceptions import raise_exception
from kernel.ids import ActorId, JobId
from kernel.log import without_secrets
from kernel.uow import UnitOfWork
from kernel.work import Claim, LeaseColumns, LostLease, OpenUnit, WorkSource, backoff

ATTEMPTS_MAX = 8

Handler = Callable[[UnitOfWork, Mapping[str, Any]], None]


class Job(TenantOwned, LeaseColumns, Table):
    """Something to do after a commit, once."""

    __tablename__ = "job"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("state IN ('waiting','done','parked')", name="state"),
        CheckConstraint("actor_id <> ''", name="has_an_actor"),
        Index(
            "ix_job_due", "tenant_id", "next_at", "id", postgresql_where=text("state = 'waiting'")
        ),
    )


def enqueue(uow: UnitOfWork, kind: str, payload: Mapping[str, Any]) -> JobId:
    """Leave a job in this transaction, to be done as the present actor."""
    job = Job(
        tenant_id=uow.tenant_id,
        id=uow.new_id("job"),
        kind=kind,
        actor_id=uow.actor.on_behalf_of or uow.actor.id,
        payload=to_json(payload),
        state="waiting",
        created_at=uow.now,
    )
    uow.session.add(job)
    uow.wake_workers()
    return JobId(job.id)


@dataclass(frozen=True)
class JobKind:
    """A kind of job, the verb that does it, and who is told where it is given up."""

    name: str
    handler: Handler
    given_up: Callable[[UnitOfWork, Mapping[str, Any], Exception], None] | None = None


class JobRunner:
    """Does claimed jobs."""

    def __init__(self, kinds: Mapping[str, JobKind], open_unit: OpenUnit) -> None:
        """Take the kinds of job that this product knows, by name."""
        self._kinds = kinds
        self._open_unit = open_unit

    @property
    def source(self) -> WorkSource:
        """Due jobs as work for any worker."""
        return WorkSource("job", self.perform, takes_turns=True)

    def perform(self, claim: Claim) -> None:
        """Do one job and its completion in one transaction, as the actor that asked for it.

        A member or client that may no longer act, and an unknown kind, fail the job; a job that
        fails too often is parked with an exception for a person.
        """
        try:
            self._attempt(claim)
        except LostLease:
            raise
        except Exception as error:
            self._postpone(claim, error)

    def _attempt(self, claim: Claim) -> None:
        with self._open_unit(claim.tenant_id, system_actor("jobs")) as uow:
            row = uow.session.get_one(Job, (claim.tenant_id, claim.id))
            actor = actor_of(uow, ActorId(row.actor_id))
        with self._open_unit(claim.tenant_id, actor) as uow:
            row = _held(uow, claim)
            kind = self._kinds.get(row.kind)
            if kind is None:
                raise NotFound("job kind", row.kind)
            kind.handler(uow, row.payload)
            row.state, row.ended_at = "done", uow.now
            if not uow.has_recorded:
                uow.record("job.done", Subject("job", row.id), facts={"kind": row.kind})

    def _postpone(self, claim: Claim, error: Exception) -> None:
        with self._open_unit(claim.tenant_id, system_actor("jobs")) as uow:
            row = _held(uow, claim)
            attempts = row.attempts + 1
            uow.session.execute(
                update(Job)
                .where(Job.id == claim.id, Job.fence == claim.fence)
                .values(
                    attempts=attempts,
                    lease_until=None,
                    next_at=func.clock_timestamp() + backoff(attempts),
                    last_error=without_secrets(f"{type(error).__name__}: {error}")[:500],
                )
            )
            if attempts >= ATTEMPTS_MAX:
                row.state, row.ended_at = "parked", uow.now
                kind = self._kinds.get(row.kind)
                if kind is not None and kind.given_up is not None:
                    kind.given_up(uow, row.payload, error)
                uow.record("job.park", Subject("job", row.id), outcome="failed")
                raise_exception(
                    uow,
                    kind="job.parked",
                    subject=Subject("job", claim.id),
                    cause=f"{row.kind} failed {attempts} times: {type(error).__name__}",
                    due_within=timedelta(hours=4),
                )


def actor_of(uow: UnitOfWork, actor_id: ActorId) -> Actor:
    """Restore an actor by id, with the rights it has now."""
    if actor_id.startswith("system:"):
        return system_actor(actor_id.removeprefix("system:"))
    if actor_id.startswith("operator:"):
        return Actor(actor_id, "operator", actor_id.removeprefix("operator:"), frozenset())
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    return directory.actor(uow, actor_id)


def _held(uow: UnitOfWork, claim: Claim) -> Job:
    """Lock the job row, or raise LostLease where another worker holds it by now."""
    row = uow.session.scalar(
        select(Job)
        .where(Job.id == claim.id, Job.fence == claim.fence, Job.state == "waiting")
        .with_for_update()
    )
    if row is None:
        raise LostLease(claim.id)
    return row
