"""What happens in a warehouse."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class FulfilmentEvent(Event):
    """Something happened to a fulfilment order."""

    fulfilment_order_id: str
    order_id: str
    node_id: str


@dataclass(frozen=True)
class FulfilmentOpened(FulfilmentEvent):
    """A node was asked to ship units of an order."""

    name: ClassVar[str] = "fulfilment.opened"

    lines: int
    units: int


@dataclass(frozen=True)
class FulfilmentHeld(FulfilmentEvent):
    """A fulfilment order is held back."""

    name: ClassVar[str] = "fulfilment.held"

    reason: str


@dataclass(frozen=True)
class FulfilmentReleased(FulfilmentEvent):
    """A fulfilment order that was held back goes on."""

    name: ClassVar[str] = "fulfilment.released"


@dataclass(frozen=True)
class FulfilmentPicked(FulfilmentEvent):
    """All that a fulfilment order asks for was taken off the shelves."""

    name: ClassVar[str] = "fulfilment.picked"

    units: int


@dataclass(frozen=True)
class FulfilmentFellShort(FulfilmentEvent):
    """Units were not found, or not in order; `reason` decided what became of the stock."""

    name: ClassVar[str] = "fulfilment.fell_short"

    order_line_id: str
    sku_id: str
    quantity: int
    reason: str


@dataclass(frozen=True)
class FulfilmentPacked(FulfilmentEvent):
    """A parcel waits for its carrier."""

    name: ClassVar[str] = "fulfilment.packed"


@dataclass(frozen=True)
class FulfilmentShipped(FulfilmentEvent):
    """Goods left for the customer."""

    name: ClassVar[str] = "fulfilment.shipped"

    shipment_id: str
    units: int


@dataclass(frozen=True)
class FulfilmentCancelled(FulfilmentEvent):
    """A node need not ship these units any more."""

    name: ClassVar[str] = "fulfilment.cancelled"

    reason: str
