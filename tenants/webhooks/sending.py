"""Sends what is due to endpoints: claimed one by one, called with no transaction open."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TypeVar

import structlog

from kernel.access import system_actor
from kernel.clock import monotonic_seconds
from kernel.config import Config
from kernel.ids import TenantId
from kernel.quotas import limit_of
from kernel.rates import Buckets
from kernel.retry import with_retries
from kernel.secrets import SecretBox
from kernel.uow import UnitOfWork
from kernel.work import Claim, LostLease, OpenUnit, WorkSource
from tenants.webhooks.endpoints import RATE
from tenants.webhooks.letters import Letter, conclude, held, next_letter, release
from tenants.webhooks.wire import Wire

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

SENDER = system_actor("webhooks")
THREADS = 8
TENANT_SHARE = THREADS // 2
TURN_SECONDS = 5.0
FULL_PAUSE = timedelta(seconds=1)


class Seats:
    """The threads of a process: so many in all, and at most a share of them for one tenant."""

    def __init__(self, most: int = THREADS, share: int = TENANT_SHARE) -> None:
        """Take how many there are."""
        self._most = most
        self._share = share
        self._taken: Counter[TenantId] = Counter()
        self._lock = Lock()

    def take(self, tenant_id: TenantId) -> bool:
        """Take a seat for a tenant if there is one."""
        with self._lock:
            if self._taken.total() >= self._most or self._taken[tenant_id] >= self._share:
                return False
            self._taken[tenant_id] += 1
            return True

    def leave(self, tenant_id: TenantId) -> None:
        """Free a tenant's seat."""
        with self._lock:
            self._taken[tenant_id] -= 1


class Sender:
    """Serves claimed endpoints, each by one thread at a time in the whole installation."""

    def __init__(
        self, open_unit: OpenUnit, config: Config, wire: Wire | None = None, *, aside: bool = False
    ) -> None:
        """Send in the caller's thread, or `aside`: in threads that hold up no other work."""
        self._open_unit = open_unit
        self._box = SecretBox([key.encode() for key in config.secret_keys])
        self._public_url = config.public_url
        self._wire = wire or Wire(to_loopback=config.webhooks_to_loopback)
        self._buckets = Buckets(config.redis_url)
        self._seats = Seats()
        self._threads = ThreadPoolExecutor(THREADS, "webhook") if aside else None

    @property
    def source(self) -> WorkSource:
        """Endpoints that something is due for, as work for any worker."""
        return WorkSource("webhook_endpoint", self.perform)

    def perform(self, claim: Claim) -> None:
        """Serve an endpoint; `aside`, by a thread, or a little later where all are busy."""
        if self._threads is None:
            self.serve(claim)
        elif self._seats.take(claim.tenant_id):
            self._threads.submit(self._serve_aside, claim)
        else:
            self._put_off(claim, FULL_PAUSE)

    def serve(self, claim: Claim) -> None:
        """Send what is due, one message after the other, for a turn at most.

        A sender that dies before it wrote down what came of a message sends the same again, under
        the same id.
        """
        began = monotonic_seconds()
        while self._send_next(claim):
            if monotonic_seconds() - began > TURN_SECONDS:
                self._put_off(claim, timedelta(0))
                return

    def _send_next(self, claim: Claim) -> bool:
        """Send one message; tell whether to look for another."""
        letter, most = self._unit(claim, self._next)
        if letter is None:
            return False
        grant = self._buckets.take(f"{RATE.name}:{claim.tenant_id}", most)
        if not grant.is_granted:
            self._put_off(claim, timedelta(seconds=grant.retry_after_seconds))
            return False
        reply = self._wire.post(letter.url, letter.headers, letter.body)
        return self._unit(claim, lambda uow, held: conclude(uow, held, letter, reply))

    def _next(self, uow: UnitOfWork, claim: Claim) -> tuple[Letter | None, int]:
        return next_letter(uow, claim, self._box, self._public_url), limit_of(uow, RATE)

    def _put_off(self, claim: Claim, wait: timedelta) -> None:
        def put_off(uow: UnitOfWork, claim: Claim) -> None:
            held(uow, claim)
            release(uow, claim, uow.real_now + wait)
            uow.wake_workers()

        self._unit(claim, put_off)

    def _serve_aside(self, claim: Claim) -> None:
        try:
            self.serve(claim)
        except LostLease:
            pass
        except Exception as error:
            # Its lease runs out, and the endpoint is served again.
            log.exception("webhook.failed", id=claim.id, error=type(error).__name__)
        finally:
            self._seats.leave(claim.tenant_id)

    def _unit(self, claim: Claim, verb: Callable[[UnitOfWork, Claim], Result]) -> Result:
        def unit() -> Result:
            with self._open_unit(claim.tenant_id, SENDER) as uow:
                return verb(uow, claim)

        return with_retries(unit)
