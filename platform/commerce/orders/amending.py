"""A version of an order that is here already: the same, a newer one, or one that comes late.

Lock order: the channel's number of the order, the order, its lines, shelves.
"""

from collections.abc import Sequence
from typing import cast

from commerce.ids import OrderLineId
from commerce.orders.amendments import Amendment, Standing, compare
from commerce.orders.cancelling import give_up
from commerce.orders.cases import close_cases
from commerce.orders.contents import LineContent, OrderContent
from commerce.orders.errors import NotAmendable, OrderIsOver, TooManyLines
from commerce.orders.events import OrderAmended
from commerce.orders.inbox import came_before, remember
from commerce.orders.lifecycle import OVER
from commerce.orders.locking import lock_order, settle_orders
from commerce.orders.outcomes import give_to_people, new_line, tell_what_is_short
from commerce.orders.policy import LINES_EVER_MAX, PRIORITY_OF_TIER, Tier
from commerce.orders.routing import Outcome, nodes_for, route_lines
from commerce.orders.tables import Customer, OrderInbox, SalesOrder, SalesOrderLine
from kernel.audit import Subject
from kernel.uow import UnitOfWork


def take_version(uow: UnitOfWork, content: OrderContent, earlier: Sequence[OrderInbox]) -> None:
    """Take in what a channel sends of an order that is here; `earlier` is newest first.

    The same version changes nothing, nor does one that is older than the newest: it came late.
    A newer one gives up the lines it no longer names, adds the new ones, and leaves the others
    with all they have. OrderChanged, NotAmendable, OrderIsOver, LineNotCancellable; nothing is
    done then.
    """
    if came_before(content, earlier):
        return
    newest = earlier[0]
    if content.external_version < newest.external_version:
        remember(uow, content, newest.order_id, "late")
        late = {"external_version": content.external_version}
        uow.record("orders.take_late_version", Subject("order", newest.order_id), facts=late)
        return
    order, lines = lock_order(uow, newest.order_id)
    customer = uow.session.get_one(Customer, (uow.tenant_id, order.customer_id))
    _insist_on_the_same_deal(order, customer, content)
    if order.phase in OVER:
        raise OrderIsOver(order.id, order.phase)
    change = compare(
        [_standing(line) for line in lines if line.phase != "cancelled"], content.lines
    )
    if len(lines) + len(change.added) > LINES_EVER_MAX:
        raise TooManyLines(order.id, LINES_EVER_MAX)
    outcomes = _amend(uow, (order, lines), content, change, cast(Tier, customer.tier))
    remember(uow, content, order.id, "amended")
    tell_what_is_short(uow, order.id, customer.tier, outcomes)
    version = content.external_version
    uow.emit(OrderAmended(order.id, version, len(change.added), len(change.dropped), order.total))
    facts: dict[str, object] = {"external_version": version, "dropped": list(change.dropped)}
    uow.record("orders.amend", Subject("order", order.id), facts=facts)
    give_to_people(uow, order.id, outcomes)
    close_cases(uow, change.dropped, f"Not in version {version} of the order.")


def _insist_on_the_same_deal(order: SalesOrder, customer: Customer, content: OrderContent) -> None:
    is_same_way = order.collect_at == content.collect_at
    if customer.reference != content.customer.reference or not is_same_way:
        raise NotAmendable(order.id, content.external_version)


def _amend(
    uow: UnitOfWork,
    whole: tuple[SalesOrder, Sequence[SalesOrderLine]],
    content: OrderContent,
    change: Amendment,
    tier: Tier,
) -> list[Outcome]:
    order, lines = whole
    key = f"amend/{order.id}/{content.external_version}"
    dropped = [line for line in lines if line.id in change.dropped]
    if dropped:
        reason = f"Not in version {content.external_version} of the order."
        give_up(uow, dropped, reason=reason, key=key)
    if content.ship_to is not None:
        order.ship_to_country = content.ship_to.country
        order.ship_to_postal_code = content.ship_to.postal_code
        order.ship_to_latitude = content.ship_to.point.latitude
        order.ship_to_longitude = content.ship_to.point.longitude
    order.total_minor = sum((line.price.minor for line in content.lines), 0)
    order.total_currency = content.lines[0].price.currency
    added = [(OrderLineId(uow.new_id("orl")), line) for line in change.added]
    priority = PRIORITY_OF_TIER[tier]
    nodes = nodes_for(uow, content.ship_to.point if content.ship_to else None, content.collect_at)
    outcomes = route_lines(uow, added, nodes, priority, key=key) if added else []
    uow.session.add_all(
        new_line(uow, order, position, outcome, priority)
        for position, outcome in enumerate(outcomes, start=len(lines) + 1)
    )
    uow.session.flush()
    settle_orders(uow, [order.id])
    return outcomes


def _standing(line: SalesOrderLine) -> Standing:
    return Standing(line.id, LineContent(line.sku_code, line.quantity, line.price))
