"""Work that waits in PostgreSQL: claimed under a lease with a fence, by any worker.

A claim is one statement in a function that the scheduler role owns; it returns (tenant, id,
fence). The work itself is then done as the app for that tenant.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol

from sqlalchemy import Integer, Text, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, mapped_column

from kernel.access import Actor
from kernel.clock import monotonic_seconds
from kernel.db import UtcDateTime
from kernel.ids import TenantId

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork, WorkClass

LEASE_SECONDS = 30
SLICE_SECONDS = 0.1
CLAIMS_PER_SLICE = 20


class LeaseColumns:
    """Mixin of rows that are claimed: when next, by which claim, how often tried.

    `next_at` (None: at once) and `lease_until` are the database's real time. `fence` grows with
    every claim; a worker whose fence is no longer the row's has lost its lease and must not
    commit.
    """

    ungoverned: ClassVar[frozenset[str]] = frozenset(
        {"next_at", "lease_until", "fence", "attempts", "last_error"}
    )

    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fence: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Claim:
    """One piece of work, held until its lease ends, under this fence."""

    tenant_id: TenantId
    id: str
    fence: int


class LostLease(Exception):
    """Another worker has claimed this since: nothing may be committed for it here."""


class OpenUnit(Protocol):
    """Opens a unit of work for a tenant as an actor."""

    def __call__(
        self, tenant_id: TenantId, actor: Actor, *, work_class: "WorkClass" = "job"
    ) -> AbstractContextManager["UnitOfWork"]:
        """Return the unit of work, to be entered."""
        ...


@dataclass(frozen=True)
class WorkSource:
    """A kind of work: `claim_<name>` and `due_<name>` in the database, and the verb for a claim.

    `claim_<name>(limit, lease in seconds[, tenant])` returns rows (tenant_id, id, fence);
    `due_<name>()` counts what could be claimed now, up to some hundreds.
    """

    name: str
    perform: Callable[[Claim], None]
    sift: Callable[[Sequence[Claim]], Sequence[Claim]] | None = None
    """Does together what needs no transaction of its own; returns the claims that are left."""
    takes_turns: bool = False
    """Whether `claim_<name>` lets tenants take turns, and is told whose turn it was last."""

    def claim(
        self,
        engine: Engine,
        limit: int,
        *,
        lease_seconds: int = LEASE_SECONDS,
        behind: str = "",
    ) -> list[Claim]:
        """Claim up to `limit` pieces of due work, committed before they are returned.

        Where tenants take turns, the one behind `behind` is first.
        """
        turn = ", :behind" if self.takes_turns else ""
        # The name is one of ours, never input.
        statement = text(f"SELECT tenant_id, id, fence FROM claim_{self.name}(:n, :s{turn})")  # noqa: S608
        told = {"n": limit, "s": lease_seconds} | ({"behind": behind} if turn else {})
        with engine.begin() as connection:
            rows = connection.execute(statement, told)
            return [Claim(TenantId(row.tenant_id), row.id, row.fence) for row in rows]

    def due(self, engine: Engine) -> int:
        """Count what could be claimed now, over all tenants, up to some hundreds."""
        with engine.begin() as connection:
            return int(connection.execute(text(f"SELECT due_{self.name}()")).scalar_one())


def backoff(attempts: int) -> timedelta:
    """Return the pause before the next attempt: 1 s doubling to 5 min (jitter is the poller's)."""
    return timedelta(seconds=min(300, 2 ** min(attempts - 1, 9)))


def due_sources(engine: Engine, sources: Sequence[WorkSource]) -> list[WorkSource]:
    """Return the sources that have due work, asked in one statement."""
    # The names are ours, never input.
    columns = ", ".join(f"due_{source.name}() > 0 AS {source.name}" for source in sources)
    with engine.begin() as connection:
        row = connection.execute(text(f"SELECT {columns}")).one()
    return [source for source in sources if getattr(row, source.name)]


def _sifted(source: WorkSource, claims: Sequence[Claim]) -> Sequence[Claim]:
    return source.sift(claims) if source.sift is not None and claims else claims


class Pace:
    """Whose turn it was last, and how long a piece has lately taken, by kind of work.

    From it follows how much is claimed at once: what a slice of time is enough for. So a piece
    that becomes due meanwhile waits for about a slice, however slow the pieces before it are.
    """

    def __init__(self) -> None:
        """Begin without experience: with as much as is ever claimed at once."""
        self._seconds: dict[str, float] = {}
        self._served: dict[str, str] = {}

    def claim(self, engine: Engine, source: WorkSource, lease_seconds: int) -> list[Claim]:
        """Claim what a slice is enough for, and note whose turn it was."""
        behind = self._served.get(source.name, "")
        most = self.claims(source.name)
        claims = source.claim(engine, most, lease_seconds=lease_seconds, behind=behind)
        if claims:
            self._served[source.name] = claims[-1].tenant_id
        return claims

    def claims(self, name: str) -> int:
        """Return how many pieces of a kind to claim now."""
        seconds = self._seconds.get(name, 0.0)
        if seconds * CLAIMS_PER_SLICE <= SLICE_SECONDS:
            return CLAIMS_PER_SLICE
        return max(1, int(SLICE_SECONDS / seconds))

    def note(self, name: str, count: int, seconds: float) -> None:
        """Learn from a batch; what is long ago counts for less and less."""
        each = seconds / count
        before = self._seconds.get(name, each)
        self._seconds[name] = before + (each - before) / 4


def drain(
    engine: Engine,
    sources: list[WorkSource],
    on_error: Callable[[WorkSource, Claim, Exception], None],
    *,
    for_seconds: float = SLICE_SECONDS,
    lease_seconds: int = LEASE_SECONDS,
    is_stopping: Callable[[], bool] = lambda: False,
    pace: Pace | None = None,
) -> bool:
    """Do due work for a slice of time; tell whether some may be left.

    Every source is asked in turn, so none starves the others. An error that a piece of work did
    not handle is reported and its lease left to run out: the work is tried again then. Told to
    stop, it ends after the piece in hand; what else it claimed is another worker's when its
    lease ends.
    """
    end = monotonic_seconds() + for_seconds
    pace = pace or Pace()
    while True:
        found = False
        for source in due_sources(engine, sources):
            if is_stopping():
                return True
            began = monotonic_seconds()
            claims = pace.claim(engine, source, lease_seconds)
            found = found or bool(claims)
            for claim in _sifted(source, claims):
                if is_stopping():
                    return True
                _perform(source, claim, on_error)
            if claims:
                pace.note(source.name, len(claims), monotonic_seconds() - began)
        if not found:
            return False
        if monotonic_seconds() > end:
            return True


def _perform(
    source: WorkSource, claim: Claim, on_error: Callable[[WorkSource, Claim, Exception], None]
) -> None:
    try:
        source.perform(claim)
    except LostLease:
        return
    except Exception as error:
        on_error(source, claim, error)
