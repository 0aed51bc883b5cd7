"""What people write about each thing in the catalog, as values: the input of every verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from kernel.money import Money

NodeKind = Literal["warehouse", "store"]
NODE_KINDS: tuple[str, ...] = get_args(NodeKind)
FulfilmentType = Literal["ship", "collect"]
FULFILMENT_TYPES: tuple[str, ...] = get_args(FulfilmentType)
ChannelKind = Literal["own_site", "marketplace", "store"]
CHANNEL_KINDS: tuple[str, ...] = get_args(ChannelKind)


@dataclass(frozen=True)
class ProductContent:
    """What is sold, as the customer sees it; its variants are SKUs."""

    code: str
    name: str
    category: str | None = None
    description: str = ""


@dataclass(frozen=True)
class Pack:
    """A unit a SKU is packed in, such as `case`, and how many base units are in one."""

    unit: str
    quantity: int


@dataclass(frozen=True)
class SkuContent:
    """What is counted: one variant of a product, in its base unit, which never changes."""

    code: str
    name: str
    base_unit: str = "piece"
    gtin: str | None = None
    weight_grams: int | None = None
    packs: Sequence[Pack] = ()


@dataclass(frozen=True)
class SupplierContent:
    """Whom goods are bought from."""

    code: str
    name: str
    country: str
    currency: str
    email: str | None = None


@dataclass(frozen=True)
class SupplierItemContent:
    """On what terms a supplier sells a SKU.

    `cost` buys `cost_quantity` base units (4.20 EUR for 1000 g), so that cheap units stay exact.
    Ordered are at least `minimum_quantity` and a multiple of `multiple_quantity` base units.
    The supplier of the lowest `rank` is asked first.
    """

    cost: Money
    lead_time_days: int
    cost_quantity: int = 1
    minimum_quantity: int = 1
    multiple_quantity: int = 1
    rank: int = 1
    supplier_code: str | None = None


@dataclass(frozen=True)
class NodeContent:
    """A place that holds stock, where it stands, and what it does for orders.

    A node that lists no fulfilment type holds stock and fulfils nothing.
    """

    code: str
    name: str
    kind: str
    country: str
    latitude: Decimal
    longitude: Decimal
    city: str | None = None
    postal_code: str | None = None
    fulfilment_types: Sequence[str] = ("ship",)


@dataclass(frozen=True)
class ChannelContent:
    """Where goods are offered, in one currency; a store channel may name its node."""

    code: str
    name: str
    kind: str
    currency: str
    node_id: str | None = None


@dataclass(frozen=True)
class ListingContent:
    """How a channel offers a SKU: under its own id, at a price for `price_quantity` base units."""

    external_id: str
    price: Money
    price_quantity: int = 1
