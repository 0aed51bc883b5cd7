"""Says in a few words from whom a purchase order buys, and for which customers' orders."""

from collections.abc import Sequence

from builder_ui.shell.words import _, _n
from commerce.catalog import queries as catalog
from commerce.catalog.supply_tables import Supplier
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from commerce.procurement import queries as procurement
from commerce.procurement.tables import PurchaseOrder
from kernel.uow import UnitOfWork

NAMED_MAX = 3


def purposes_of(uow: UnitOfWork, purchases: Sequence[PurchaseOrder]) -> dict[str, str]:
    """Return by purchase order such as `Potters of Delft, for order 12`, with few queries in all.

    Who may not see orders reads the supplier alone.
    """
    if not purchases:
        return {}
    suppliers = catalog.by_ids(uow, Supplier, [each.supplier_id for each in purchases])
    numbers = _numbers(uow, purchases) if uow.actor.may(READ_ORDERS) else None
    return {
        each.id: _purpose(
            suppliers[each.supplier_id].name, None if numbers is None else numbers[each.id]
        )
        for each in purchases
    }


def _purpose(supplier: str, numbers: Sequence[int] | None) -> str:
    if numbers is None:
        return supplier
    if not numbers:
        return _("%(supplier)s, for stock", supplier=supplier)
    named = ", ".join(map(str, numbers[:NAMED_MAX]))
    if len(numbers) > NAMED_MAX:
        named = _("%(named)s and %(more)s more", named=named, more=len(numbers) - NAMED_MAX)
    return _n(
        "%(supplier)s, for order %(named)s",
        "%(supplier)s, for orders %(named)s",
        len(numbers),
        supplier=supplier,
        named=named,
    )


def _numbers(uow: UnitOfWork, purchases: Sequence[PurchaseOrder]) -> dict[str, list[int]]:
    """Return by purchase order the numbers of the orders it is for; those for stock have none."""
    lines = procurement.lines_of_some(uow, [each.id for each in purchases])
    served = orders.some_lines(uow, [each.order_line_id for each in lines if each.order_line_id])
    known = orders.some_orders(uow, [each.order_id for each in served])
    number_of = {str(each.id): known[each.order_id].number for each in served}
    found: dict[str, set[int]] = {each.id: set() for each in purchases}
    for line in lines:
        if line.order_line_id in number_of:
            found[line.order_id].add(number_of[line.order_line_id])
    return {po_id: sorted(numbers) for po_id, numbers in found.items()}
