"""Finds purchase orders by number and by supplier.

As in the queries, pages ask for `procurement:read`.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, select

from commerce.catalog.finding import find_things
from commerce.catalog.supply_tables import Supplier
from commerce.closeness import Closeness, Match, Read, begins_with_number, closest, number_in
from commerce.procurement.tables import PurchaseOrder
from kernel.uow import UnitOfWork

SUPPLIERS_MAX = 5


def find_purchase_orders(uow: UnitOfWork, text: str, limit: int) -> list[Match[PurchaseOrder]]:
    """Return the purchase orders closest to a text: by number, then the newest of a supplier."""
    number = number_in(text)
    reads: list[Read[PurchaseOrder]] = []
    if number is not None:
        reads = [
            (Closeness.EXACT, _numbered(uow, PurchaseOrder.number == number)),
            (Closeness.BEGINS, _numbered(uow, begins_with_number(PurchaseOrder.number, number))),
        ]
    return closest(limit, [*reads, (Closeness.WORDS, lambda most: _from(uow, text, most))])


def _numbered(
    uow: UnitOfWork, test: ColumnElement[bool]
) -> Callable[[int], Iterable[PurchaseOrder]]:
    def read(most: int) -> Iterable[PurchaseOrder]:
        wanted = select(PurchaseOrder).where(test).order_by(PurchaseOrder.number).limit(most)
        return uow.session.scalars(wanted)

    return read


def _from(uow: UnitOfWork, text: str, most: int) -> Iterable[PurchaseOrder]:
    for supplier in find_things(uow, Supplier, text, SUPPLIERS_MAX):
        theirs = select(PurchaseOrder).where(PurchaseOrder.supplier_id == supplier.row.id)
        yield from uow.session.scalars(theirs.order_by(PurchaseOrder.number.desc()).limit(most))
