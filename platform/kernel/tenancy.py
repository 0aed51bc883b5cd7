"""The directory of tenants, the only rows that no tenant owns, and the clock of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from sqlalchemy import CheckConstraint, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel.audit import Subject
from kernel.db import Database, Table, TenantOwned, UtcDateTime
from kernel.errors import Conflict
from kernel.ids import ID_LENGTH_MAX, TenantId

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork

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


@dataclass(eq=False)
class ClockRunsForward(Conflict):
    """A virtual clock only moves forward, and only a sandbox has one."""

    code: ClassVar[str] = "tenant.clock_runs_forward"


def found(uow: "UnitOfWork", tenant: Tenant, *, starts_at: datetime | None = None) -> Tenant:
    """Write a new tenant and its clock; a sandbox may start with a virtual time.

    The unit of work is opened with the standing `founding`, under the id of the new tenant.
    """
    assert tenant.id == uow.tenant_id, "a tenant is founded in a unit of work of its own"
    mode = "real" if starts_at is None else "virtual"
    uow.session.add(tenant)
    uow.session.add(TenantClock(tenant_id=tenant.id, mode=mode, at=starts_at))
    uow.record("tenant.found", Subject("tenant", tenant.id), facts={"slug": tenant.slug})
    return tenant


def move_clock(uow: "UnitOfWork", to: datetime) -> None:
    """Move a sandbox's virtual clock forward; its business time is `to` from the next commit on.

    Of two who move it at once, the second sees where the first moved it. Work that becomes due
    by it is found by the next drain, which this wakes.
    """
    clock = uow.session.scalar(
        select(TenantClock).with_for_update().execution_options(populate_existing=True)
    )
    if clock is None or clock.at is None or to < clock.at:
        raise ClockRunsForward
    clock.at = to
    uow.record("tenant.move_clock", Subject("tenant", uow.tenant_id), facts={"to": to})
    uow.wake_workers()


def is_sandbox(uow: "UnitOfWork") -> bool:
    """Return whether nothing of this tenant may reach anybody outside: it is there to try."""
    return uow.session.get_one(Tenant, uow.tenant_id).mode == "sandbox"


def tenant_id_of(database: Database, slug: str) -> TenantId | None:
    """Return the tenant with this slug, or None; the directory is open to every process."""
    with database.engine.begin() as connection:
        row = connection.execute(select(Tenant.id).where(Tenant.slug == slug)).one_or_none()
    return TenantId(row.id) if row is not None else None
