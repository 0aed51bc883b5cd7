"""The merchant that the history is retold for: nodes, channels, suppliers, stock.

The Superstore file knows orders, not a merchant. What it does not say follows from what it does
say by the rules of this file, the same in every run:

- a product's supplier is one of its category's four, chosen by the product's id;
- what a supplier charges is 62 % of the median list price, and its lead time follows from the id;
- an order comes through the channel that its number draws (`channel_of`);
- stock at the start is `STOCK_PER_MILLE` of what four years will ask for, on two of the nodes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median_low

from commerce.orders.policy import Tier
from kernel.money import Money
from tenants.demo.superstore import CURRENCY, HistoricLine, HistoricOrder

STOCK_PER_MILLE = 950
COST_PER_MILLE = 620
SUPPLIERS_PER_CATEGORY = 4
LEAD_DAYS_MIN, LEAD_DAYS_MAX = 3, 21
OPENS_AT = timedelta(hours=14)
"""The first order of a day is placed at 14:00 UTC, nine in the morning in New York."""


@dataclass(frozen=True)
class NodePlan:
    """A place that holds stock, at the coordinates of its postal code."""

    code: str
    name: str
    kind: str
    postal_code: str


@dataclass(frozen=True)
class ChannelPlan:
    """A way that orders come in."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class ProductPlan:
    """A product with its one SKU, its price, its supplier and its first stock by node code."""

    code: str
    name: str
    category: str
    price: Money
    cost: Money
    supplier_code: str
    lead_days: int
    stock: tuple[tuple[str, int], ...]


NODES = (
    NodePlan("EWR", "Newark distribution centre", "warehouse", "07114"),
    NodePlan("ATL", "Atlanta distribution centre", "warehouse", "30336"),
    NodePlan("ORD", "Chicago distribution centre", "warehouse", "60638"),
    NodePlan("DFW", "Dallas distribution centre", "warehouse", "75236"),
    NodePlan("ONT", "Ontario distribution centre", "warehouse", "91761"),
    NodePlan("NYC", "Store on Broadway, New York", "store", "10012"),
    NodePlan("LAX", "Store on Figueroa, Los Angeles", "store", "90015"),
    NodePlan("SEA", "Store on Pine, Seattle", "store", "98101"),
)

OWN_SITE = ChannelPlan("web", "Own site", "own_site")
CHANNELS = (
    OWN_SITE,
    ChannelPlan("bazaar", "Bazaar marketplace", "marketplace"),
    ChannelPlan("souk", "Souk marketplace", "marketplace"),
    ChannelPlan("collect", "Stores, click and collect", "store"),
)


def draw(key: str, below: int) -> int:
    """Return a number from 0 up to `below`, always the same for a key (SHA-256, 8 bytes)."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % below


def channel_of(order: HistoricOrder) -> ChannelPlan:
    """Return the channel of an order.

    Same-day orders are collected in a store; of the others, 50 of 100 numbers draw the own site
    and 25 each marketplace.
    """
    if order.ship_mode == "Same Day":
        return CHANNELS[3]
    drawn = draw(f"channel/{order.number}", 100)
    return OWN_SITE if drawn < 50 else CHANNELS[1] if drawn < 75 else CHANNELS[2]


def tier_of(order: HistoricOrder) -> Tier:
    """Return the customer's tier, which the file calls a segment; it ranks who waits."""
    tiers: dict[str, Tier] = {"Corporate": "gold", "Home Office": "silver"}
    return tiers.get(order.segment, "basic")


def placed_at(orders: Sequence[HistoricOrder]) -> list[datetime]:
    """Return when each order was placed: three minutes apart from `OPENS_AT` on its day.

    The busiest day has 23 orders, so no day runs into the next.
    """
    moments: list[datetime] = []
    for position, order in enumerate(orders):
        day = datetime(order.placed_on.year, order.placed_on.month, order.placed_on.day, tzinfo=UTC)
        is_first = position == 0 or orders[position - 1].placed_on != order.placed_on
        moments.append(day + OPENS_AT if is_first else moments[-1] + timedelta(minutes=3))
    return moments


def supplier_codes(categories: Iterable[str]) -> list[str]:
    """Return the codes of every supplier: four to a category."""
    return [
        f"{_short(category)}-{number}"
        for category in sorted(set(categories))
        for number in range(1, SUPPLIERS_PER_CATEGORY + 1)
    ]


def plan_products(orders: Sequence[HistoricOrder]) -> list[ProductPlan]:
    """Return every product of the history with its price, supplier and scarce first stock."""
    lines: dict[str, list[HistoricLine]] = defaultdict(list)
    for order in orders:
        for line in order.lines:
            lines[line.product_id].append(line)
    return [_plan_product(code, lines[code]) for code in sorted(lines)]


def _plan_product(code: str, sold: Sequence[HistoricLine]) -> ProductPlan:
    first = min(sold, key=lambda line: line.row)
    price = Money(median_low(line.list_price.minor for line in sold), CURRENCY)
    wanted = sum(line.quantity for line in sold)
    number = draw(f"supplier/{code}", SUPPLIERS_PER_CATEGORY) + 1
    lead = LEAD_DAYS_MIN + draw(f"lead/{code}", LEAD_DAYS_MAX - LEAD_DAYS_MIN + 1)
    return ProductPlan(
        code=code,
        name=first.product_name,
        category=first.category,
        price=price,
        cost=Money(max(1, price.minor * COST_PER_MILLE // 1000), CURRENCY),
        supplier_code=f"{_short(first.category)}-{number}",
        lead_days=lead,
        stock=_first_stock(code, wanted * STOCK_PER_MILLE // 1000),
    )


def _first_stock(code: str, units: int) -> tuple[tuple[str, int], ...]:
    """Put two thirds on one node and the rest on another, both drawn by the product's code."""
    first = draw(f"node/{code}", len(NODES))
    second = (first + 1 + draw(f"second/{code}", len(NODES) - 1)) % len(NODES)
    most = units * 2 // 3
    shares = ((NODES[first].code, most), (NODES[second].code, units - most))
    return tuple((node, quantity) for node, quantity in shares if quantity > 0)


def _short(category: str) -> str:
    return category.split()[0].upper()[:4]
