"""What happens to endpoints of other systems."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class WebhookTested(Event):
    """Somebody asked for a message, to see whether it arrives; it goes to that endpoint alone."""

    name: ClassVar[str] = "webhook.tested"

    endpoint_id: str


@dataclass(frozen=True)
class WebhookEnabled(Event):
    """Events are sent to an endpoint from now on."""

    name: ClassVar[str] = "webhook.enabled"

    endpoint_id: str


@dataclass(frozen=True)
class WebhookDisabled(Event):
    """Nothing more is sent to an endpoint: `because` is `by_hand`, `failing` or `gone`."""

    name: ClassVar[str] = "webhook.disabled"

    endpoint_id: str
    because: str
