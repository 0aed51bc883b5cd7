"""`/api/purchase-orders`: what was ordered from suppliers, and who approved it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Amount, Choice, Fields, Instant, Text, listed
from api.paging import PageFields, after, page
from api.resource import Resource
from commerce.ids import PurchaseOrderId, SupplierId
from commerce.keyset import PageWish
from commerce.procurement import queries, service
from commerce.procurement.lifecycle import PHASES
from commerce.procurement.queries import PurchaseFilter
from commerce.procurement.tables import PurchaseOrder
from kernel.uow import UnitOfWork

purchase_orders = Resource("purchase_orders", "What was ordered from suppliers.")


class PurchaseOrderLineFields(Fields):
    """Units of a SKU that were ordered, confirmed, delivered to the dock and received."""

    position = fields.Integer(required=True)
    sku_id = fields.String(required=True)
    quantity = fields.Integer(required=True)
    quantity_confirmed = fields.Integer(required=True, allow_none=True)
    quantity_delivered = fields.Integer(required=True)
    quantity_received = fields.Integer(required=True)
    cost = Amount(required=True)
    order_line_id = fields.String(required=True, allow_none=True)


class PurchaseOrderHeadFields(Fields):
    """A purchase order without its lines; `digest` names what it says."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    supplier_id = fields.String(required=True)
    node_id = fields.String(required=True)
    phase = Choice(*PHASES, required=True)
    requester_id = fields.String(required=True)
    approver_id = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True)
    total = Amount(required=True)
    drafted_at = Instant(required=True)
    sent_at = Instant(required=True, allow_none=True)
    eta_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class PurchaseOrderFields(PurchaseOrderHeadFields):
    """A purchase order with its lines."""

    lines = fields.List(fields.Nested(PurchaseOrderLineFields), required=True)
    version = fields.Integer(required=True)


class PurchaseOrderListFields(PageFields):
    """Which purchase orders."""

    phase = Choice(*PHASES, load_default=None)
    supplier_id = Text(max=40, load_default=None)


class ApprovalFields(Fields):
    """The content that is approved, by the digest that was shown."""

    digest = Text(required=True, max=80)


@purchase_orders.operation(
    "GET",
    "",
    "procurement:read",
    query=PurchaseOrderListFields,
    answer=listed(PurchaseOrderHeadFields, "PurchaseOrderPageFields"),
)
def show_all(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """List purchase orders, the newest first."""
    supplier_id = SupplierId(query["supplier_id"]) if query["supplier_id"] else None
    wish = PageWish(after(uow, query), query["limit"], descending=True)
    found = queries.purchase_orders(uow, wish, PurchaseFilter(query["phase"], supplier_id))
    return page(uow, query, found.rows, found.next_after)


@purchase_orders.operation(
    "GET", "/<purchase_order_id>", "procurement:read", answer=PurchaseOrderFields
)
def show(uow: UnitOfWork, purchase_order_id: str) -> dict[str, Any]:
    """Show a purchase order with its lines."""
    return _whole(uow, queries.one_purchase_order(uow, purchase_order_id))


@purchase_orders.operation(
    "POST",
    "/<purchase_order_id>/approval",
    "procurement:approve",
    body=ApprovalFields,
    answer=PurchaseOrderFields,
    status=201,
    needs_key=True,
)
def approve(uow: UnitOfWork, purchase_order_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Approve a purchase order that waits for it, as it was shown; never one's own."""
    po_id = PurchaseOrderId(purchase_order_id)
    service.approve_order(uow, po_id, digest=body["digest"], key=uow.new_id("cmd"))
    return _whole(uow, queries.one_purchase_order(uow, po_id))


def _whole(uow: UnitOfWork, order: PurchaseOrder) -> dict[str, Any]:
    head = {name: getattr(order, name) for name in PurchaseOrderHeadFields().fields}
    return {**head, "version": order.version, "lines": queries.lines_of(uow, order.id)}
