"""Notifications of members, and which kinds of them each member wants."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class Notification(TenantOwned, Table):
    """One thing that one member is told of. An event makes at most one for each member."""

    __tablename__ = "notification"

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = text_id()
    event_id: Mapped[str] = text_id()
    kind: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "member_id", "event_id"),
        reference(["member_id"], "member"),
        CheckConstraint("kind IN ('asked','decided','problem','held','standing_in')", name="kind"),
        Index("ix_notification_newest", "tenant_id", "member_id", "made_at", "id"),
        Index(
            "ix_notification_unread",
            "tenant_id",
            "member_id",
            postgresql_where=text("read_at IS NULL"),
        ),
    )


class NotificationPreference(TenantOwned, Table):
    """Whether a member wants a kind of notification; without a row it is as usual for them."""

    __tablename__ = "notification_preference"

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = text_id()
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    wanted: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        UniqueConstraint("tenant_id", "member_id", "kind", "channel"),
        reference(["member_id"], "member"),
        CheckConstraint("channel IN ('portal')", name="channel"),
    )
