"""The name of every thing the departments keep, so that one is never taken for another."""

from typing import NewType

ProductId = NewType("ProductId", str)
SkuId = NewType("SkuId", str)
SupplierId = NewType("SupplierId", str)
SupplierItemId = NewType("SupplierItemId", str)
NodeId = NewType("NodeId", str)
ChannelId = NewType("ChannelId", str)
ListingId = NewType("ListingId", str)
ImportRunId = NewType("ImportRunId", str)

LedgerEntryId = NewType("LedgerEntryId", str)
ReservationId = NewType("ReservationId", str)
AllocationId = NewType("AllocationId", str)
TransferId = NewType("TransferId", str)
CountId = NewType("CountId", str)
AdjustmentId = NewType("AdjustmentId", str)

CustomerId = NewType("CustomerId", str)
OrderId = NewType("OrderId", str)
OrderLineId = NewType("OrderLineId", str)
FulfilmentOrderId = NewType("FulfilmentOrderId", str)
ShipmentId = NewType("ShipmentId", str)

PurchaseOrderId = NewType("PurchaseOrderId", str)
PurchaseOrderLineId = NewType("PurchaseOrderLineId", str)
ReceiptId = NewType("ReceiptId", str)

PREFIXES = {
    "product": "prd",
    "sku": "sku",
    "supplier": "sup",
    "supplier_item": "sit",
    "node": "nod",
    "channel": "chn",
    "listing": "lst",
    "import_run": "imp",
}
"""What the ids of the catalog's things begin with."""
