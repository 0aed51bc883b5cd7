"""The unit of work: one tenant, one actor, one transaction, committed by its block."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.access import Actor
from kernel.audit import EntryDraft, Outcome, Seal, Subject, write_entries
from kernel.clock import Clock
from kernel.db import Database, TenantSession
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.events import Event
from kernel.ids import RequestId, TenantId, new_id
from kernel.ports import Ports
from kernel.row_changes import ChangeWatch, Unaudited

WorkClass = Literal["request", "job", "batch"]

Standing = Literal["active", "any", "founding"]
"""Which tenants a unit of work may change: active ones; any (to sign in, to resume one that is
suspended); or one that this very transaction founds."""

# (statement_timeout, lock_timeout, idle_in_transaction_session_timeout) per class of work.
TIMEOUTS: Mapping[WorkClass, tuple[str, str, str]] = {
    "request": ("10s", "2s", "15s"),
    "job": ("60s", "5s", "60s"),
    "batch": ("10min", "30s", "10min"),
}

_BEGIN = text(
    # One round trip: whose rows are seen and how long anything may take, until the commit; how
    # the tenant stands, and its business time where that is not the real one.
    "SELECT status, at FROM begin_unit_of_work(:tenant_id, :statement, :lock, :idle)"
)


@dataclass(eq=False)
class TenantSuspended(Conflict):
    """This account is suspended: everything can be read, nothing can be changed."""

    code: ClassVar[str] = "tenant.suspended"


@dataclass(frozen=True)
class Surroundings:
    """What every unit of work of a process shares."""

    database: Database
    clock: Clock
    seal: Seal
    ports: Ports
    write_event: Callable[["UnitOfWork", str, Mapping[str, Any]], str]
    ring: Callable[[], None]


class UnitOfWork:
    """Carries session, tenant, actor and clock, and nothing more.

    Commits when its block ends and rolls back when it raises. Verbs take it first and never
    commit. `now` is the tenant's business time, read once when the block begins; `real_now` is
    the machine's, for leases and evidence. No network call belongs inside the block.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        tenant_id: TenantId,
        actor: Actor,
        *,
        request_id: RequestId | None = None,
        work_class: WorkClass = "request",
        standing: Standing = "active",
    ) -> None:
        """Prepare; the transaction begins with the block."""
        self.tenant_id = tenant_id
        self.actor = actor
        self.request_id = request_id
        self.now: datetime
        self.real_now: datetime
        self.session: TenantSession
        self._surroundings = surroundings
        self._work_class = work_class
        self._standing = standing
        self._is_read_only = False
        self._drafts: list[EntryDraft] = []
        self._watch = ChangeWatch(surroundings.seal)
        self._ids_made = 0
        self._rings = False
        self._once_under: str | None = None
        self._refused: tuple[Forbidden, Actor] | None = None

    @property
    def ports(self) -> Ports:
        """What rooms above the kernel offer to verbs."""
        return self._surroundings.ports

    def __enter__(self) -> Self:
        self.session = self._surroundings.database.session(self.tenant_id)
        self.session.info["watch"] = self._watch
        try:
            self._begin()
        except BaseException:
            self.session.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._write_entries()
                self.session.commit()
            else:
                self.session.rollback()
        except BaseException:
            self.session.rollback()
            raise
        finally:
            self.session.close()
        if isinstance(error, Forbidden):
            self._note_denial(error)
        if isinstance(error, DBAPIError) and isinstance(error.orig, ReadOnlySqlTransaction):
            raise TenantSuspended from error
        if error is None and self._rings:
            self._surroundings.ring()

    def new_id(self, prefix: str) -> str:
        """Make an id; the ids of one unit of work sort in the order they were made."""
        self._ids_made += 1
        return new_id(prefix, self.now, self._ids_made)

    def emit(self, what_happened: Event) -> str:
        """Write an event to the outbox in this transaction, and return its id."""
        values = {each.name: getattr(what_happened, each.name) for each in fields(what_happened)}
        return self._surroundings.write_event(self, what_happened.name, values)

    def emit_named(self, name: str, values: Mapping[str, Any]) -> str:
        """Write an event that a tenant's definition names; product code emits `Event`s."""
        return self._surroundings.write_event(self, name, values)

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """Let another actor answer for the block: a run's steps act as the workflow, not as the
        person whose vote set them going."""
        before, self.actor = self.actor, actor
        try:
            yield
        except Forbidden as error:
            self._refused = error, actor
            raise
        finally:
            self.actor = before

    @contextmanager
    def once_under(self, key: str) -> Iterator[None]:
        """Say that what the block does is committed at most once, because of this very key.

        A row proves it that this transaction holds locked and changes, such as a step that is
        done now: commands under this key, or one made from it (`key/units`), then need no proof
        of their own.
        """
        before, self._once_under = self._once_under, key
        try:
            yield
        finally:
            self._once_under = before

    def is_once_under(self, key: str) -> bool:
        """Tell whether a block around this one says that what has this key happens once."""
        under = self._once_under
        return under is not None and (key == under or key.startswith(f"{under}/"))

    def record(
        self,
        action: str,
        subject: Subject,
        *,
        outcome: Outcome = "done",
        reason: str | None = None,
        authority: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an audit entry: it takes every row changed since the entry before it.

        Call it at the end of a verb. Rows changed after the last call join the last entry.
        `authority` names the approval, workflow version or policy that allowed the change.
        """
        self.session.flush()
        identity = new_id("aud", self.real_now, self._next())
        draft = EntryDraft(
            identity,
            self.real_now,
            action,
            subject,
            self.actor,
            outcome,
            reason,
            authority,
            facts or {},
        )
        draft.changes.extend(self._watch.take())
        self._drafts.append(draft)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what the block did when it raises: rows, events and entries alike."""
        self.session.flush()
        watched, drafts, rings = self._watch.mark(), len(self._drafts), self._rings
        try:
            with self.session.begin_nested():
                yield
                self.session.flush()
        except BaseException:
            self._watch.restore(watched)
            del self._drafts[drafts:]
            self._rings = rings
            raise

    @property
    def has_recorded(self) -> bool:
        """Tell whether an audit entry was added in this block."""
        return bool(self._drafts)

    def wake_workers(self) -> None:
        """Ring the doorbell after the commit, because this transaction left work to do."""
        self._rings = True

    def _begin(self) -> None:
        statement, lock, idle = TIMEOUTS[self._work_class]
        # Past the session's own execute, which has nothing to add to it.
        found = (
            self.session.connection()
            .execute(
                _BEGIN,
                {"tenant_id": self.tenant_id, "statement": statement, "lock": lock, "idle": idle},
            )
            .one_or_none()
        )
        self.real_now = self.now = self._surroundings.clock.now()
        if self._standing == "founding":
            return
        if found is None:
            raise NotFound("tenant", self.tenant_id)
        if found.at is not None:
            self.now = found.at.astimezone(UTC)
        if found.status != "active" and self._standing == "active":
            self._is_read_only = True
            self.session.execute(text("SET TRANSACTION READ ONLY"))

    def _write_entries(self) -> None:
        session = self.session
        is_changed = session.new or session.dirty or session.deleted or self._drafts
        if self._is_read_only and is_changed:
            raise TenantSuspended
        self.session.flush()
        left_over = self._watch.take()
        if left_over:
            if not self._drafts:
                tables = sorted({change.table for change in left_over})
                raise Unaudited(f"changed without an audit entry: {', '.join(tables)}")
            self._drafts[-1].changes.extend(left_over)
        if self._drafts:
            write_entries(
                self.session, self._surroundings.seal, self._drafts, request_id=self.request_id
            )

    def _note_denial(self, error: Forbidden) -> None:
        """Write the refused attempt down in a transaction of its own: the first left no trace.

        Whatever the tenant's standing: in a suspended one, too, attempts are refused. A tenant
        whose founding was refused does not exist, and keeps no log.
        """
        actor = self.actor
        if self._refused is not None and self._refused[0] is error:
            actor = self._refused[1]
        with (
            suppress(NotFound),
            UnitOfWork(
                self._surroundings,
                self.tenant_id,
                actor,
                request_id=self.request_id,
                standing="any",
            ) as uow,
        ):
            uow.record(
                "access.denied",
                Subject("actor", actor.id),
                outcome="denied",
                reason=error.code,
                facts=error.facts(),
            )

    def _next(self) -> int:
        self._ids_made += 1
        return self._ids_made
