"""What happened in the catalog: ids, codes and the names of what changed, never rows."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class ProductCreated(Event):
    """A product was added."""

    name: ClassVar[str] = "product.created"

    product_id: str
    code: str


@dataclass(frozen=True)
class ProductChanged(Event):
    """A product was changed; `fields` names what."""

    name: ClassVar[str] = "product.changed"

    product_id: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ProductRetired(Event):
    """A product went out of use."""

    name: ClassVar[str] = "product.retired"

    product_id: str
    code: str


@dataclass(frozen=True)
class ProductReinstated(Event):
    """A product came back into use."""

    name: ClassVar[str] = "product.reinstated"

    product_id: str
    code: str


@dataclass(frozen=True)
class SkuCreated(Event):
    """A SKU was added."""

    name: ClassVar[str] = "sku.created"

    sku_id: str
    product_id: str
    code: str


@dataclass(frozen=True)
class SkuChanged(Event):
    """A SKU was changed; `fields` names what."""

    name: ClassVar[str] = "sku.changed"

    sku_id: str
    product_id: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SkuRetired(Event):
    """A SKU went out of use."""

    name: ClassVar[str] = "sku.retired"

    sku_id: str
    product_id: str
    code: str


@dataclass(frozen=True)
class SkuReinstated(Event):
    """A SKU came back into use."""

    name: ClassVar[str] = "sku.reinstated"

    sku_id: str
    product_id: str
    code: str


@dataclass(frozen=True)
class SupplierCreated(Event):
    """A supplier was added."""

    name: ClassVar[str] = "supplier.created"

    supplier_id: str
    code: str


@dataclass(frozen=True)
class SupplierChanged(Event):
    """A supplier was changed; `fields` names what."""

    name: ClassVar[str] = "supplier.changed"

    supplier_id: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SupplierRetired(Event):
    """A supplier went out of use."""

    name: ClassVar[str] = "supplier.retired"

    supplier_id: str
    code: str


@dataclass(frozen=True)
class SupplierReinstated(Event):
    """A supplier came back into use."""

    name: ClassVar[str] = "supplier.reinstated"

    supplier_id: str
    code: str


@dataclass(frozen=True)
class SupplierItemCreated(Event):
    """A supplier item was added."""

    name: ClassVar[str] = "supplier_item.created"

    supplier_item_id: str
    supplier_id: str
    sku_id: str


@dataclass(frozen=True)
class SupplierItemChanged(Event):
    """A supplier item was changed; `fields` names what."""

    name: ClassVar[str] = "supplier_item.changed"

    supplier_item_id: str
    supplier_id: str
    sku_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SupplierItemRetired(Event):
    """A supplier item went out of use."""

    name: ClassVar[str] = "supplier_item.retired"

    supplier_item_id: str
    supplier_id: str
    sku_id: str


@dataclass(frozen=True)
class SupplierItemReinstated(Event):
    """A supplier item came back into use."""

    name: ClassVar[str] = "supplier_item.reinstated"

    supplier_item_id: str
    supplier_id: str
    sku_id: str


@dataclass(frozen=True)
class NodeCreated(Event):
    """A node was added."""

    name: ClassVar[str] = "node.created"

    node_id: str
    code: str


@dataclass(frozen=True)
class NodeChanged(Event):
    """A node was changed; `fields` names what."""

    name: ClassVar[str] = "node.changed"

    node_id: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class NodeRetired(Event):
    """A node went out of use."""

    name: ClassVar[str] = "node.retired"

    node_id: str
    code: str


@dataclass(frozen=True)
class NodeReinstated(Event):
    """A node came back into use."""

    name: ClassVar[str] = "node.reinstated"

    node_id: str
    code: str


@dataclass(frozen=True)
class ChannelCreated(Event):
    """A channel was added."""

    name: ClassVar[str] = "channel.created"

    channel_id: str
    code: str


@dataclass(frozen=True)
class ChannelChanged(Event):
    """A channel was changed; `fields` names what."""

    name: ClassVar[str] = "channel.changed"

    channel_id: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ChannelRetired(Event):
    """A channel went out of use."""

    name: ClassVar[str] = "channel.retired"

    channel_id: str
    code: str


@dataclass(frozen=True)
class ChannelReinstated(Event):
    """A channel came back into use."""

    name: ClassVar[str] = "channel.reinstated"

    channel_id: str
    code: str


@dataclass(frozen=True)
class ListingCreated(Event):
    """A listing was added."""

    name: ClassVar[str] = "listing.created"

    listing_id: str
    channel_id: str
    sku_id: str


@dataclass(frozen=True)
class ListingChanged(Event):
    """A listing was changed; `fields` names what."""

    name: ClassVar[str] = "listing.changed"

    listing_id: str
    channel_id: str
    sku_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ListingRetired(Event):
    """A listing went out of use."""

    name: ClassVar[str] = "listing.retired"

    listing_id: str
    channel_id: str
    sku_id: str


@dataclass(frozen=True)
class ListingReinstated(Event):
    """A listing came back into use."""

    name: ClassVar[str] = "listing.reinstated"

    listing_id: str
    channel_id: str
    sku_id: str


EVENTS: tuple[type[Event], ...] = (
    ProductCreated,
    ProductChanged,
    ProductRetired,
    ProductReinstated,
    SkuCreated,
    SkuChanged,
    SkuRetired,
    SkuReinstated,
    SupplierCreated,
    SupplierChanged,
    SupplierRetired,
    SupplierReinstated,
    SupplierItemCreated,
    SupplierItemChanged,
    SupplierItemRetired,
    SupplierItemReinstated,
    NodeCreated,
    NodeChanged,
    NodeRetired,
    NodeReinstated,
    ChannelCreated,
    ChannelChanged,
    ChannelRetired,
    ChannelReinstated,
    ListingCreated,
    ListingChanged,
    ListingRetired,
    ListingReinstated,
)
"""Every event of this department."""
