"""The `webhooks` part of the OpenAPI document: what is sent for each type of event."""

from collections.abc import Mapping
from typing import Any

from tenants.webhooks.bodies import CHALLENGE
from tenants.webhooks.event_types import DOCUMENTED, EventType

_TEXT = {"type": "string"}
_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": told,
        "schema": dict(_TEXT),
    }
    for name, told in (
        ("webhook-id", "The message, the same in every attempt: keep it to know a repetition."),
        ("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
        (
            "webhook-signature",
            "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under each secret that"
            " signs at the moment, a space between.",
        ),
    )
]
_CHALLENGE = EventType(
    CHALLENGE,
    'Sent before the first event: answer 200 with the word, as `{"challenge": "…"}`.',
    {"type": "object", "required": ["challenge"], "properties": {"challenge": _TEXT}},
)


def webhooks_section() -> dict[str, Any]:
    """Return what a receiver must take, by type of event: the events of `/api/events`."""
    kinds = [*DOCUMENTED.values(), _CHALLENGE]
    return {kind.name: {"post": _operation(kind)} for kind in kinds}


def _operation(kind: EventType) -> dict[str, Any]:
    return {
        "summary": kind.sentence,
        "operationId": f"receive_{kind.name.replace('.', '_')}",
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _envelope(kind.name, kind.data)}},
        },
        "responses": {
            "2XX": {"description": "The message is taken. Anything else is a failure."},
            "410": {"description": "Nothing more is wanted: the endpoint is switched off."},
        },
    }


def _envelope(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "source": _TEXT,
        "type": {"const": name},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "data": dict(data),
    }
    required = list(members)
    members["actorid"] = _TEXT
    members["datatruncated"] = {"const": True}
    return {"type": "object", "required": required, "properties": members}
