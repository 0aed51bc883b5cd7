"""What proves who somebody is: passwords, sessions and one-time links, none of them readable."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String, UniqueConstraint
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


class Password(TenantOwned, Table):
    """A member's password as Argon2id keeps it, with the parameters it was hashed under."""

    __tablename__ = "password"

    member_id: Mapped[str] = id_column()
    hash: Mapped[str] = mapped_column(String(200), info=SECRET)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (reference(["member_id"], "member"),)


class MemberSession(TenantOwned, Table):
    """One signed-in browser. The cookie's value is stored hashed and cannot be read back."""

    __tablename__ = "member_session"
    # Every request moves it; that is no change of who may do what.
    ungoverned: ClassVar[frozenset[str]] = frozenset({"last_seen_at"})

    id: Mapped[str] = id_column()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    member_id: Mapped[str] = text_id()
    strength: Mapped[str] = mapped_column(String(20))
    device: Mapped[str] = mapped_column(String(100), info=PERSONAL)
    network: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        reference(["member_id"], "member"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ends_for_a_reason"),
        Index("ix_member_session_member", "tenant_id", "member_id", "started_at"),
    )


class OneTimeLink(TenantOwned, Table):
    """A link that was mailed to a member: to accept an invitation, or to choose a password."""

    __tablename__ = "one_time_link"

    id: Mapped[str] = id_column()
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    member_id: Mapped[str] = text_id()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        reference(["member_id"], "member"),
        CheckConstraint("purpose IN ('invitation','password_reset')", name="purpose"),
        Index("ix_one_time_link_member", "tenant_id", "member_id", "purpose"),
    )


class SignInThrottle(TenantOwned, Table):
    """How often signing in failed lately for one account, network, or both together."""

    __tablename__ = "sign_in_throttle"
    ungoverned: ClassVar[frozenset[str]] = frozenset({"failures", "last_at", "blocked_until"})

    id: Mapped[str] = id_column()
    key: Mapped[str] = mapped_column(String(80))
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_sign_in_throttle_quiet", "tenant_id", "last_at", "id"),
    )
