"""What one process runs on: database, clock, keys, consumers and workers, composed once."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import structlog

from kernel.access import Actor
from kernel.audit import Seal
from kernel.clock import Clock, SystemClock, monotonic_seconds
from kernel.config import Config
from kernel.db import Database
from kernel.doorbell import Doorbell
from kernel.ids import RequestId, TenantId
from kernel.jobs import JobKind, JobRunner
from kernel.metrics import DOORBELL_UNHEARD, WORK_FAILURES, WORK_SECONDS
from kernel.outbox import Consumer, Relay, write_event
from kernel.paging import CursorSigner
from kernel.ports import Ports
from kernel.rates import Buckets
from kernel.secrets import SecretBox, derive_key
from kernel.uow import Standing, Surroundings, UnitOfWork, WorkClass
from kernel.work import LEASE_SECONDS, Claim, OpenUnit, Pace, WorkSource, drain

log = structlog.get_logger(__name__)

WORKER_QUEUES = tuple(f"wareflow-{number}" for number in range(1, 3))


class Runtime:
    """The composed kernel: opens units of work, and does the work that waits."""

    def __init__(
        self,
        config: Config,
        *,
        ports: Ports,
        consumers: Sequence[Consumer] = (),
        job_kinds: Iterable[JobKind] = (),
        sources: Callable[[OpenUnit], Sequence[WorkSource]] = lambda _open: (),
        clock: Clock | None = None,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        """Compose; nothing is connected until the first unit of work.

        `lease_seconds` is how long work stays claimed by a worker that died.
        """
        secret, *former_secrets = [key.encode() for key in config.secret_keys]
        self.config = config
        self._pace = Pace()
        self._lease_seconds = lease_seconds
        self.clock = clock or SystemClock()
        self.ports = ports
        self.database = Database(config.database_url)
        self.seal = Seal(
            derive_key(secret, "audit"), [derive_key(key, "audit") for key in former_secrets]
        )
        self.secrets = SecretBox([key.encode() for key in config.secret_keys])
        self.cursors = CursorSigner(derive_key(secret, "cursor"))
        self.doorbell = Doorbell(config.redis_url, list(WORKER_QUEUES))
        self.buckets = Buckets(config.redis_url)
        self._surroundings = Surroundings(
            self.database, self.clock, self.seal, ports, write_event, self._ring
        )
        open_unit: OpenUnit = self._open_for_work
        self.sources = [
            Relay(consumers, open_unit).source,
            JobRunner({kind.name: kind for kind in job_kinds}, open_unit).source,
            *sources(open_unit),
        ]

    def unit_of_work(
        self,
        tenant_id: TenantId,
        actor: Actor,
        *,
        request_id: RequestId | None = None,
        work_class: WorkClass = "request",
        standing: Standing = "active",
    ) -> UnitOfWork:
        """Return the one way to a session: a transaction of one tenant and one actor."""
        return UnitOfWork(
            self._surroundings,
            tenant_id,
            actor,
            request_id=request_id,
            work_class=work_class,
            standing=standing,
        )

    def drain(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Do due work for one slice; tell whether some may be left.

        Where `is_stopping` comes true, it ends after the piece in hand.
        """
        return drain(
            self.database.single_statements,
            self._timed_sources(),
            _report,
            lease_seconds=self._lease_seconds,
            is_stopping=is_stopping,
            pace=self._pace,
        )

    def drain_all(self) -> None:
        """Do due work until none is left: for tests, seeds and the command line."""
        while self.drain():
            continue

    def close(self) -> None:
        """Close connections."""
        self.database.close()
        self.doorbell.close()
        self.buckets.close()

    def _open_for_work(
        self, tenant_id: TenantId, actor: Actor, *, work_class: WorkClass = "job"
    ) -> UnitOfWork:
        return self.unit_of_work(tenant_id, actor, work_class=work_class)

    def _ring(self) -> None:
        if not self.doorbell.ring():
            DOORBELL_UNHEARD.inc()

    def _timed_sources(self) -> list[WorkSource]:
        return [replace(source, perform=_timed(source)) for source in self.sources]


def _timed(source: WorkSource) -> Callable[[Claim], None]:
    def perform(claim: Claim) -> None:
        began = monotonic_seconds()
        source.perform(claim)
        WORK_SECONDS.labels(source.name).observe(monotonic_seconds() - began)

    return perform


def _report(source: WorkSource, claim: Claim, error: Exception) -> None:
    WORK_FAILURES.labels(source.name).inc()
    log.error(
        "work.failed",
        source=source.name,
        tenant_id=claim.tenant_id,
        id=claim.id,
        error=f"{type(error).__name__}: {error}",
        pid=os.getpid(),
        exc_info=error,
    )
