"""What a tenant may decide about its stock."""

from dataclasses import dataclass, field

from kernel.access import Permission
from kernel.settings import declares_settings

READ_STOCK = Permission("inventory:read")
WRITE_STOCK = Permission("inventory:write")
ADJUST_STOCK = Permission("inventory:adjust")

QUANTITY_MAX = 1_000_000_000
"""No line moves more units than this at once: more is a slip of the hand."""

LINES_MAX = 2_000
"""No command moves more lines than this at once."""


@declares_settings("inventory")
@dataclass(frozen=True)
class StockPolicy:
    """How much of each shelf is promised."""

    safety_stock: int = field(
        default=0,
        metadata={
            "label": "Safety stock",
            "help": "Units of every SKU at every node that are never promised to anybody.",
        },
    )
