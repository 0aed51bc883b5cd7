"""What becomes of lines that were routed: their rows, who is told, and which people must look."""

from collections.abc import Sequence
from datetime import timedelta

from commerce.catalog.queries import terms_for
from commerce.ids import OrderId
from commerce.orders.events import OrderBackordered, OrderLineHeld
from commerce.orders.routing import Outcome
from commerce.orders.tables import SalesOrder, SalesOrderLine
from kernel.audit import Subject
from kernel.exceptions import raise_exception
from kernel.uow import UnitOfWork

LINE_HELD = "order.line_held"
HELD_LINES_ARE_DUE_WITHIN = timedelta(days=1)


def new_line(
    uow: UnitOfWork, order: SalesOrder, position: int, outcome: Outcome, priority: int
) -> SalesOrderLine:
    """Return the row of a line with its outcome."""
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


def tell_what_is_short(
    uow: UnitOfWork, order_id: OrderId, tier: str, outcomes: Sequence[Outcome]
) -> None:
    """Emit `order.backordered` for each line that lacks units, with whom to ask first."""
    short = [each for each in outcomes if each.pick is not None and each.pick.short]
    terms = terms_for(uow, [each.pick.sku_id for each in short if each.pick]) if short else {}
    for each in short:
        assert each.pick is not None, "a line that is short was picked"
        sold_by = terms.get(each.pick.sku_id)
        uow.emit(
            OrderBackordered(
                each.line_id,
                order_id,
                each.sku_code,
                each.pick.sku_id,
                each.pick.node_id,
                each.content.quantity,
                each.pick.short,
                sold_by[0].supplier_id if sold_by else "",
                tier,
            )
        )


def give_to_people(uow: UnitOfWork, order_id: OrderId, outcomes: Sequence[Outcome]) -> None:
    """Raise a case for each line that a person has to look at. Call it after the verb's record."""
    for each in outcomes:
        if each.reason is None:
            continue
        uow.emit(OrderLineHeld(each.line_id, order_id, each.sku_code, each.reason))
        raise_exception(
            uow,
            kind=LINE_HELD,
            subject=Subject("order_line", each.line_id),
            cause=f"{each.reason}: {each.sku_code}",
            due_within=HELD_LINES_ARE_DUE_WITHIN,
        )
