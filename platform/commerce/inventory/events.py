"""What happens to stock, one event per command, with a line per shelf."""

from dataclasses import dataclass
from typing import ClassVar

from commerce.inventory.allocation import Demand
from kernel.events import Event


@dataclass(frozen=True)
class StockMoved(Event):
    """Units moved because of a document. `lines` hold sku_id, node_id and quantity."""

    source_kind: str
    source_id: str
    lines: tuple[Demand, ...]


@dataclass(frozen=True)
class StockReceived(StockMoved):
    """Goods came in and are available."""

    name: ClassVar[str] = "stock.received"


@dataclass(frozen=True)
class StockReserved(StockMoved):
    """Available units are held for an owner."""

    name: ClassVar[str] = "stock.reserved"


@dataclass(frozen=True)
class StockReleased(StockMoved):
    """Units that were held or committed are available again."""

    name: ClassVar[str] = "stock.released"


@dataclass(frozen=True)
class StockAllocated(StockMoved):
    """Units are committed to order lines."""

    name: ClassVar[str] = "stock.allocated"


@dataclass(frozen=True)
class StockTransferred(StockMoved):
    """Units are available at another node than before; `lines` name the node they came to."""

    name: ClassVar[str] = "stock.transferred"


@dataclass(frozen=True)
class StockAdjusted(Event):
    """What is available was corrected, by `difference` units up or down."""

    name: ClassVar[str] = "stock.adjusted"

    sku_id: str
    node_id: str
    difference: int
    reason: str


@dataclass(frozen=True)
class StockLost(Event):
    """Units that were committed to a line are not there, or cannot be sold; `why` says which."""

    name: ClassVar[str] = "stock.lost"

    sku_id: str
    node_id: str
    quantity: int
    order_line_id: str
    why: str


@dataclass(frozen=True)
class TransferEvent(Event):
    """Something happened to goods on the road between two nodes."""

    transfer_id: str
    source_id: str
    target_id: str


@dataclass(frozen=True)
class TransferShipped(TransferEvent):
    """Goods left a node for another; `lines` name the node they go to."""

    name: ClassVar[str] = "transfer.shipped"

    lines: tuple[Demand, ...]


@dataclass(frozen=True)
class TransferReceived(TransferEvent):
    """Goods arrived, or were written off; `missing` units are still on the road."""

    name: ClassVar[str] = "transfer.received"

    missing: int


@dataclass(frozen=True)
class TransferCancelled(TransferEvent):
    """Goods were turned round."""

    name: ClassVar[str] = "transfer.cancelled"


@dataclass(frozen=True)
class AdjustmentEvent(Event):
    """Something happened to a correction that needs an approval."""

    adjustment_id: str
    sku_id: str
    node_id: str


@dataclass(frozen=True)
class AdjustmentProposed(AdjustmentEvent):
    """A correction waits for somebody else's approval."""

    name: ClassVar[str] = "stock.adjustment_proposed"

    difference: int
    reason: str
    requester_id: str
    digest: str


@dataclass(frozen=True)
class AdjustmentPosted(AdjustmentEvent):
    """An approved correction was made."""

    name: ClassVar[str] = "stock.adjustment_posted"

    difference: int


@dataclass(frozen=True)
class AdjustmentRejected(AdjustmentEvent):
    """A correction was decided against."""

    name: ClassVar[str] = "stock.adjustment_rejected"

    reason: str
