"""How many requests a tenant may make in a minute, and how it is told."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from kernel.access import system_actor
from kernel.errors import TooMany
from kernel.ids import TenantId
from kernel.quotas import Quota, declare, limit_of, warn
from kernel.rates import WINDOW_SECONDS, Grant
from kernel.runtime import Runtime
from kernel.uow import TenantSuspended

REQUESTS = declare(
    Quota(
        "requests_per_minute",
        "requests in a minute",
        30_000,
        "Ask less often, or ask the operator of this service for a larger plan.",
    )
)


@dataclass(eq=False)
class TooManyRequests(TooMany):
    """This account asks more often than its plan allows: wait and try again."""

    code: ClassVar[str] = "quota.requests"

    most: int
    quota: str = REQUESTS.name


def throttle(runtime: Runtime, tenant_id: TenantId) -> Grant:
    """Count a request of a tenant, and tell whether it may pass.

    The limit is read anew every few seconds; that is also when people are told that it is near.
    """
    most = runtime.ports.meter.last_limit(tenant_id, REQUESTS.name)
    if most is not None:
        return runtime.buckets.take(f"{REQUESTS.name}:{tenant_id}", most)
    with runtime.unit_of_work(tenant_id, system_actor("throttle"), standing="any") as uow:
        most = limit_of(uow, REQUESTS)
    runtime.ports.meter.note(tenant_id, REQUESTS.name, most, 0)
    grant = runtime.buckets.take(f"{REQUESTS.name}:{tenant_id}", most)
    if grant.is_nearly_used:
        # Who is suspended can change nothing, nor be told anything new.
        with (
            suppress(TenantSuspended),
            runtime.unit_of_work(tenant_id, system_actor("throttle")) as uow,
        ):
            warn(uow, REQUESTS, most)
    return grant


def headers_of(grant: Grant) -> Mapping[str, str]:
    """Return what every answer says about the limit."""
    refill = -(-(grant.most - grant.left) * WINDOW_SECONDS // max(grant.most, 1))
    return {
        "RateLimit-Policy": f'"{REQUESTS.name}";q={grant.most};w={WINDOW_SECONDS}',
        "RateLimit": f'"{REQUESTS.name}";r={max(grant.left, 0)};t={refill}',
    }
