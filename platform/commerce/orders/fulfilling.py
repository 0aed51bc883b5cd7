"""Orders that leave: nodes are asked for them, goods go, lines are fulfilled or fall short.

Lock order: the order, its lines, fulfilment orders, shelves.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from commerce.catalog.queries import one
from commerce.catalog.tables import Sku
from commerce.commands import once
from commerce.ids import FulfilmentOrderId, NodeId, OrderId, OrderLineId, ShipmentId, SkuId
from commerce.inventory.allocation import Pick
from commerce.inventory.policy import WRITE_STOCK
from commerce.inventory.shortfalls import SHORTFALLS
from commerce.orders.contents import LineContent
from commerce.orders.errors import OrderIsHeld
from commerce.orders.events import OrderFulfilled
from commerce.orders.locking import enter, lock_order, settle_orders
from commerce.orders.outcomes import tell_what_is_short
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.routing import Outcome
from commerce.orders.tables import Customer, SalesOrder, SalesOrderLine
from commerce.warehouse import leaving, opening, picking
from commerce.warehouse.leaving import Parcel, ShortPick
from commerce.warehouse.queries import living_of, one_fulfilment
from kernel.audit import Subject
from kernel.errors import Fault, Invalid
from kernel.uow import UnitOfWork


def release_order(uow: UnitOfWork, order_id: OrderId, *, key: str) -> list[FulfilmentOrderId]:
    """Ask the nodes to ship every line that has all its units; lines that wait follow later.

    Returns the fulfilment orders that this made, one a node: none where every such line was
    asked for before. OrderIsHeld; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    request = {"order_id": order_id}
    answer = once(uow, key, "orders.release", request, lambda: _release(uow, order_id))
    return [FulfilmentOrderId(each) for each in answer["fulfilment_order_ids"]]


def ship_parcel(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, parcel: Parcel, *, key: str
) -> ShipmentId:
    """Let a packed parcel leave: its units go to the customer, and its lines are fulfilled."""
    uow.actor.must(WRITE_STOCK)
    request = {"fulfilment_order_id": fulfilment_order_id, "parcel": parcel}
    answer = once(
        uow, key, "orders.ship", request, lambda: _ship(uow, fulfilment_order_id, parcel, key)
    )
    return ShipmentId(answer["shipment_id"])


def fulfil_at_once(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, *, key: str
) -> ShipmentId:
    """Pick, pack and ship all of it in one go, for nodes whose work is not followed in steps."""
    uow.actor.must(WRITE_STOCK)
    request = {"fulfilment_order_id": fulfilment_order_id}
    answer = once(
        uow, key, "orders.fulfil", request, lambda: _fulfil(uow, fulfilment_order_id, key)
    )
    return ShipmentId(answer["shipment_id"])


def fulfil_order(uow: UnitOfWork, order_id: OrderId, *, key: str) -> list[ShipmentId]:
    """Release what an order has, and fulfil every parcel of it that is not held back.

    Returns the shipments; none where nothing is ready to leave. OrderIsHeld; NotFound.
    """
    uow.actor.must(WRITE_ORDERS)
    uow.actor.must(WRITE_STOCK)
    request = {"order_id": order_id}
    answer = once(
        uow, key, "orders.fulfil_order", request, lambda: _fulfil_order(uow, order_id, key)
    )
    return [ShipmentId(each) for each in answer["shipment_ids"]]


def report_short(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, short: ShortPick, *, key: str
) -> OrderLineId:
    """Note that units were not found; the reason decides about the stock, and the line waits.

    Where some of the line was found, the rest becomes a line of its own, with its exact share of
    the price, and waits. Returns the line that waits; emits `order.backordered`.
    """
    uow.actor.must(WRITE_STOCK)
    picking.must_be_a_quantity(short.position, short.quantity)
    if short.why not in SHORTFALLS:
        detail = f"Say why: one of {', '.join(SHORTFALLS)}."
        raise Invalid((Fault("/reason", "warehouse.reason", detail),))
    request = {"fulfilment_order_id": fulfilment_order_id, "short": short}
    answer = once(
        uow, key, "orders.fall_short", request, lambda: _short(uow, fulfilment_order_id, short, key)
    )
    return OrderLineId(answer["order_line_id"])


def _release(uow: UnitOfWork, order_id: OrderId) -> dict[str, object]:
    order, lines = lock_order(uow, order_id)
    facts: dict[str, object] = {"fulfilment_order_ids": _ask_nodes(uow, order, lines)}
    uow.record("orders.release", Subject("order", order.id), facts=facts)
    return facts


def _ask_nodes(
    uow: UnitOfWork, order: SalesOrder, lines: Sequence[SalesOrderLine]
) -> list[FulfilmentOrderId]:
    if order.phase == "held":
        raise OrderIsHeld(order.id)
    whole = [line for line in lines if line.phase == "allocated"]
    priority = min((line.priority for line in whole), default=0)
    return opening.open_fulfilments(uow, order.id, [line.id for line in whole], priority)


def _ship(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, parcel: Parcel, key: str
) -> dict[str, Any]:
    order, lines = _locked_order_of(uow, fulfilment_order_id)
    shipment_id, left = leaving.ship(uow, fulfilment_order_id, parcel, key=f"{key}/units")
    _note_what_left(uow, order, lines, left)
    return _shipped(uow, order, fulfilment_order_id, shipment_id)


def _fulfil(uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, key: str) -> Mapping[str, Any]:
    order, lines = _locked_order_of(uow, fulfilment_order_id)
    shipment_id, left = leaving.send_off(uow, fulfilment_order_id, key=f"{key}/units")
    _note_what_left(uow, order, lines, left)
    return _shipped(uow, order, fulfilment_order_id, shipment_id)


def _shipped(
    uow: UnitOfWork,
    order: SalesOrder,
    fulfilment_order_id: FulfilmentOrderId,
    shipment_id: ShipmentId,
) -> dict[str, Any]:
    facts = {"fulfilment_order_id": fulfilment_order_id, "shipment_id": shipment_id}
    uow.record("orders.ship", Subject("order", order.id), facts=facts)
    return {"shipment_id": shipment_id}


def _fulfil_order(uow: UnitOfWork, order_id: OrderId, key: str) -> dict[str, object]:
    order, lines = lock_order(uow, order_id)
    _ask_nodes(uow, order, lines)
    ready = [each.id for each in living_of(uow, order_id) if each.held_for is None]
    sent = [leaving.send_off(uow, each, key=f"{key}/{each}/units") for each in ready]
    _note_what_left(uow, order, lines, [line_id for _shipment, left in sent for line_id in left])
    facts: dict[str, object] = {"shipment_ids": [shipment_id for shipment_id, _left in sent]}
    uow.record("orders.fulfil_order", Subject("order", order_id), facts=facts)
    return facts


def _note_what_left(
    uow: UnitOfWork,
    order: SalesOrder,
    lines: Sequence[SalesOrderLine],
    left: Collection[OrderLineId],
) -> None:
    """Let lines of a locked order be fulfilled, and the order with its last."""
    if not left:
        return
    for line in lines:
        if line.id in left:
            enter(uow, line, "fulfilled")
    uow.session.flush()
    settle_orders(uow, [order.id])
    if order.phase == "fulfilled":
        uow.emit(OrderFulfilled(order.id))


def _short(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId, short: ShortPick, key: str
) -> dict[str, object]:
    order, lines = _locked_order_of(uow, fulfilment_order_id)
    dropped = leaving.fall_short(uow, fulfilment_order_id, short, key=f"{key}/units")
    line = next(each for each in lines if each.id == dropped.order_line_id)
    waits = _part_that_waits(uow, line, len(lines), short.quantity)
    waits.quantity_short = short.quantity
    waits.backordered_at = waits.backordered_at or uow.now
    enter(uow, waits, "backordered")
    uow.session.add(waits)
    uow.session.flush()
    settle_orders(uow, [order.id])
    _tell(uow, order, waits)
    subject = Subject("fulfilment_order", fulfilment_order_id)
    facts = {"order_line_id": waits.id, "quantity": short.quantity}
    uow.record("orders.fall_short", subject, reason=short.why, facts=facts)
    return {"order_line_id": waits.id}


def _part_that_waits(
    uow: UnitOfWork, line: SalesOrderLine, last_position: int, quantity: int
) -> SalesOrderLine:
    """Return the line itself where all of it is missing, else a new one split off from it."""
    if quantity == line.quantity:
        return line
    kept, missing = line.price.split([line.quantity - quantity, quantity])
    line.quantity -= quantity
    line.price_minor = kept.minor
    return SalesOrderLine(
        tenant_id=uow.tenant_id,
        id=OrderLineId(uow.new_id("orl")),
        order_id=line.order_id,
        position=last_position + 1,
        sku_id=line.sku_id,
        sku_code=line.sku_code,
        quantity=quantity,
        price_minor=missing.minor,
        price_currency=missing.currency,
        phase="accepted",
        phase_since=uow.now,
        node_id=line.node_id,
        priority=line.priority,
        placed_at=line.placed_at,
    )


def _tell(uow: UnitOfWork, order: SalesOrder, line: SalesOrderLine) -> None:
    sku_id, node_id = cast(SkuId, line.sku_id), cast(NodeId, line.node_id)
    customer = uow.session.get_one(Customer, (uow.tenant_id, order.customer_id))
    content = LineContent(line.sku_code, line.quantity, line.price)
    pick = Pick(line.id, sku_id, node_id, 0, line.quantity)
    outcome = Outcome(line.id, content, one(uow, Sku, sku_id), pick, None)
    tell_what_is_short(uow, order.id, customer.tier, [outcome])


def _locked_order_of(
    uow: UnitOfWork, fulfilment_order_id: FulfilmentOrderId
) -> tuple[SalesOrder, list[SalesOrderLine]]:
    return lock_order(uow, one_fulfilment(uow, fulfilment_order_id).order_id)
