"""Who may read and change orders, and what no order exceeds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, get_args

from kernel.access import Permission

READ_ORDERS = Permission("orders:read")
WRITE_ORDERS = Permission("orders:write")

Tier = Literal["gold", "silver", "basic"]
TIERS: tuple[Tier, ...] = get_args(Tier)

PRIORITY_OF_TIER: Mapping[Tier, int] = {"gold": 1, "silver": 2, "basic": 3}
"""The smaller number is served first when stock arrives."""

LINES_MAX = 500
LINES_EVER_MAX = 5_000
"""Lines that an order ever has, given up ones included: a channel that never stops changing an
order is refused here."""
VERSION_MAX = 1_000_000_000
REASON_LENGTH_MAX = 200
PRICE_MINOR_MAX = 10**15
CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far ahead of our clock a channel's may be."""
