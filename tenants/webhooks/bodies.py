"""The bytes of a message: the event as the events API shows it, within 20 KiB."""

import hashlib
from datetime import datetime
from typing import Any

from kernel.canonical import bytes_of_json, to_json
from kernel.feed import envelope
from kernel.outbox import OutboxEvent

BODY_BYTES_MAX = 20 * 1024
CHALLENGE = "webhook.challenge"


def message_id(event_id: str, endpoint_id: str) -> str:
    """Return the id of the one message that brings an event to an endpoint, however often sent."""
    return "whm_" + hashlib.sha256(f"{event_id}/{endpoint_id}".encode()).hexdigest()[:32]


def body_of(event: OutboxEvent, source: str) -> bytes:
    """Return an event's message; the same bytes whenever it is asked for.

    Data that are too large are left out, all but the ids in it: the events API has the whole.
    """
    told = envelope(event, source)
    body = bytes_of_json(to_json(told))
    if len(body) <= BODY_BYTES_MAX:
        return body
    short = told | {"data": _ids_in(event.data), "datatruncated": True}
    return bytes_of_json(to_json(short))


def challenge_body(word: str, identity: str, at: datetime, source: str) -> bytes:
    """Return the message that asks an endpoint to repeat a word."""
    told = {
        "specversion": "1.0",
        "id": identity,
        "source": source,
        "type": CHALLENGE,
        "time": at,
        "datacontenttype": "application/json",
        "data": {"challenge": word},
    }
    return bytes_of_json(to_json(told))


def _ids_in(data: dict[str, Any]) -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(data.items())
        if name.endswith("_id") and isinstance(value, str) and len(value) <= 80
    }
