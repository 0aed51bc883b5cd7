"""Taking an order in: once, whole, with an outcome for every line.

Lock order: the channel's number of the order, then of a new order the customer's reference,
shelves, and last the tenant's series of order numbers; of a known one, order, lines and shelves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from commerce.catalog.network_tables import Channel
from commerce.catalog.queries import one
from commerce.ids import CustomerId, OrderId
from commerce.numbers import next_number
from commerce.orders.amending import take_version
from commerce.orders.contents import CustomerContent, OrderContent, insist_on_sense
from commerce.orders.errors import ChannelClosed
from commerce.orders.events import OrderPlaced
from commerce.orders.inbox import received, remember
from commerce.orders.lifecycle import order_phase
from commerce.orders.outcomes import give_to_people, new_line, tell_what_is_short
from commerce.orders.policy import PRIORITY_OF_TIER, WRITE_ORDERS, Tier
from commerce.orders.routing import Outcome, route
from commerce.orders.tables import Customer, SalesOrder
from kernel.audit import Subject
from kernel.locks import take_name
from kernel.uow import UnitOfWork


@dataclass(frozen=True)
class Placed:
    """The order that came in; `is_new` is False where it had come in before."""

    order_id: OrderId
    is_new: bool


def place_order(uow: UnitOfWork, content: OrderContent) -> Placed:
    """Take an order in: commit stock for each line, or let it wait, or hold it for a person.

    A line ships from the nearest node that has all of it; a line that no node has waits at the
    nearest one for what is missing there. The same version again is the same order, a newer one
    amends it, an older one that comes late changes nothing; OrderChanged where a version that
    came in says something else now. Invalid with every fault; ChannelClosed.
    """
    uow.actor.must(WRITE_ORDERS)
    channel = one(uow, Channel, content.channel_id)
    insist_on_sense(content, now=uow.now, currency=channel.currency)
    take_name(uow, "order", content.channel_id, content.external_id)
    if earlier := received(uow, content):
        take_version(uow, content, earlier)
        return Placed(earlier[0].order_id, is_new=False)
    if not channel.is_active:
        raise ChannelClosed(channel.id)
    order_id = OrderId(uow.new_id("ord"))
    customer = _customer(uow, content.customer)
    outcomes = route(uow, order_id, content, PRIORITY_OF_TIER[cast(Tier, customer.tier)])
    order = _write(uow, order_id, content, customer, outcomes)
    remember(uow, content, order_id, "placed")
    _tell(uow, order, customer, outcomes)
    facts = {"lines": {each.line_id: each.phase for each in outcomes}}
    uow.record("orders.place", Subject("order", order_id), facts=facts)
    give_to_people(uow, order_id, outcomes)
    return Placed(order_id, is_new=True)


def _customer(uow: UnitOfWork, content: CustomerContent) -> Customer:
    """Return the customer with this reference: the first order brings them in, and the newest
    that names a mail address says where they are written to."""
    wanted = select(Customer).where(Customer.reference == content.reference)
    found = uow.session.scalar(wanted)
    if found is None or content.email not in (None, found.email):
        take_name(uow, "customer", content.reference)
        found = uow.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        found = Customer(
            tenant_id=uow.tenant_id,
            id=CustomerId(uow.new_id("cus")),
            reference=content.reference,
            name=content.name,
            tier=content.tier,
            email=content.email,
            created_at=uow.now,
        )
        uow.session.add(found)
        uow.record("orders.add_customer", Subject("customer", found.id))
    elif content.email not in (None, found.email):
        found.email = content.email
        uow.record("orders.change_customer", Subject("customer", found.id))
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
        new_line(uow, order, position, outcome, priority)
        for position, outcome in enumerate(outcomes, start=1)
    )
    return order


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
    tell_what_is_short(uow, order.id, customer.tier, outcomes)
