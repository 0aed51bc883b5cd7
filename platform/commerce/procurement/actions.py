"""What procurement can do for a workflow: ask, draft, send, receive, and take each back."""

from typing import Any

from marshmallow import Schema, fields, validate

from commerce.catalog.queries import by_code
from commerce.catalog.tables import Sku
from commerce.ids import NodeId, OrderLineId, PurchaseOrderId, SupplierId
from commerce.inventory.policy import QUANTITY_MAX, WRITE_STOCK
from commerce.procurement import service
from commerce.procurement.drafting import one_order
from commerce.procurement.errors import NoSupplier
from commerce.procurement.policy import WRITE_PURCHASES
from commerce.procurement.service import Need
from commerce.procurement.tables import PurchaseOrder
from kernel.actions import Action, Facts
from kernel.ids import ID_LENGTH_MAX
from kernel.uow import UnitOfWork


def _id(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, ID_LENGTH_MAX), **options)


def _quantity() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, QUANTITY_MAX))


class Amount(Schema):
    """Money as JSON carries it."""

    amount = fields.String(required=True)
    currency = fields.String(required=True, validate=validate.Length(equal=3))


class Question(Schema):
    """Whom to ask ("" where nobody sells it), for how many units of which SKU, and for whom."""

    supplier_id = fields.String(required=True, validate=validate.Length(0, ID_LENGTH_MAX))
    sku = fields.String(required=True, validate=validate.Length(1, 64))
    quantity = _quantity()
    order_line_id = _id(load_default=None, allow_none=True)


class Asked(Schema):
    """The request that waits for an answer."""

    request_id = _id(required=True)


class DraftWish(Schema):
    """What is needed, where, and for which customer's line; any supplier, or this one."""

    sku = fields.String(required=True, validate=validate.Length(1, 64))
    quantity = _quantity()
    node_id = _id(required=True)
    order_line_id = _id(load_default=None, allow_none=True)
    supplier_id = _id(load_default=None, allow_none=True)


class OneOrder(Schema):
    """Which purchase order."""

    po_id = _id(required=True)


class Drafted(OneOrder):
    """The purchase order as an approval sees it."""

    version = fields.Integer(required=True)
    digest = fields.String(required=True)
    requester_id = fields.String(required=True)
    supplier_id = _id(required=True)
    total = fields.Nested(Amount, required=True)


class Sending(OneOrder):
    """Which purchase order, and what was approved."""

    approved_digest = fields.String(required=True)


class Sent(OneOrder):
    """When it was sent, and when its goods are to come."""

    sent_at = fields.AwareDateTime(required=True)
    eta = fields.AwareDateTime(required=True)


class Cancelling(OneOrder):
    """Which purchase order, and why it is taken back."""

    reason = fields.String(load_default="Taken back by the workflow.")


class GoodsReceived(OneOrder):
    """Units that came into stock, and those that are still owed."""

    quantity = fields.Integer(required=True)
    missing = fields.Integer(required=True)


def _ask(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    sku = by_code(uow, Sku, input["sku"])
    if not input["supplier_id"]:
        raise NoSupplier(sku.id)
    request_id = service.ask_supplier(
        uow,
        SupplierId(input["supplier_id"]),
        sku.id,
        input["quantity"],
        order_line_id=_line(input),
        key=step_id,
    )
    return {"request_id": request_id}


def _withdraw(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    service.withdraw_request(uow, output["request_id"], key=step_id)
    return {"request_id": output["request_id"]}


def _draft(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    sku = by_code(uow, Sku, input["sku"])
    supplier_id = SupplierId(input["supplier_id"]) if input["supplier_id"] else None
    need = Need(sku.id, input["quantity"], NodeId(input["node_id"]), _line(input), supplier_id)
    return _drafted(service.draft_order(uow, need, key=step_id))


def _drafted(order: PurchaseOrder) -> Facts:
    return {
        "po_id": order.id,
        "version": order.version,
        "digest": order.digest,
        "requester_id": order.requester_id,
        "supplier_id": order.supplier_id,
        "total": order.total,
    }


def _void(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    service.void_order(uow, PurchaseOrderId(input["po_id"]), key=step_id)
    return {"po_id": input["po_id"]}


def _submit(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    service.submit_order(uow, PurchaseOrderId(input["po_id"]), key=step_id)
    return _drafted(one_order(uow, PurchaseOrderId(input["po_id"])))


def _send(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    order = service.send_order(
        uow,
        PurchaseOrderId(input["po_id"]),
        approved_digest=input["approved_digest"],
        key=step_id,
    )
    return {"po_id": order.id, "sent_at": order.sent_at, "eta": order.eta_at}


def _take_back(uow: UnitOfWork, output: Facts, step_id: str) -> Facts:
    return _cancel(uow, {**output, "reason": "Sending it was undone."}, step_id)


def _cancel(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    po_id = PurchaseOrderId(input["po_id"])
    service.cancel_order(uow, po_id, reason=input["reason"], key=step_id)
    return {"po_id": po_id}


def _receive(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    received = service.receive_order(uow, PurchaseOrderId(input["po_id"]), key=step_id)
    return {"po_id": input["po_id"], "quantity": received.quantity, "missing": received.missing}


def _line(input: Any) -> OrderLineId | None:
    return OrderLineId(input["order_line_id"]) if input["order_line_id"] else None


ASK_SUPPLIER = Action(
    "procurement.ask_supplier",
    "Ask a supplier when they could deliver",
    WRITE_PURCHASES,
    "local",
    Question,
    Asked,
    _ask,
    _withdraw,
)
DRAFT_ORDER = Action(
    "procurement.draft_order",
    "Draft a purchase order",
    WRITE_PURCHASES,
    "local",
    DraftWish,
    Drafted,
    _draft,
    _void,
)
VOID_ORDER = Action(
    "procurement.void_order",
    "Void a purchase order that was never sent",
    WRITE_PURCHASES,
    "local",
    OneOrder,
    OneOrder,
    _void,
)
SUBMIT_ORDER = Action(
    "procurement.submit_order",
    "Put a purchase order before those who approve",
    WRITE_PURCHASES,
    "local",
    OneOrder,
    Drafted,
    _submit,
    _void,
)
SEND_ORDER = Action(
    "procurement.send_order",
    "Send a purchase order as it was approved",
    WRITE_PURCHASES,
    "local",
    Sending,
    Sent,
    _send,
    _take_back,
)
CANCEL_ORDER = Action(
    "procurement.cancel_order",
    "Take back a purchase order that was sent",
    WRITE_PURCHASES,
    "local",
    Cancelling,
    OneOrder,
    _cancel,
)
RECEIVE_ORDER = Action(
    "procurement.receive_order",
    "Take delivered goods into stock",
    WRITE_STOCK,
    "local",
    OneOrder,
    GoodsReceived,
    _receive,
)

ACTIONS = (
    ASK_SUPPLIER,
    DRAFT_ORDER,
    VOID_ORDER,
    SUBMIT_ORDER,
    SEND_ORDER,
    CANCEL_ORDER,
    RECEIVE_ORDER,
)
