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


@dataclass(frozen=True)
class OrderAmended(Event):
    """A channel sent a newer version: lines were given up and added, the others kept theirs."""

    name: ClassVar[str] = "order.amended"

    order_id: str
    external_version: int
    added: int
    dropped: int
    total: Money


@dataclass(frozen=True)
class OrderCancelled(Event):
    """The last of an order was given up, and nothing of it left; `released` by that."""

    name: ClassVar[str] = "order.cancelled"

    order_id: str
    released: int
    reason: str


@dataclass(frozen=True)
class OrderHeld(Event):
    """Somebody holds an order back: it keeps its stock, and nothing of it leaves."""

    name: ClassVar[str] = "order.held"

    order_id: str
    reason: str


@dataclass(frozen=True)
class OrderResumed(Event):
    """An order goes on; `still_held` of its lines wait for a person all the same."""

    name: ClassVar[str] = "order.resumed"

    order_id: str
    still_held: int
    phase: str


@dataclass(frozen=True)
class OrderFulfilled(Event):
    """Everything of an order that was not given up has left."""

    name: ClassVar[str] = "order.fulfilled"

    order_id: str


@dataclass(frozen=True)
class OrderLineRerouted(Event):
    """Another node serves a line; its units are there."""

    name: ClassVar[str] = "order.line_rerouted"

    order_line_id: str
    order_id: str
    sku: str
    source_id: str
    target_id: str
