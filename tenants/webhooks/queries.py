"""What people and systems see of endpoints and of the messages to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_

from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.webhooks.endpoints import one_endpoint
from tenants.webhooks.tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret


@dataclass(frozen=True)
class EndpointView:
    """An endpoint with how it fares. Instants are real time; `next_try_at` None: nothing waits."""

    id: str
    url: str
    description: str
    event_types: tuple[str, ...]
    state: str
    disabled_because: str | None
    created_at: datetime
    succeeded_at: datetime | None
    failing_since: datetime | None
    waiting: int
    next_try_at: datetime | None
    old_secret_ends_at: datetime | None
    version: int


WAITING_COUNTED_MAX = 1000


def list_endpoints(
    uow: UnitOfWork, *, after: Sequence[str] | None = None, limit: int
) -> tuple[list[EndpointView], list[str] | None]:
    """Return endpoints, the newest first, and where the next page goes on."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.state != "removed")
    if after is not None:
        query = query.where(WebhookEndpoint.id < after[0])
    rows = list(uow.session.scalars(query.order_by(WebhookEndpoint.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    following = [shown[-1].id] if len(rows) > limit else None
    return [view_of(uow, each) for each in shown], following


def endpoint_view(uow: UnitOfWork, endpoint_id: str) -> EndpointView:
    """Return one endpoint; NotFound where this tenant has none."""
    return view_of(uow, one_endpoint(uow, endpoint_id))


def view_of(uow: UnitOfWork, endpoint: WebhookEndpoint) -> EndpointView:
    """Return how an endpoint fares: what waits is counted up to a thousand."""
    uow.session.flush()
    first = (
        select(WebhookDelivery.due_at)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting")
        .order_by(WebhookDelivery.due_at)
        .limit(WAITING_COUNTED_MAX)
        .subquery()
    )
    waiting, due_at = uow.session.execute(
        select(func.count(), func.min(first.c.due_at)).select_from(first)
    ).one()
    ends_at = uow.session.scalar(
        select(func.max(WebhookSecret.ends_at)).where(
            WebhookSecret.endpoint_id == endpoint.id, WebhookSecret.ends_at > uow.real_now
        )
    )
    return EndpointView(
        endpoint.id,
        endpoint.url,
        endpoint.description,
        tuple(endpoint.event_types),
        endpoint.state,
        endpoint.disabled_because,
        endpoint.created_at,
        endpoint.succeeded_at,
        endpoint.failing_since,
        waiting,
        _next_try(endpoint, due_at),
        ends_at,
        endpoint.version,
    )


def list_deliveries(
    uow: UnitOfWork,
    endpoint_id: str,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
    state: str | None = None,
) -> list[WebhookDelivery]:
    """Return messages to an endpoint, the newest first, one more than `limit` where there are."""
    one_endpoint(uow, endpoint_id)
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if after is not None:
        query = query.where(tuple_(WebhookDelivery.made_at, WebhookDelivery.id) < after)
    ordered = query.order_by(WebhookDelivery.made_at.desc(), WebhookDelivery.id.desc())
    return list(uow.session.scalars(ordered.limit(limit + 1)))


def attempts_of(uow: UnitOfWork, delivery_id: str, limit: int = 50) -> list[WebhookAttempt]:
    """Return the newest attempts of a message, the newest first."""
    query = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return list(uow.session.scalars(query.order_by(WebhookAttempt.at.desc()).limit(limit)))


def challenges_of(uow: UnitOfWork, endpoint_id: str, limit: int = 5) -> list[WebhookAttempt]:
    """Return the newest challenges to an endpoint, the newest first."""
    query = select(WebhookAttempt).where(
        WebhookAttempt.endpoint_id == endpoint_id, WebhookAttempt.delivery_id.is_(None)
    )
    return list(uow.session.scalars(query.order_by(WebhookAttempt.at.desc()).limit(limit)))


def sends_nothing(uow: UnitOfWork) -> bool:
    """Tell whether this tenant is a sandbox, from which nothing leaves."""
    return uow.session.get_one(Tenant, uow.tenant_id).mode == "sandbox"


def _next_try(endpoint: WebhookEndpoint, due_at: datetime | None) -> datetime | None:
    if endpoint.state == "unproven":
        return endpoint.rests_until if endpoint.has_work else None
    if endpoint.state != "enabled" or due_at is None:
        return None
    return max(due_at, endpoint.rests_until or due_at)
