"""Events: what happened, in the past tense, as frozen values of ids and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from kernel.ids import ActorId, EventId


@dataclass(frozen=True)
class Event:
    """Base of all events; a subclass names itself `<noun>.<participle>` and lists its fields.

    Fields are ids, numbers, text, instants and money, never rows. They may be added to; to
    change or drop one is a new event.
    """

    name: ClassVar[str]


@dataclass(frozen=True)
class DeliveredEvent:
    """An event as a consumer gets it, at least once."""

    id: EventId
    name: str
    data: Mapping[str, Any]
    occurred_at: datetime
    actor_id: ActorId
    on_behalf_of: ActorId | None = None
