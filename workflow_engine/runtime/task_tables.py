"""What people are asked by runs: tasks, who may answer them, and their votes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import PERSONAL, Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class Task(TenantOwned, Table):
    """An approval or a question, open until it is decided or its run moves on.

    `spec` is the invoke as the definition describes it: stages, candidates, separation, form.
    """

    __tablename__ = "task"

    id: Mapped[str] = id_column()
    run_id: Mapped[str] = text_id()
    invoke_id: Mapped[str] = mapped_column(String(80))
    epoch: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    subject_version: Mapped[int | None] = mapped_column(Integer)
    digest: Mapped[str | None] = mapped_column(String(80))
    requester_id: Mapped[str | None] = mapped_column(String(80))
    spec: Mapped[str] = mapped_column(Text)
    stage: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The rungs that were reached, as stage and rung."""
    missed: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """Deadlines that passed while it was parked; they have their effect when it is taken up."""

    __table_args__ = (
        reference(["run_id"], "run"),
        UniqueConstraint("tenant_id", "run_id", "invoke_id", "epoch"),
        CheckConstraint("kind IN ('approval','human')", name="kind"),
        CheckConstraint("state IN ('open','parked','done','cancelled')", name="state"),
        Index("ix_task_open", "tenant_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_task_subject", "tenant_id", "subject_kind", "subject_id"),
    )


class TaskCandidate(TenantOwned, Table):
    """Who may answer a task at its present stage: a role, or one person."""

    __tablename__ = "task_candidate"

    task_id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)

    __table_args__ = (
        reference(["task_id"], "task"),
        CheckConstraint("kind IN ('role','member')", name="kind"),
        Index("ix_task_candidate_name", "tenant_id", "kind", "name", "task_id"),
    )


class TaskVote(TenantOwned, Table):
    """One person's decision at one stage, over the digest that the person saw."""

    __tablename__ = "task_vote"

    task_id: Mapped[str] = id_column()
    stage: Mapped[str] = mapped_column(String(80), primary_key=True)
    voter_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(80))
    chain: Mapped[list[str]] = mapped_column(JSONB)
    """Everybody the vote stands for besides the voter: the candidate, and who handed it on."""
    voted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["task_id"], "task"),
        CheckConstraint("decision IN ('approve','reject')", name="decision"),
    )


class WaitingVote(TenantOwned, Table):
    """A vote that was cast and does not count yet: until `counts_at` its voter may take it back.

    When it counts it becomes a TaskVote, and this row is gone. One that is left on a task that
    was closed never counted.
    """

    __tablename__ = "waiting_vote"

    task_id: Mapped[str] = id_column()
    stage: Mapped[str] = mapped_column(String(80), primary_key=True)
    voter_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(80))
    chain: Mapped[list[str]] = mapped_column(JSONB)
    voted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counts_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["task_id"], "task"),
        CheckConstraint("decision IN ('approve','reject')", name="decision"),
    )


class TaskComment(TenantOwned, Table):
    """What somebody wrote about a task; it stays when the task is closed, and is never changed."""

    __tablename__ = "task_comment"

    id: Mapped[str] = id_column()
    task_id: Mapped[str] = text_id()
    author_id: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Text, info=PERSONAL)
    form_key: Mapped[str | None] = mapped_column(String(80))
    """Names the form it came with: sent twice, it says it once."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["task_id"], "task"),
        UniqueConstraint("tenant_id", "task_id", "author_id", "form_key"),
        Index("ix_task_comment_written", "tenant_id", "task_id", "written_at", "id"),
    )
