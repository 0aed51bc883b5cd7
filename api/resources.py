"""Every resource of the public API, by name: what is not listed here is not served."""

from api.events import events
from api.resource import Resource

RESOURCES: tuple[Resource, ...] = (events,)
