"""`/api/webhooks`: endpoints to which events are sent, and the messages to them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields, validate

from api.fields import Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from kernel.clock import format_instant, parse_instant
from kernel.errors import Malformed
from kernel.uow import UnitOfWork
from tenants.webhooks import deliveries, endpoints, queries
from tenants.webhooks.endpoints import DESCRIPTION_LENGTH_MAX, Keeping, Wanted
from tenants.webhooks.event_types import CHOSEN_FROM
from tenants.webhooks.queries import EndpointView
from tenants.webhooks.tables import WebhookDelivery
from tenants.webhooks.urls import URL_LENGTH_MAX
from web.request import current_runtime

webhooks = Resource("webhooks", "Endpoints to which events are sent as they happen, signed.")

_STATES = ("waiting", "taken", "given_up")


class NewWebhookFields(Fields):
    """Where events are to be sent, and which."""

    url = Text(
        required=True,
        max=URL_LENGTH_MAX,
        metadata={
            "example": "https://shop.example/wareflow-events",
            "description": "https on port 443 or 8443, a host of the public internet.",
        },
    )
    event_types = fields.List(
        Text(max=80, pattern="^[a-z0-9_.]+$", metadata={"example": "order.placed"}),
        required=True,
        validate=validate.Length(min=1, max=len(CHOSEN_FROM)),
    )
    description = Text(min=0, max=DESCRIPTION_LENGTH_MAX)


class WebhookFields(NewWebhookFields):
    """An endpoint and how it fares. Events are sent while it is `enabled`."""

    id = fields.String(required=True)
    state = Choice("unproven", "enabled", "disabled", required=True)
    disabled_because = Choice("by_hand", "failing", "gone", required=True, allow_none=True)
    created_at = Instant(required=True)
    succeeded_at = Instant(required=True, allow_none=True)
    failing_since = Instant(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    next_try_at = Instant(required=True, allow_none=True)
    old_secret_ends_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class WebhookSecretsFields(Fields):
    """The secrets that sign at this moment, the newest first: two for a day after a rotation."""

    secrets = fields.List(fields.String(metadata={"example": "whsec_…"}), required=True)


class WebhookDeliveryFields(Fields):
    """A message; its `id` is what `webhook-id` says."""

    id = fields.String(required=True)
    event_id = fields.String(required=True)
    event_type = fields.String(required=True)
    state = Choice(*_STATES, required=True)
    made_at = Instant(required=True)
    attempts = fields.Integer(required=True)
    due_at = Instant(required=True, allow_none=True)
    settled_at = Instant(required=True, allow_none=True)


class WebhookAttemptFields(Fields):
    """One request and what came of it; `told` says why there was no answer."""

    at = Instant(required=True)
    took_ms = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    verdict = Choice("taken", "failed", "gone", required=True)
    told = fields.String(required=True)
    answer = fields.String(required=True)


class WebhookAttemptsFields(Fields):
    """The newest fifty attempts of a message, the newest first."""

    data = fields.List(fields.Nested(WebhookAttemptFields), required=True)


class DeliveryListFields(PageFields):
    """Which messages."""

    state = Choice(*_STATES, load_default=None)


class ReplayFields(Fields):
    """What to send again: what happened in this span and was not taken."""

    since = Instant(required=True)
    until = Instant(required=True)
    with_taken = fields.Boolean(load_default=False)


class ReplayedFields(Fields):
    """How many messages are on their way again."""

    messages = fields.Integer(required=True)


@webhooks.operation(
    "GET", "", "settings:read", query=PageFields, answer=listed(WebhookFields, "WebhookPage")
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List endpoints, the newest first."""
    rows, more = queries.list_endpoints(uow, after=after(uow, query), limit=query["limit"])
    return page(uow, query, rows, more)


@webhooks.operation(
    "POST",
    "",
    "settings:write",
    body=NewWebhookFields,
    answer=WebhookFields,
    status=201,
    location="/api/webhooks/{id}",
)
def create(uow: UnitOfWork, body: Mapping[str, Any]) -> EndpointView:
    """Add an endpoint. A challenge is sent to it at once; events follow when it repeats it.

    Who adds one must also be allowed to read events.
    """
    return queries.view_of(uow, endpoints.add_endpoint(uow, _keeping(), _wanted(body)))


@webhooks.operation("GET", "/<webhook_id>", "settings:read", answer=WebhookFields)
def show(uow: UnitOfWork, webhook_id: str) -> EndpointView:
    """Show an endpoint."""
    return queries.endpoint_view(uow, webhook_id)


@webhooks.operation(
    "PATCH", "/<webhook_id>", "settings:write", body=NewWebhookFields, answer=WebhookFields
)
def change(
    uow: UnitOfWork, webhook_id: str, body: Mapping[str, Any], expected_version: int
) -> EndpointView:
    """Change an endpoint; with another URL it is challenged again before it gets events."""
    endpoint = endpoints.one_endpoint(uow, webhook_id)
    standing = Wanted(endpoint.url, tuple(endpoint.event_types), endpoint.description)
    changes = {**body}
    if "event_types" in changes:
        changes["event_types"] = tuple(changes["event_types"])
    changed = endpoints.change_endpoint(
        uow, _keeping(), webhook_id, replace(standing, **changes), expected_version
    )
    return queries.view_of(uow, changed)


@webhooks.operation("DELETE", "/<webhook_id>", "settings:write", status=204)
def remove(uow: UnitOfWork, webhook_id: str, expected_version: int) -> None:
    """Remove an endpoint with its secrets; nothing more is sent to it."""
    endpoints.remove(uow, webhook_id, expected_version)


@webhooks.operation("GET", "/<webhook_id>/secrets", "settings:write", answer=WebhookSecretsFields)
def show_secrets(uow: UnitOfWork, webhook_id: str) -> dict[str, Any]:
    """Show the secrets by which a receiver verifies; that they were read is written down."""
    return {"secrets": endpoints.read_secrets(uow, current_runtime().secrets, webhook_id)}


@webhooks.operation(
    "POST", "/<webhook_id>/rotation", "settings:write", answer=WebhookFields, status=201
)
def rotate(uow: UnitOfWork, webhook_id: str) -> EndpointView:
    """Give an endpoint a new secret; the one before signs beside it for 24 hours."""
    endpoints.rotate_secret(uow, current_runtime().secrets, webhook_id)
    return queries.endpoint_view(uow, webhook_id)


@webhooks.operation(
    "POST", "/<webhook_id>/suspension", "settings:write", answer=WebhookFields, status=201
)
def disable(uow: UnitOfWork, webhook_id: str) -> EndpointView:
    """Send nothing more to an endpoint; what waits stays."""
    return queries.view_of(uow, endpoints.disable(uow, webhook_id))


@webhooks.operation(
    "POST", "/<webhook_id>/activation", "settings:write", answer=WebhookFields, status=201
)
def enable(uow: UnitOfWork, webhook_id: str) -> EndpointView:
    """Send to an endpoint again; replay what it missed meanwhile."""
    return queries.view_of(uow, endpoints.enable(uow, webhook_id))


@webhooks.operation(
    "POST", "/<webhook_id>/challenge", "settings:write", answer=WebhookFields, status=201
)
def challenge(uow: UnitOfWork, webhook_id: str) -> EndpointView:
    """Challenge an endpoint once more that has not proved itself."""
    return queries.view_of(uow, endpoints.challenge_again(uow, webhook_id))


@webhooks.operation(
    "POST", "/<webhook_id>/test", "settings:write", answer=WebhookDeliveryFields, status=201
)
def send_test(uow: UnitOfWork, webhook_id: str) -> WebhookDelivery:
    """Send an event of type `webhook.tested` to this endpoint alone."""
    return deliveries.send_test(uow, webhook_id)


@webhooks.operation(
    "POST",
    "/<webhook_id>/replays",
    "settings:write",
    body=ReplayFields,
    answer=ReplayedFields,
    status=201,
    needs_key=True,
)
def replay(uow: UnitOfWork, webhook_id: str, body: Mapping[str, Any]) -> dict[str, int]:
    """Send again what happened in a span of at most 31 days, at most a thousand events.

    Each message keeps its id. What is still waiting is sent at once.
    """
    sent = deliveries.replay_span(
        uow, webhook_id, body["since"], body["until"], with_taken=body["with_taken"]
    )
    return {"messages": sent}


@webhooks.operation(
    "GET",
    "/<webhook_id>/deliveries",
    "settings:read",
    query=DeliveryListFields,
    answer=listed(WebhookDeliveryFields, "WebhookDeliveryPage"),
)
def show_deliveries(uow: UnitOfWork, webhook_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """List messages to an endpoint, the newest first."""
    limit, place = query["limit"], after(uow, query)
    if place is not None and len(place) != 2:
        raise Malformed
    behind = (parse_instant(str(place[0])), str(place[1])) if place else None
    rows = queries.list_deliveries(uow, webhook_id, after=behind, limit=limit, state=query["state"])
    shown = rows[:limit]
    more = [format_instant(shown[-1].made_at), shown[-1].id] if len(rows) > limit else None
    return page(uow, query, shown, more)


@webhooks.operation(
    "GET",
    "/<webhook_id>/deliveries/<delivery_id>",
    "settings:read",
    answer=WebhookDeliveryFields,
)
def show_delivery(uow: UnitOfWork, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """Show a message."""
    endpoints.one_endpoint(uow, webhook_id)
    return deliveries.one_delivery(uow, webhook_id, delivery_id)


@webhooks.operation(
    "GET",
    "/<webhook_id>/deliveries/<delivery_id>/attempts",
    "settings:read",
    answer=WebhookAttemptsFields,
)
def show_attempts(uow: UnitOfWork, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """List the attempts to send a message."""
    endpoints.one_endpoint(uow, webhook_id)
    deliveries.one_delivery(uow, webhook_id, delivery_id)
    return {"data": queries.attempts_of(uow, delivery_id)}


@webhooks.operation(
    "POST",
    "/<webhook_id>/deliveries/<delivery_id>/replay",
    "settings:write",
    answer=WebhookDeliveryFields,
    status=201,
)
def replay_one(uow: UnitOfWork, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """Send one message again, under the same id."""
    return deliveries.replay_one(uow, webhook_id, delivery_id)


def _wanted(body: Mapping[str, Any]) -> Wanted:
    return Wanted(body["url"], tuple(body["event_types"]), body.get("description", ""))


def _keeping() -> Keeping:
    runtime = current_runtime()
    return Keeping(runtime.secrets, to_loopback=runtime.config.webhooks_to_loopback)
