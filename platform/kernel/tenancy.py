"""The directory of tenants, the only rows that no tenant owns, and the clock of each."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned, UtcDateTime
from kernel.ids import ID_LENGTH_MAX, TenantId

TenantStatus = Literal["provisioning", "active", "suspended", "closing", "erased"]
TenantMode = Literal["live", "sandbox"]
ClockMode = Literal["real", "virtual"]


class Tenant(Table):
    """A customer of the service. `slug` is its name in addresses."""

    __tablename__ = "tenant"

    id: Mapped[TenantId] = mapped_column(String(ID_LENGTH_MAX), primary_key=True)
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10))
    time_zone: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol.
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint(
            "status IN ('provisioning','active','suspended','closing','erased')", name="status"
        ),
        CheckConstraint("mode IN ('live','sandbox')", name="mode"),
    )


class TenantClock(TenantOwned, Table):
    """A tenant's business time: the real one, or, in a sandbox, one that people move."""

    __tablename__ = "tenant_clock"

    mode: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("mode IN ('real','virtual')", name="mode"),
        CheckConstraint("(mode = 'virtual') = (at IS NOT NULL)", name="virtual_has_a_time"),
    )
