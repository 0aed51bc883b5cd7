"""Limits to guessing passwords: per account and network, per account, and per network.

An attempt counts as failed from its beginning and is forgiven when it succeeds, so that a hundred
attempts at once are not all let through. Unknown addresses count like known ones. The keys are
hashes: the table does not list who was attacked, or from where.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from kernel.audit import Subject
from kernel.errors import TooMany
from kernel.uow import UnitOfWork
from tenants.identity.tables import SignInThrottle

FORGOTTEN_AFTER = timedelta(hours=1)
PRUNED_AFTER = timedelta(days=1)
PRUNED_AT_ONCE = 5


@dataclass(frozen=True)
class Limit:
    """So many failures are free; each one more doubles the wait, up to the longest."""

    free: int
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta | None:
        """Return how long nobody may try again after this many failures."""
        if failures < self.free:
            return None
        return min(timedelta(seconds=2 ** min(failures - self.free, 20)), self.longest)


# The account alone waits a minute at most: a stranger must not be able to lock somebody out.
_LIMITS = {
    "pair": Limit(5, timedelta(minutes=15)),
    "account": Limit(30, timedelta(minutes=1)),
    "network": Limit(100, timedelta(minutes=15)),
}


@dataclass(frozen=True)
class Attempt:
    """What an attempt is counted under: the folded address of the account, and the network's."""

    account: str
    address: str

    def keys(self) -> list[tuple[str, Limit]]:
        """Return the three keys of this attempt in the order in which they are locked."""
        named = {
            "account": self.account,
            "network": self.address,
            "pair": f"{self.account}\0{self.address}",
        }
        return [(f"{kind}:{_hashed(text)}", _LIMITS[kind]) for kind, text in sorted(named.items())]


def begin(uow: UnitOfWork, attempt: Attempt) -> None:
    """Count an attempt as failed, or raise TooMany where it must wait; commit before verifying."""
    rows = _locked(uow, attempt)
    waits = [
        row.blocked_until - uow.real_now
        for row, _limit in rows
        if row.blocked_until is not None and row.blocked_until > uow.real_now
    ]
    if waits:
        raise TooMany(max(1, -(-max(waits) // timedelta(seconds=1))))
    for row, limit in rows:
        is_old = uow.real_now - row.last_at > FORGOTTEN_AFTER
        failures = 1 if is_old else row.failures + 1
        wait = limit.wait_after(failures)
        blocked_until = None if wait is None else uow.real_now + wait
        _write(uow, row, failures, blocked_until)


def forgive(uow: UnitOfWork, attempt: Attempt) -> None:
    """Take back what this attempt, which succeeded, counted for: all of the pair and account."""
    for row, _limit in _locked(uow, attempt):
        is_network = row.key.startswith("network:")
        _write(uow, row, max(0, row.failures - 1) if is_network else 0, None)


def _locked(uow: UnitOfWork, attempt: Attempt) -> list[tuple[SignInThrottle, Limit]]:
    limits = dict(attempt.keys())
    for key in limits:
        # The key is locked and not its row, which two first attempts at once would both miss.
        name = func.hashtextextended(f"{uow.tenant_id}:{key}", 0)
        uow.session.execute(select(func.pg_advisory_xact_lock(name)))
    rows = list(
        uow.session.scalars(
            select(SignInThrottle)
            .where(SignInThrottle.key.in_(limits))
            .execution_options(populate_existing=True)
        )
    )
    known = {row.key for row in rows}
    added = [_new_row(uow, key) for key in limits if key not in known]
    if added:
        _forget_quiet(uow)
        uow.session.add_all(added)
        uow.record("identity.count_attempts", Subject("sign_in_throttle", added[0].id))
    return [(row, limits[row.key]) for row in (*rows, *added)]


def _new_row(uow: UnitOfWork, key: str) -> SignInThrottle:
    return SignInThrottle(
        tenant_id=uow.tenant_id,
        id=uow.new_id("thr"),
        key=key,
        failures=0,
        last_at=uow.real_now,
    )


def _forget_quiet(uow: UnitOfWork) -> None:
    """Delete a few rows that nobody touched for a day: more than are added, so few ever stand."""
    quiet = uow.session.scalars(
        select(SignInThrottle)
        .where(SignInThrottle.last_at < uow.real_now - PRUNED_AFTER)
        .order_by(SignInThrottle.last_at, SignInThrottle.id)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for row in quiet:
        uow.session.delete(row)


def _write(
    uow: UnitOfWork, row: SignInThrottle, failures: int, blocked_until: datetime | None
) -> None:
    uow.session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.id == row.id)
        .values(failures=failures, last_at=uow.real_now, blocked_until=blocked_until)
        .execution_options(synchronize_session=False)
    )


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
