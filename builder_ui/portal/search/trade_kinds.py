"""What can be found of trade: orders, purchase orders, parcels, and goods on the road."""

from collections.abc import Sequence

from builder_ui.portal.moving_goods import standing_of, ways_of
from builder_ui.portal.rooms import root
from builder_ui.portal.search.kinds import Hit, Kind, got
from builder_ui.portal.wording import (
    ADJUSTMENT_STATES,
    ORDER_PHASES,
    PURCHASE_PHASES,
    TRANSFER_STATES,
)
from builder_ui.shell.words import _
from commerce.catalog import queries as catalog
from commerce.catalog.network_tables import Node
from commerce.catalog.supply_tables import Supplier
from commerce.closeness import Match
from commerce.inventory.adjustment_tables import StockAdjustment
from commerce.inventory.transfer_tables import Transfer
from commerce.orders.finding import exactly_ordered, find_orders
from commerce.orders.queries import customers_of, some_orders
from commerce.orders.tables import SalesOrder
from commerce.procurement.finding import find_purchase_orders
from commerce.procurement.tables import PurchaseOrder
from commerce.warehouse.finding import find_fulfilments
from commerce.warehouse.tables import FulfilmentOrder
from kernel.access import Permission
from kernel.uow import UnitOfWork

READ_ORDERS = Permission("orders:read")
READ_PURCHASES = Permission("procurement:read")
READ_STOCK = Permission("inventory:read")


def _orders(uow: UnitOfWork, rows: Sequence[SalesOrder]) -> list[Hit]:
    customers = customers_of(uow, rows)
    return [
        Hit(
            row.id,
            _("Order %(number)s", number=row.number),
            f"{root()}/orders/{row.id}",
            f"{row.external_id} · {customers[row.customer_id].name}",
            ORDER_PHASES[row.phase],
        )
        for row in rows
    ]


def _purchases(uow: UnitOfWork, rows: Sequence[PurchaseOrder]) -> list[Hit]:
    suppliers = catalog.by_ids(uow, Supplier, [row.supplier_id for row in rows])
    return [
        Hit(
            row.id,
            _("Purchase order %(number)s", number=row.number),
            f"{root()}/purchasing/{row.id}",
            suppliers[row.supplier_id].name,
            PURCHASE_PHASES[row.phase],
        )
        for row in rows
    ]


def _find_fulfilments(uow: UnitOfWork, text: str, limit: int) -> list[Match[FulfilmentOrder]]:
    orders = exactly_ordered(uow, text, limit)
    return find_fulfilments(uow, text, [order.id for order in orders], limit)


def _fulfilments(uow: UnitOfWork, rows: Sequence[FulfilmentOrder]) -> list[Hit]:
    orders = some_orders(uow, [row.order_id for row in rows])
    nodes = catalog.by_ids(uow, Node, [row.node_id for row in rows])
    return [
        Hit(
            row.id,
            _("Fulfilment of order %(number)s", number=orders[row.order_id].number),
            f"{root()}/fulfilments/{row.id}",
            nodes[row.node_id].name,
            standing_of(row),
        )
        for row in rows
    ]


def _transfers(uow: UnitOfWork, rows: Sequence[Transfer]) -> list[Hit]:
    ways, here = ways_of(uow, rows), f"{root()}/transfers"
    return [
        Hit(row.id, ways[row.id], f"{here}/{row.id}", badge=TRANSFER_STATES[row.state])
        for row in rows
    ]


def _corrections(_uow: UnitOfWork, rows: Sequence[StockAdjustment]) -> list[Hit]:
    return [
        Hit(
            row.id,
            _("Correction of %(difference)s", difference=f"{row.difference:+}"),
            f"{root()}/corrections/{row.id}",
            row.reason,
            ADJUSTMENT_STATES[row.state],
        )
        for row in rows
    ]


def _by_id_alone(_uow: UnitOfWork, _text: str, _limit: int) -> Sequence[Match[object]]:
    """Nothing but its id tells it apart."""
    return ()


TRADE_KINDS = (
    Kind(
        "order", _("Order"), _("Orders"), "cart", READ_ORDERS, "ord_",
        find_orders, lambda uow, ids: got(uow, SalesOrder, ids), _orders,
    ),
    Kind(
        "po", _("Purchase order"), _("Purchase orders"), "download", READ_PURCHASES, "pur_",
        find_purchase_orders, lambda uow, ids: got(uow, PurchaseOrder, ids), _purchases,
    ),
    Kind(
        "fulfilment", _("Fulfilment"), _("Fulfilment"), "truck", READ_STOCK, "ful_",
        _find_fulfilments, lambda uow, ids: got(uow, FulfilmentOrder, ids), _fulfilments,
    ),
    Kind(
        "transfer", _("Transfer"), _("Transfers"), "swap", READ_STOCK, "trf_",
        _by_id_alone, lambda uow, ids: got(uow, Transfer, ids), _transfers,
    ),
    Kind(
        "correction", _("Correction"), _("Corrections"), "history", READ_STOCK, "adj_",
        _by_id_alone, lambda uow, ids: got(uow, StockAdjustment, ids), _corrections,
    ),
)  # fmt: skip
