"""What a purchase order says, and which customers it is for, as its page and its approval show."""

from collections.abc import Sequence
from dataclasses import dataclass

from builder_ui.portal.names import Names
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.supply_tables import Supplier, SupplierItem
from commerce.catalog.tables import Sku
from commerce.ids import OrderLineId
from commerce.inventory import queries as inventory
from commerce.inventory.policy import READ_STOCK
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from commerce.orders.tables import Customer, SalesOrder, SalesOrderLine
from commerce.procurement import queries as procurement
from commerce.procurement.tables import PurchaseOrder, PurchaseOrderLine
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class BoughtLine:
    """A line of a purchase order with the SKU it is over, and why it is bought as it is.

    `terms` are the supplier's, None where they are out of use; `promisable` is what the node that
    gets the goods could promise without them, None where the viewer may not see stock.
    """

    line: PurchaseOrderLine
    sku: Sku
    terms: SupplierItem | None
    promisable: int | None


@dataclass(frozen=True)
class Wanted:
    """The customer's line that units were bought for, its order and who placed it."""

    line: SalesOrderLine
    order: SalesOrder
    customer: Customer


@dataclass(frozen=True)
class PurchaseFacts:
    """A purchase order and the names behind its ids.

    `wanted` is empty where nobody waits for the goods, and where the viewer may not see orders:
    `may_see_orders` tells the two apart.
    """

    order: PurchaseOrder
    supplier: Supplier
    node: Node
    requester: str
    approver: str | None
    lines: Sequence[BoughtLine]
    wanted: Sequence[Wanted]
    may_see_orders: bool


def facts_of(uow: UnitOfWork, po_id: str, names: Names) -> PurchaseFacts:
    """Return a purchase order with its facts; NotFound where this tenant has none."""
    order = procurement.one_purchase_order(uow, po_id)
    lines = procurement.lines_of(uow, order.id)
    may_see_orders = uow.actor.may(READ_ORDERS)
    line_ids = [line.order_line_id for line in lines if line.order_line_id is not None]
    return PurchaseFacts(
        order,
        catalog.one(uow, Supplier, order.supplier_id),
        catalog.one(uow, Node, order.node_id),
        names.of(order.requester_id),
        names.maybe(order.approver_id),
        _bought(uow, order, lines),
        _wanted(uow, line_ids) if may_see_orders else (),
        may_see_orders,
    )


def _bought(
    uow: UnitOfWork, order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]
) -> list[BoughtLine]:
    ids = [line.sku_id for line in lines]
    skus, offered = catalog.by_ids(uow, Sku, ids), catalog.terms_for(uow, ids)
    found = []
    for line in lines:
        of_supplier = (
            each for each in offered.get(line.sku_id, []) if each.supplier_id == order.supplier_id
        )
        promisable = None
        if uow.actor.may(READ_STOCK):
            promises = inventory.available_to_promise(uow, line.sku_id)
            here = (each.quantity for each in promises if each.node_id == order.node_id)
            promisable = next(here, 0)
        found.append(BoughtLine(line, skus[line.sku_id], next(of_supplier, None), promisable))
    return found


def _wanted(uow: UnitOfWork, line_ids: Sequence[OrderLineId]) -> Sequence[Wanted]:
    found = []
    for line_id in dict.fromkeys(line_ids):
        line = orders.one_line(uow, line_id)
        order = orders.one_order(uow, line.order_id)
        found.append(Wanted(line, order, orders.customer_of(uow, order)))
    return found
