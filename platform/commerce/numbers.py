"""Numbers for people: order 1, 2, 3 … of a tenant, beside the ids that machines use."""

from typing import ClassVar

from sqlalchemy import BigInteger, String, update
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Table, TenantOwned
from kernel.locks import take_name
from kernel.uow import UnitOfWork


class NumberSeries(TenantOwned, Table):
    """The last number a tenant gave out in one series."""

    __tablename__ = "number_series"
    ungoverned: ClassVar[frozenset[str]] = frozenset({"last"})

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


def next_number(uow: UnitOfWork, series: str) -> int:
    """Return the next number of a series, without gaps.

    Its lock is held until the commit and every other taker waits: take it after all other
    locks, as the last thing before the rows that carry the number are written.
    """
    found = _count_up(uow, series)
    if found is None:
        take_name(uow, "number_series", series)
        found = _count_up(uow, series)
    if found is None:
        uow.session.add(NumberSeries(tenant_id=uow.tenant_id, name=series, last=1))
        uow.session.flush()
        return 1
    return found


def _count_up(uow: UnitOfWork, series: str) -> int | None:
    # `last` is not governed, so one plain statement may lock, count and answer.
    return uow.session.scalar(
        update(NumberSeries)
        .where(NumberSeries.name == series)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
