"""The verbs of the catalog, as a table of contents: each lives in the file of its thing.

Every verb asks for `catalog:write`, locks the row it changes (parents first, held as they are),
compares the version the caller read, decides, writes, emits its event and records itself.
"""

from commerce.catalog.channels import (
    change_channel,
    channel_content,
    create_channel,
    reinstate_channel,
    retire_channel,
)
from commerce.catalog.listings import (
    change_listing,
    create_listing,
    listing_content,
    reinstate_listing,
    retire_listing,
)
from commerce.catalog.nodes import (
    change_node,
    create_node,
    node_content,
    reinstate_node,
    retire_node,
)
from commerce.catalog.products import (
    change_product,
    create_product,
    product_content,
    reinstate_product,
    retire_product,
)
from commerce.catalog.skus import (
    change_sku,
    create_sku,
    reinstate_sku,
    retire_sku,
    sku_content,
)
from commerce.catalog.supplier_items import (
    change_supplier_item,
    create_supplier_item,
    reinstate_supplier_item,
    retire_supplier_item,
    supplier_item_content,
)
from commerce.catalog.suppliers import (
    change_supplier,
    create_supplier,
    reinstate_supplier,
    retire_supplier,
    supplier_content,
)

__all__ = [
    "change_channel",
    "change_listing",
    "change_node",
    "change_product",
    "change_sku",
    "change_supplier",
    "change_supplier_item",
    "channel_content",
    "create_channel",
    "create_listing",
    "create_node",
    "create_product",
    "create_sku",
    "create_supplier",
    "create_supplier_item",
    "listing_content",
    "node_content",
    "product_content",
    "reinstate_channel",
    "reinstate_listing",
    "reinstate_node",
    "reinstate_product",
    "reinstate_sku",
    "reinstate_supplier",
    "reinstate_supplier_item",
    "retire_channel",
    "retire_listing",
    "retire_node",
    "retire_product",
    "retire_sku",
    "retire_supplier",
    "retire_supplier_item",
    "sku_content",
    "supplier_content",
    "supplier_item_content",
]
