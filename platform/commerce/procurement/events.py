"""What happens between us and suppliers. `order_line_id` is the customer's line it is for, or None.

`sku` is the SKU's code, as people and tables say it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from kernel.events import Event
from kernel.money import Money


@dataclass(frozen=True)
class SupplierAsked(Event):
    """A supplier was asked when they could deliver."""

    name: ClassVar[str] = "supplier.asked"

    request_id: str
    supplier_id: str
    sku: str
    sku_id: str
    quantity: int
    order_line_id: str | None


@dataclass(frozen=True)
class SupplierAnswered(Event):
    """A supplier said when, or that they cannot: `outcome` is `confirmed` or `rejected`."""

    name: ClassVar[str] = "supplier.answered"

    request_id: str
    supplier_id: str
    order_line_id: str | None
    outcome: str
    eta: datetime | None
    days_late: int
    reason: str | None


@dataclass(frozen=True)
class BackorderEtaUpdated(Event):
    """There is a new date for what a customer's line waits for."""

    name: ClassVar[str] = "backorder.eta_updated"

    order_line_id: str
    supplier_id: str
    eta: datetime
    days_late: int


@dataclass(frozen=True)
class PurchaseOrderEvent(Event):
    """Something happened to a purchase order."""

    po_id: str
    number: int
    supplier_id: str
    order_line_id: str | None


@dataclass(frozen=True)
class PurchaseOrderDrafted(PurchaseOrderEvent):
    """A purchase order was written, and binds nobody yet."""

    name: ClassVar[str] = "purchase_order.drafted"

    total: Money
    digest: str
    requester_id: str


@dataclass(frozen=True)
class PurchaseOrderSubmitted(PurchaseOrderEvent):
    """A purchase order waits for an approval."""

    name: ClassVar[str] = "purchase_order.submitted"


@dataclass(frozen=True)
class PurchaseOrderApproved(PurchaseOrderEvent):
    """A purchase order was approved as it stands."""

    name: ClassVar[str] = "purchase_order.approved"

    approver_id: str


@dataclass(frozen=True)
class PurchaseOrderVoided(PurchaseOrderEvent):
    """A purchase order that was never sent is off the table."""

    name: ClassVar[str] = "purchase_order.voided"


@dataclass(frozen=True)
class PurchaseOrderSent(PurchaseOrderEvent):
    """A purchase order went to its supplier; `eta` is what their lead time promises."""

    name: ClassVar[str] = "purchase_order.sent"

    eta: datetime
    total: Money


@dataclass(frozen=True)
class PurchaseOrderAcknowledged(PurchaseOrderEvent):
    """The supplier confirmed a purchase order, in whole or in part."""

    name: ClassVar[str] = "purchase_order.acknowledged"

    eta: datetime
    quantity: int
    quantity_confirmed: int


@dataclass(frozen=True)
class PurchaseOrderRejected(PurchaseOrderEvent):
    """The supplier will not deliver on a purchase order."""

    name: ClassVar[str] = "purchase_order.rejected"

    reason: str


@dataclass(frozen=True)
class PurchaseOrderCancelled(PurchaseOrderEvent):
    """A purchase order that was sent was taken back."""

    name: ClassVar[str] = "purchase_order.cancelled"


@dataclass(frozen=True)
class PurchaseOrderDelivered(PurchaseOrderEvent):
    """Goods of a purchase order stand at the dock, to be received."""

    name: ClassVar[str] = "purchase_order.delivered"

    quantity: int


@dataclass(frozen=True)
class PurchaseOrderReceived(PurchaseOrderEvent):
    """Goods of a purchase order are in stock; `quantity_missing` are still owed."""

    name: ClassVar[str] = "purchase_order.received"

    quantity: int
    quantity_missing: int
