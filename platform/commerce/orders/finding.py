"""Finds orders by number, by the channel's own number, and by who ordered.

As in the queries, pages ask for `orders:read`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, select

from commerce.catalog.folding import fold
from commerce.closeness import Closeness, Match, begins_with_number, closest, number_in
from commerce.keyset import begins_with
from commerce.orders.tables import Customer, SalesOrder
from kernel.uow import UnitOfWork

CUSTOMERS_MAX = 10


def find_orders(uow: UnitOfWork, text: str, limit: int) -> list[Match[SalesOrder]]:
    """Return the orders closest to a text: by number, then by the customer's name or address.

    Customers are found by the beginning of their name, their last name or their mail address, or
    by their reference. Of a customer the newest orders come first. Each read is a range of one
    index, however many orders there are.
    """
    key, number = fold(text), number_in(text)
    if not key:
        return []
    reads: list[tuple[Closeness, Callable[[int], Iterable[SalesOrder]]]] = []
    if number is not None:
        numbered = begins_with_number(SalesOrder.number, number)
        reads.append((Closeness.EXACT, _sorted(uow, SalesOrder.number == number)))
        reads.append((Closeness.EXACT, _sorted(uow, SalesOrder.external_id == text)))
        reads.append((Closeness.BEGINS, _sorted(uow, numbered, SalesOrder.number)))
    else:
        reads.append((Closeness.EXACT, _sorted(uow, SalesOrder.external_id == text)))
    beginning = _sorted(uow, begins_with(SalesOrder.external_id, text), SalesOrder.external_id)
    reads.append((Closeness.BEGINS, beginning))
    for closeness, test, by in (
        (Closeness.EXACT, Customer.reference == text, Customer.reference),
        (Closeness.EXACT, Customer.email_key == text.lower(), Customer.email_key),
        (Closeness.BEGINS, begins_with(Customer.name_key, key), Customer.name_key),
        (Closeness.BEGINS, begins_with(Customer.email_key, text.lower()), Customer.email_key),
        (Closeness.WORDS, begins_with(Customer.last_name_key, key), Customer.last_name_key),
    ):
        reads.append((closeness, _ordered_by(uow, test, by)))
    return closest(limit, reads)


def exactly_ordered(uow: UnitOfWork, text: str, limit: int) -> list[SalesOrder]:
    """Return the orders whose number, or channel's own number, a text is."""
    number = number_in(text)
    reads = [(Closeness.EXACT, _sorted(uow, SalesOrder.external_id == text))]
    if number is not None:
        reads.insert(0, (Closeness.EXACT, _sorted(uow, SalesOrder.number == number)))
    return [match.row for match in closest(limit, reads)]


def _sorted(
    uow: UnitOfWork, test: ColumnElement[bool], by: Any = SalesOrder.number
) -> Callable[[int], Iterable[SalesOrder]]:
    def read(most: int) -> Iterable[SalesOrder]:
        wanted = select(SalesOrder).where(test).order_by(by, SalesOrder.number).limit(most)
        return uow.session.scalars(wanted)

    return read


def _ordered_by(
    uow: UnitOfWork, test: ColumnElement[bool], by: Any
) -> Callable[[int], Iterable[SalesOrder]]:
    # One read for each customer: sorted together, all orders of a big customer would be read.
    def read(most: int) -> Iterable[SalesOrder]:
        wanted = select(Customer.id).where(test).order_by(by, Customer.id).limit(CUSTOMERS_MAX)
        customers = uow.session.scalars(wanted).all()
        newest = SalesOrder.number.desc()
        for customer_id in customers:
            theirs = select(SalesOrder).where(SalesOrder.customer_id == customer_id)
            yield from uow.session.scalars(theirs.order_by(newest).limit(most))

    return read
