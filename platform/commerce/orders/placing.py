"""Taking an order in: once, whole, with an outcome for every line.

Lock order: the channel's number of the order, the customer's reference, shelves, and last the
tenant's series of order numbers.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import select

from commerce.catalog.network_tables import Channel
from commerce.catalog.queries import one, terms_for
from commerce.commands import take_turns
from commerce.ids import CustomerId, OrderId
from commerce.numbers import next_number
from commerce.orders.contents import CustomerContent, OrderContent, insist_on_sense
from commerce.orders.errors import ChannelClosed, OrderChanged
from commerce.orders.events import OrderBackordered, OrderLineHeld, OrderPlaced
from commerce.orders.lifecycle import order_phase
from commerce.orders.policy import PRIORITY_OF_TIER, WRITE_ORDERS, Tier
from commerce.orders.routing import Outcome, route
from commerce.orders.tables import Customer, OrderInbox, SalesOrder, SalesOrderLine
from kernel.audit import Subject
from kernel.canonical import canonical_bytes
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork

HELD_LINES_ARE_DUE_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Placed:
    """The order that came in; `is_new` is False where it had come in before."""

    order_id: OrderId
    is_new: bool


def place_order(uow: UnitOfWork, content: OrderContent) -> Placed:
    """Take an order in: commit stock for each line, or let it wait, or hold it for a person.

    A line ships from the nearest node that has all of it; a line that no node has waits at the
    nearest one for what is missing there. The same order again is the same order; OrderChanged
    where it now says something else. Invalid with every fault; ChannelClosed.
    """
    uow.actor.must(WRITE_ORDERS)
    channel = one(uow, Channel, content.channel_id)
    insist_on_sense(content, now=uow.now, currency=channel.currency)
    fingerprint = hashlib.sha256(canonical_bytes(content)).hexdigest()
    take_turns(uow, "order", content.channel_id, content.external_id)
    earlier = uow.session.get(OrderInbox, (uow.tenant_id, content.channel_id, content.external_id))
    if earlier is not None:
        if earlier.fingerprint != fingerprint:
            raise OrderChanged(earlier.order_id, content.external_id)
        return Placed(earlier.order_id, is_new=False)
    if not channel.is_active:
        raise ChannelClosed(channel.id)
    order_id = OrderId(uow.new_id("ord"))
    customer = _customer(uow, content.customer)
    outcomes = route(uow, order_id, content, PRIORITY_OF_TIER[cast(Tier, customer.tier)])
    order = _write(uow, order_id, content, customer, outcomes)
    _remember(uow, order, fingerprint)
    _tell(uow, order, customer, outcomes)
    facts = {"lines": {each.line_id: each.phase for each in outcomes}}
    uow.record("orders.place", Subject("order", order_id), facts=facts)
    _give_to_people(uow, order, outcomes)
    return Placed(order_id, is_new=True)


def _customer(uow: UnitOfWork, content: CustomerContent) -> Customer:
    """Return the customer with this reference; the first order brings them in."""
    wanted = select(Customer).where(Customer.reference == content.reference)
    found = uow.session.scalar(wanted)
    if found is None:
        take_turns(uow, "customer", content.reference)
        found = uow.session.scalar(wanted)
    if found is None:
        found = Customer(
            tenant_id=uow.tenant_id,
            id=CustomerId(uow.new_id("cus")),
            reference=content.reference,
            name=content.name,
            tier=content.tier,
            created_at=uow.now,
        )
        uow.session.add(found)
        uow.record("orders.add_customer", Subject("customer", found.id))
    return found


def _write(
    uow: UnitOfWork,
    order_id: OrderId,
    content: OrderContent,
    customer: Customer,
    outcomes: Sequence[Outcome],
) -> SalesOrder:
    total = sum((line.price.minor for line in content.lines), 0)
    ship_to = content.ship_to
    order = SalesOrder(
        tenant_id=uow.tenant_id,
        id=order_id,
        # Last of all locks: other orders of the tenant wait for it until the commit.
        number=next_number(uow, "sales_order"),
        channel_id=content.channel_id,
        external_id=content.external_id,
        customer_id=customer.id,
        phase=order_phase([each.phase for each in outcomes]),
        ship_to_country=ship_to.country if ship_to else None,
        ship_to_postal_code=ship_to.postal_code if ship_to else None,
        ship_to_latitude=ship_to.point.latitude if ship_to else None,
        ship_to_longitude=ship_to.point.longitude if ship_to else None,
        collect_at=content.collect_at,
        total_minor=total,
        total_currency=content.lines[0].price.currency,
        placed_at=content.placed_at,
        received_at=uow.now,
    )
    uow.session.add(order)
    uow.session.flush()
    priority = PRIORITY_OF_TIER[cast(Tier, customer.tier)]
    uow.session.add_all(
        _line(uow, order, position, outcome, priority)
        for position, outcome in enumerate(outcomes, start=1)
    )
    return order


def _remember(uow: UnitOfWork, order: SalesOrder, fingerprint: str) -> None:
    uow.session.add(
        OrderInbox(
            tenant_id=uow.tenant_id,
            channel_id=order.channel_id,
            external_id=order.external_id,
            fingerprint=fingerprint,
            order_id=order.id,
            received_at=uow.now,
        )
    )


def _line(
    uow: UnitOfWork, order: SalesOrder, position: int, outcome: Outcome, priority: int
) -> SalesOrderLine:
    pick, content = outcome.pick, outcome.content
    return SalesOrderLine(
        tenant_id=uow.tenant_id,
        id=outcome.line_id,
        order_id=order.id,
        position=position,
        sku_id=outcome.sku.id if outcome.sku else None,
        sku_code=outcome.sku_code,
        quantity=content.quantity,
        quantity_short=pick.short if pick else 0,
        price_minor=content.price.minor,
        price_currency=content.price.currency,
        phase=outcome.phase,
        phase_since=uow.now,
        node_id=pick.node_id if pick else None,
        priority=priority,
        placed_at=order.placed_at,
        backordered_at=uow.now if pick and pick.short else None,
        reason=outcome.reason,
    )


def _tell(
    uow: UnitOfWork, order: SalesOrder, customer: Customer, outcomes: Sequence[Outcome]
) -> None:
    uow.emit(
        OrderPlaced(
            order.id,
            order.number,
            order.channel_id,
            order.external_id,
            customer.id,
            customer.tier,
            len(outcomes),
            order.total,
            order.placed_at,
        )
    )
    short = [each for each in outcomes if each.pick is not None and each.pick.short]
    terms = terms_for(uow, [each.pick.sku_id for each in short if each.pick]) if short else {}
    for each in short:
        assert each.pick is not None, "a line that is short was picked"
        sold_by = terms.get(each.pick.sku_id)
        uow.emit(
            OrderBackordered(
                each.line_id,
                order.id,
                each.sku_code,
                each.pick.sku_id,
                each.pick.node_id,
                each.content.quantity,
                each.pick.short,
                sold_by[0].supplier_id if sold_by else "",
                customer.tier,
            )
        )


def _give_to_people(uow: UnitOfWork, order: SalesOrder, outcomes: Sequence[Outcome]) -> None:
    for each in outcomes:
        if each.reason is None:
            continue
        uow.emit(OrderLineHeld(each.line_id, order.id, each.sku_code, each.reason))
        raise_exception(
            uow,
            kind="order.line_held",
            subject=Subject("order_line", each.line_id),
            cause=f"{each.reason}: {each.sku_code}",
            due_within=HELD_LINES_ARE_DUE_WITHIN,
        )
