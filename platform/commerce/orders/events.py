"""What happens to orders and their lines. `sku` is the SKU's code, as people and tables say it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from kernel.events import Event
from kernel.money import Money


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order was accepted; every line has its outcome."""

    name: ClassVar[str] = "order.placed"

    order_id: str
    number: int
    channel_id: str
    external_id: str
    customer_id: str
    customer_tier: str
    lines: int
    total: Money
    placed_at: datetime


@dataclass(frozen=True)
class OrderBackordered(Event):
    """A line lacks units: `quantity_short` are to come to the node where it waits.

    `supplier_id` is whom to ask first, or "" where nobody sells this SKU.
    """

    name: ClassVar[str] = "order.backordered"

    order_line_id: str
    order_id: str
    sku: str
    sku_id: str
    node_id: str
    quantity: int
    quantity_short: int
    supplier_id: str
    customer_tier: str


@dataclass(frozen=True)
class BackorderAllocated(Event):
    """A waiting line got `quantity` units; it still lacks `quantity_short`."""

    name: ClassVar[str] = "backorder.allocated"

    order_line_id: str
    order_id: str
    sku: str
    node_id: str
    quantity: int
    quantity_short: int


@dataclass(frozen=True)
class OrderLineCancelled(Event):
    """A line was cancelled; `released` units are available again."""

    name: ClassVar[str] = "order.line_cancelled"

    order_line_id: str
    order_id: str
    sku: str
    quantity: int
    released: int
    reason: str


@dataclass(frozen=True)
class OrderLineHeld(Event):
    """A line waits for a person."""

    name: ClassVar[str] = "order.line_held"

    order_line_id: str
    order_id: str
    sku: str
    reason: str
