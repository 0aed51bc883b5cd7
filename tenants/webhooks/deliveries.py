"""Messages on their way: made of events as these settle, tried out, and sent again on demand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import exists, select

from kernel.audit import Subject
from kernel.errors import Conflict, Fault, Invalid, NotFound
from kernel.events import DeliveredEvent
from kernel.ids import first_id
from kernel.outbox import Consumer, OutboxEvent
from kernel.uow import UnitOfWork
from tenants.webhooks.bodies import message_id
from tenants.webhooks.endpoints import (
    MAY_ADMINISTER,
    EndpointDisabled,
    EndpointUnproven,
    locked,
    subject_of,
    wake,
)
from tenants.webhooks.event_types import TEST
from tenants.webhooks.events import WebhookTested
from tenants.webhooks.tables import WebhookDelivery, WebhookEndpoint

REPLAY_MAX = 1000
REPLAY_SPAN_MAX = timedelta(days=31)


@dataclass(eq=False)
class TooMuchToReplay(Conflict):
    """More events lie in this span than are sent again at once: choose a shorter one."""

    code: ClassVar[str] = "webhook.replay_too_large"

    most: int


# Asked by the relay together with the events themselves, so that it costs no statement.
_CHOSEN = exists().where(
    WebhookEndpoint.tenant_id == OutboxEvent.tenant_id,
    WebhookEndpoint.state == "enabled",
    WebhookEndpoint.event_types.has_key(OutboxEvent.name),
)


def _receive(uow: UnitOfWork, event: DeliveredEvent) -> None:
    """Leave a message for each endpoint that chose this kind of event, in this transaction."""
    found = uow.session.scalars(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.state == "enabled",
            WebhookEndpoint.event_types.has_key(event.name),
        )
        .order_by(WebhookEndpoint.id)
    ).all()
    for endpoint in found:
        _leave(uow, endpoint, event.id, event.name)
    if found:
        uow.session.flush()
        wake(uow, [each.id for each in found])
        uow.record("webhook.leave", Subject("event", event.id), facts={"endpoints": len(found)})


SEND_TO_ENDPOINTS = Consumer("webhooks", _CHOSEN, _receive)


def send_test(uow: UnitOfWork, endpoint_id: str) -> WebhookDelivery:
    """Send an event to one endpoint alone, to see whether it arrives."""
    endpoint = _ready(uow, endpoint_id)
    event_id = uow.emit(WebhookTested(endpoint.id))
    delivery = _leave(uow, endpoint, event_id, TEST)
    uow.session.flush()
    wake(uow, [endpoint.id])
    uow.record("webhook.test", subject_of(endpoint))
    return delivery


def replay_one(uow: UnitOfWork, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
    """Send one message again, under the same id, whatever became of it before."""
    endpoint = _ready(uow, endpoint_id)
    delivery = one_delivery(uow, endpoint_id, delivery_id)
    _again(uow, delivery)
    uow.session.flush()
    wake(uow, [endpoint.id])
    uow.record("webhook.replay", subject_of(endpoint), facts={"message": delivery.id})
    return delivery


def replay_span(
    uow: UnitOfWork, endpoint_id: str, since: datetime, until: datetime, *, with_taken: bool
) -> int:
    """Send what happened in a span and was not taken, under the same ids; return how much that is.

    Events of kinds that the endpoint chose, missed while it was switched off, given up, or still
    waiting; with `with_taken`, those too that it took. Raises Invalid and TooMuchToReplay.
    """
    endpoint = _ready(uow, endpoint_id)
    if not timedelta(0) < until - since <= REPLAY_SPAN_MAX:
        told = "Say a span of at most 31 days that ends after it begins."
        raise Invalid((Fault("/until", "webhook.replay_span", told),))
    happened = uow.session.execute(
        select(OutboxEvent.id, OutboxEvent.name)
        .where(
            OutboxEvent.id >= first_id("evt", since),
            OutboxEvent.id < first_id("evt", until),
            OutboxEvent.name.in_(endpoint.event_types),
        )
        .order_by(OutboxEvent.id)
        .limit(REPLAY_MAX + 1)
    ).all()
    if len(happened) > REPLAY_MAX:
        raise TooMuchToReplay(REPLAY_MAX)
    ids = [message_id(event.id, endpoint.id) for event in happened]
    rows = uow.session.scalars(select(WebhookDelivery).where(WebhookDelivery.id.in_(ids)))
    known = {row.id: row for row in rows}
    sent = 0
    for identity, event in zip(ids, happened, strict=True):
        row = known.get(identity)
        if row is None:
            _leave(uow, endpoint, event.id, event.name)
        elif row.state != "taken" or with_taken:
            _again(uow, row)
        else:
            continue
        sent += 1
    uow.session.flush()
    wake(uow, [endpoint.id])
    uow.record("webhook.replay_span", subject_of(endpoint), facts={"messages": sent})
    return sent


def one_delivery(uow: UnitOfWork, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
    """Return a message to an endpoint; NotFound where there is none."""
    delivery = uow.session.get(WebhookDelivery, (uow.tenant_id, delivery_id))
    if delivery is None or delivery.endpoint_id != endpoint_id:
        raise NotFound("webhook delivery", delivery_id)
    return delivery


def _ready(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    uow.actor.must(MAY_ADMINISTER)
    endpoint = locked(uow, endpoint_id)
    if endpoint.state == "disabled":
        raise EndpointDisabled
    if endpoint.state == "unproven":
        raise EndpointUnproven
    return endpoint


def _leave(
    uow: UnitOfWork, endpoint: WebhookEndpoint, event_id: str, event_type: str
) -> WebhookDelivery:
    identity = message_id(event_id, endpoint.id)
    known = uow.session.get(WebhookDelivery, (uow.tenant_id, identity))
    if known is not None:
        return known
    delivery = WebhookDelivery(
        tenant_id=uow.tenant_id,
        id=identity,
        endpoint_id=endpoint.id,
        event_id=event_id,
        event_type=event_type,
        state="waiting",
        made_at=uow.real_now,
        attempts=0,
        due_at=uow.real_now,
    )
    uow.session.add(delivery)
    return delivery


def _again(uow: UnitOfWork, delivery: WebhookDelivery) -> None:
    delivery.state, delivery.settled_at = "waiting", None
    delivery.attempts, delivery.due_at = 0, uow.real_now
