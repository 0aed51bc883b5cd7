"""What a tenant may decide about its stock."""

from dataclasses import dataclass, field

from kernel.access import Permission
from kernel.settings import declares_settings

READ_STOCK = Permission("inventory:read")
WRITE_STOCK = Permission("inventory:write")
ADJUST_STOCK = Permission("inventory:adjust")

QUANTITY_MAX = 1_000_000_000
"""No line moves more units than this at once: more is a slip of the hand."""

REASON_LENGTH_MAX = 200

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
    approval_above: int = field(
        default=QUANTITY_MAX,
        metadata={
            "label": "Corrections of more units wait for approval",
            "help": "A correction of more units than this, up or down, is proposed by one person"
            " and approved by another.",
        },
    )


@declares_settings("channel_stock")
@dataclass(frozen=True)
class ChannelStockPolicy:
    """How much of what nodes can promise channels are told of, so that a slow feed oversells less.

    The buffer may be set at a node, threshold and cap at a channel, all of them for the tenant.
    """

    node_buffer: int = field(
        default=0,
        metadata={
            "label": "Node buffer",
            "help": "Units of every SKU that a node keeps from channels.",
        },
    )
    network_threshold: int = field(
        default=0,
        metadata={
            "label": "Network threshold",
            "help": "Units of every SKU that all nodes together keep from a channel.",
        },
    )
    cap: int = field(
        default=QUANTITY_MAX,
        metadata={
            "label": "Most units shown",
            "help": "No channel is told of more units of a SKU than this.",
        },
    )
