"""How much one tenant may use of what all share: limits with a default, changed by the operator.

Counting is exact where it matters: from four fifths of a limit on, whoever takes more waits for
the others and counts under a lock, so of two that race for the last unit one gets it. Below that
a count of the last seconds is enough, and nobody waits for anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Select, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel.audit import Subject
from kernel.db import Table, TenantOwned
from kernel.errors import Fault, Forbidden, Invalid, Refusal
from kernel.exceptions import raise_exception
from kernel.locks import take_name
from kernel.metering import SOFT_SHARE, is_far
from kernel.uow import UnitOfWork

NEARLY_USED = "quota.nearly_used"


class TenantQuota(TenantOwned, Table):
    """A limit that the operator has set for one tenant; without a row the default holds."""

    __tablename__ = "tenant_quota"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    most: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Quota:
    """Something that is counted: `count` says how much is used, up to a number it need not pass."""

    name: str
    label: str
    default: int
    mend: str
    count: Callable[[UnitOfWork, int], int] | None = None
    """None where the database does not count it: a rate, or what runs at once."""


@dataclass(eq=False)
class QuotaReached(Refusal):
    """This account has used up what its plan allows."""

    code: ClassVar[str] = "quota.reached"

    quota: str
    most: int
    used: int
    detail: str


@dataclass(eq=False)
class OnlyOperators(Forbidden):
    """Only the operator of the installation sets an account's limits."""

    code: ClassVar[str] = "quota.only_operators"


_KNOWN: dict[str, Quota] = {}


def declare(quota: Quota) -> Quota:
    """Make a quota known by its name, so that the operator can set it."""
    assert _KNOWN.setdefault(quota.name, quota) == quota, f"{quota.name} is declared twice"
    return quota


def declared() -> list[Quota]:
    """Return every quota of this installation, by name."""
    return [_KNOWN[name] for name in sorted(_KNOWN)]


def counted(uow: UnitOfWork, rows: Select[Any], up_to: int) -> int:
    """Count the rows that a quota is about, and stop at `up_to`: no more is ever asked."""
    found = rows.limit(up_to).subquery()
    return uow.session.scalar(select(func.count()).select_from(found)) or 0


def limit_of(uow: UnitOfWork, quota: Quota) -> int:
    """Return how much of something the tenant may use."""
    query = select(TenantQuota.most).where(TenantQuota.name == quota.name)
    most = uow.session.scalar(query)
    return quota.default if most is None else most


def admit(uow: UnitOfWork, quota: Quota, more: int = 1) -> None:
    """Let the tenant use so much more, or raise QuotaReached; call it before the rows are added.

    From four fifths on, an exception tells people, once as long as it is open.
    """
    meter = uow.ports.meter
    if meter.allows(uow.tenant_id, quota.name, more):
        return
    assert quota.count is not None, f"{quota.name} is not counted in the database"
    most = limit_of(uow, quota)
    used = quota.count(uow, most + 1)
    if is_far(used + more, most):
        meter.note(uow.tenant_id, quota.name, most, used + more)
        return
    # Whoever else takes some has committed, or waits here.
    take_name(uow, "quota", quota.name)
    used = quota.count(uow, most + 1)
    if used + more > most:
        raise QuotaReached(quota.name, most, used, _told(quota, most))
    if used + more > most * SOFT_SHARE:
        warn(uow, quota, most)


def warn(uow: UnitOfWork, quota: Quota, most: int) -> None:
    """Tell the tenant's people that a limit is near; a case that is open is told once."""
    raise_exception(
        uow,
        kind=NEARLY_USED,
        subject=Subject("quota", quota.name),
        cause=f"More than four fifths of {most} {quota.label} are used. {quota.mend}",
        due_within=timedelta(days=1),
    )


def set_limit(uow: UnitOfWork, name: str, most: int | None) -> None:
    """Set a tenant's limit, or with None go back to the default; for the operator alone."""
    if uow.actor.kind != "operator":
        raise OnlyOperators
    if name not in _KNOWN:
        known = ", ".join(sorted(_KNOWN))
        raise Invalid((Fault("/name", "quota.unknown", f"Name one of: {known}."),))
    if most is not None and not 0 <= most <= 10**12:
        detail = "A limit is a whole number from 0 to a million millions."
        raise Invalid((Fault("/most", "quota.most_invalid", detail),))
    take_name(uow, "quota", name)
    row = uow.session.get(TenantQuota, (uow.tenant_id, name))
    if most is None and row is not None:
        uow.session.delete(row)
    elif most is not None and row is None:
        uow.session.add(TenantQuota(tenant_id=uow.tenant_id, name=name, most=most))
    elif most is not None and row is not None:
        row.most = most
    uow.ports.meter.forget(uow.tenant_id)
    uow.record("tenant.set_quota", Subject("quota", name), facts={"most": most})


def _told(quota: Quota, most: int) -> str:
    return f"This account may have {most} {quota.label}. {quota.mend}"
