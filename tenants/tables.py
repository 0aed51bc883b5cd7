"""Members of a tenant, their roles, and what each role allows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import PERSONAL, Table, TenantOwned, UtcDateTime, id_column, reference, text_id


class Member(TenantOwned, Table):
    """A person of a tenant. The folded columns are what is compared, sorted and searched."""

    __tablename__ = "member"

    id: Mapped[str] = id_column()
    email: Mapped[str] = mapped_column(String(254), info=PERSONAL)
    email_folded: Mapped[str] = mapped_column(String(254), info=PERSONAL)
    name: Mapped[str] = mapped_column(String(100), info=PERSONAL)
    name_folded: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    status: Mapped[str] = mapped_column(String(12))
    manager_id: Mapped[str | None] = text_id()
    theme: Mapped[str] = mapped_column(String(10))
    density: Mapped[str] = mapped_column(String(12))
    single_keys: Mapped[bool] = mapped_column(Boolean)
    locale: Mapped[str | None] = mapped_column(String(12))
    first_steps_dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("tenant_id", "email_folded"),
        reference(["manager_id"], "member"),
        CheckConstraint("status IN ('invited','active','deactivated')", name="status"),
        CheckConstraint("(status = 'deactivated') = (deactivated_at IS NOT NULL)", name="dated"),
        CheckConstraint("theme IN ('system','light','dark')", name="theme"),
        CheckConstraint("density IN ('standard','compact','comfortable')", name="density"),
        CheckConstraint("manager_id <> id", name="nobody_reports_to_oneself"),
        Index("ix_member_by_name", "tenant_id", "name_folded", "id"),
        Index("ix_member_manager", "tenant_id", "manager_id"),
    )


class Role(TenantOwned, Table):
    """A name for a set of permissions; `key` is how workflows and seeds call it."""

    __tablename__ = "role"

    id: Mapped[str] = id_column()
    key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(300))
    permissions: Mapped[list[Any]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class MemberRole(TenantOwned, Table):
    """A role that a member holds; taking it away deletes the row."""

    __tablename__ = "member_role"

    id: Mapped[str] = id_column()
    member_id: Mapped[str] = text_id()
    role_id: Mapped[str] = text_id()

    __table_args__ = (
        UniqueConstraint("tenant_id", "member_id", "role_id"),
        reference(["member_id"], "member"),
        reference(["role_id"], "role"),
        Index("ix_member_role_role", "tenant_id", "role_id", "member_id"),
    )
