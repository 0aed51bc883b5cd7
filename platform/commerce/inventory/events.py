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
