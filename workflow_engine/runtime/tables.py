"""Definitions, runs, and what a run has in hand: inbox, waits, timers, steps, history.

A run's row is the lock of everything that hangs on it: take it before reading or adding any.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id
from kernel.work import LeaseColumns


class DefinitionVersion(TenantOwned, Table):
    """A published definition: immutable, named by the hash of its canonical body."""

    __tablename__ = "definition_version"

    id: Mapped[str] = id_column()
    key: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        UniqueConstraint("tenant_id", "key", "number"),
        UniqueConstraint("tenant_id", "hash"),
        CheckConstraint("state IN ('published','retired')", name="state"),
    )


class RunTrigger(TenantOwned, Table):
    """An event that starts runs of a published definition: how an event finds its definitions."""

    __tablename__ = "run_trigger"

    definition_id: Mapped[str] = id_column()
    trigger_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    event: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        reference(["definition_id"], "definition_version"),
        Index("ix_run_trigger_event", "tenant_id", "event"),
    )


class Run(TenantOwned, LeaseColumns, Table):
    """One case on its way through a definition, pinned to the version it started with.

    `undoing`: it was cancelled, and what it did is being undone. `incident`: it stands still
    until a person has it tried again or cancelled.
    """

    __tablename__ = "run"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned | {"ready", "standing"}

    id: Mapped[str] = id_column()
    definition_id: Mapped[str] = text_id()
    key: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    start_key: Mapped[str] = mapped_column(String(120))
    exclusive_subject: Mapped[str | None] = mapped_column(String(80))
    """The subject, while no second run of this definition may be active for it."""
    principal_id: Mapped[str] = mapped_column(String(80))
    """Who caused the run: its steps act on that person's behalf."""
    state: Mapped[str] = mapped_column(String(10))
    status: Mapped[str | None] = mapped_column(String(60))
    phase: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(60))
    incident: Mapped[str | None] = mapped_column(String(120))
    snapshot: Mapped[str] = mapped_column(Text)
    standing: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """The innermost states of the snapshot and since when it is in each; None before it moved."""
    search: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received: Mapped[int] = mapped_column(Integer)
    """How many events its inbox was ever given; numbers them."""
    recorded: Mapped[int] = mapped_column(Integer)
    """How many lines its history has; numbers them."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ready: Mapped[bool] = mapped_column(Boolean)
    """Whether events wait in its inbox for a worker."""
    parent_id: Mapped[str | None] = text_id()
    """The run that started this one, and by which invocation of it."""
    parent_invoke_id: Mapped[str | None] = mapped_column(String(80))
    parent_epoch: Mapped[int | None] = mapped_column(Integer)
    root_id: Mapped[str | None] = text_id()
    """The first run of the family, whose lock is the family's; None where that is this run."""

    __table_args__ = (
        reference(["definition_id"], "definition_version"),
        reference(["parent_id"], "run"),
        UniqueConstraint("tenant_id", "key", "start_key"),
        UniqueConstraint("tenant_id", "key", "exclusive_subject"),
        CheckConstraint("state IN ('active','finished','incident','undoing')", name="state"),
        Index("ix_run_incident", "tenant_id", "id", postgresql_where=text("incident IS NOT NULL")),
        Index("ix_run_key", "tenant_id", "key", "id"),
        Index(
            "ix_run_parent",
            "tenant_id",
            "parent_id",
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index("ix_run_subject", "tenant_id", "subject_kind", "subject_id"),
        Index("ix_run_state", "tenant_id", "state", "id"),
        # Who stands where in a chart, and the list behind each count: finished runs are most runs.
        Index(
            "ix_run_open",
            "tenant_id",
            "definition_id",
            "id",
            postgresql_where=text("state <> 'finished'"),
        ),
        Index("ix_run_ready", "tenant_id", "next_at", "id", postgresql_where=text("ready")),
    )


class RunInbox(TenantOwned, Table):
    """An event for a run, in the order of arrival; `disposition` says what became of it."""

    __tablename__ = "run_inbox"

    run_id: Mapped[str] = id_column()
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(160))
    event: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disposition: Mapped[str | None] = mapped_column(String(12))

    __table_args__ = (
        reference(["run_id"], "run"),
        UniqueConstraint("tenant_id", "run_id", "dedupe_key"),
        Index(
            "ix_run_inbox_untaken",
            "tenant_id",
            "run_id",
            "number",
            postgresql_where=text("disposition IS NULL"),
        ),
    )


class RunWait(TenantOwned, Table):
    """An event and key that an active run listens for: how an event finds its runs."""

    __tablename__ = "run_wait"

    run_id: Mapped[str] = id_column()
    correlation_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    event: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        reference(["run_id"], "run"),
        Index("ix_run_wait_key", "tenant_id", "event", "key"),
    )


class RunTimer(TenantOwned, LeaseColumns, Table):
    """A moment of the tenant's business time that a run waits for."""

    __tablename__ = "run_timer"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned

    id: Mapped[str] = id_column()
    run_id: Mapped[str] = text_id()
    timer_id: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    """`parked` as with steps: what it set off failed so often that only a person tries again."""
    about: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """The deadline of a task that it is; None where the definition itself waits for it."""

    __table_args__ = (
        reference(["run_id"], "run"),
        UniqueConstraint("tenant_id", "run_id", "timer_id"),
        CheckConstraint("state IN ('waiting','fired','cleared','parked')", name="state"),
        Index("ix_run_timer_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )


class RunStep(TenantOwned, LeaseColumns, Table):
    """An action that a run asked for; its id is the idempotency key of the effect.

    `abandoned`: its run went on while a call was under way, whose end is still followed.
    `doubtful`: nobody knows whether it had its effect, and a person must say. `parked`: it failed
    so often that only a person tries it again.
    """

    __tablename__ = "run_step"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned

    id: Mapped[str] = id_column()
    run_id: Mapped[str] = text_id()
    invoke_id: Mapped[str] = mapped_column(String(80))
    epoch: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(80))
    input: Mapped[dict[str, Any]] = mapped_column(JSONB)
    retry: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    timeout_seconds: Mapped[int | None] = mapped_column(Integer)
    compensates: Mapped[str | None] = mapped_column(String(80))
    """The invoke whose effect this step undoes."""
    request: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What is sent to another system, the same in every attempt."""
    first_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a call was begun whose end is not known; None where none is under way."""
    call_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """After this the call that was begun can have no effect any more."""
    losses: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """How many attempts ended without anybody knowing how; they use up no retry."""

    __table_args__ = (
        reference(["run_id"], "run"),
        UniqueConstraint("tenant_id", "run_id", "invoke_id", "epoch"),
        CheckConstraint(
            "state IN ('waiting','done','failed','withdrawn','abandoned','doubtful','parked')",
            name="state",
        ),
        Index(
            "ix_run_step_due",
            "tenant_id",
            "next_at",
            "id",
            postgresql_where=text("state IN ('waiting','abandoned')"),
        ),
    )


class RunHistory(TenantOwned, Table):
    """What a run did with one event, append-only: the material of its timeline and its why."""

    __tablename__ = "run_history"

    run_id: Mapped[str] = id_column()
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(String(160))
    disposition: Mapped[str] = mapped_column(String(12))
    states: Mapped[list[str]] = mapped_column(JSONB)
    """The innermost active states afterwards."""
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    effects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actor_id: Mapped[str] = mapped_column(String(80))

    __table_args__ = (reference(["run_id"], "run"),)
