"""Endpoints of other systems, their secrets, the messages to them, and each attempt to send one."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import (
    PERSONAL,
    SECRET,
    Table,
    TenantOwned,
    UtcDateTime,
    id_column,
    reference,
    text_id,
)
from kernel.work import LeaseColumns

ANSWER_KEPT = 500
TOLD_LENGTH = 200


class WebhookEndpoint(TenantOwned, LeaseColumns, Table):
    """Where events are sent to, and which. Its lease is the right to send there.

    `attempts` counts failures in a row. Instants of sending are real time.
    """

    __tablename__ = "webhook_endpoint"
    ungoverned: ClassVar[frozenset[str]] = LeaseColumns.ungoverned | {
        "has_work",
        "rests_until",
        "failing_since",
        "succeeded_at",
    }

    id: Mapped[str] = id_column()
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200))
    event_types: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))
    disabled_because: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When this very URL answered the challenge; None until it did."""
    has_work: Mapped[bool] = mapped_column(Boolean, default=False)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("state IN ('unproven','enabled','disabled','removed')", name="state"),
        CheckConstraint(
            "(state = 'disabled') = (disabled_because IS NOT NULL)", name="disabled_for_a_reason"
        ),
        CheckConstraint("state <> 'enabled' OR proven_at IS NOT NULL", name="enabled_is_proven"),
        Index("ix_webhook_endpoint_due", "tenant_id", "next_at", "id",
              postgresql_where=text("has_work")),
        Index("ix_webhook_endpoint_enabled", "tenant_id", "id",
              postgresql_where=text("state = 'enabled'")),
    )  # fmt: skip


class WebhookSecret(TenantOwned, Table):
    """A secret that signs for an endpoint, sealed; one that was replaced ends a day later."""

    __tablename__ = "webhook_secret"

    id: Mapped[str] = id_column()
    endpoint_id: Mapped[str] = text_id()
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["endpoint_id"], "webhook_endpoint"),
        Index(None, "tenant_id", "endpoint_id", "created_at"),
    )


class WebhookDelivery(TenantOwned, Table):
    """One event on its way to one endpoint. Its id is the message's id, made of both."""

    __tablename__ = "webhook_delivery"
    ungoverned: ClassVar[frozenset[str]] = frozenset({"attempts", "due_at"})

    id: Mapped[str] = id_column()
    endpoint_id: Mapped[str] = text_id()
    event_id: Mapped[str] = text_id()
    event_type: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer)
    """How often it was sent since it was made or last replayed."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        reference(["endpoint_id"], "webhook_endpoint"),
        CheckConstraint("state IN ('waiting','taken','given_up')", name="state"),
        CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="waiting_is_due"),
        Index("ix_webhook_delivery_due", "tenant_id", "endpoint_id", "due_at", "id",
              postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_delivery_newest", "tenant_id", "endpoint_id", "made_at", "id"),
    )  # fmt: skip


class WebhookAttempt(TenantOwned, Table):
    """What came of one request: an answer's status and beginning, or why there was none."""

    __tablename__ = "webhook_attempt"

    id: Mapped[str] = id_column()
    endpoint_id: Mapped[str] = text_id()
    delivery_id: Mapped[str | None] = text_id()
    """None for a challenge."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(10))
    told: Mapped[str] = mapped_column(String(TOLD_LENGTH))
    answer: Mapped[str] = mapped_column(String(ANSWER_KEPT), info=PERSONAL)

    __table_args__ = (
        reference(["endpoint_id"], "webhook_endpoint"),
        reference(["delivery_id"], "webhook_delivery"),
        CheckConstraint("verdict IN ('taken','failed','gone')", name="verdict"),
        Index(None, "tenant_id", "endpoint_id", "at"),
        Index(None, "tenant_id", "delivery_id", "at"),
    )
