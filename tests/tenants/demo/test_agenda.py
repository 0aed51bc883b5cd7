"""Orders are handed over side by side where neither could take anything from the other."""

from datetime import date
from decimal import Decimal

from kernel.money import Money
from tenants.demo.agenda import Entry, Happening, together
from tenants.demo.superstore import HistoricLine, HistoricOrder


def order_of(customer: str, *articles: str) -> HistoricOrder:
    amount = Money.parse("9.00", "USD")
    lines = tuple(
        HistoricLine(1, article, article, "Mugs", "Mugs", 1, amount, Decimal(0))
        for article in articles
    )
    day = date(2014, 1, 3)
    return HistoricOrder("O-1", day, "First", "Consumer", customer, customer, "", "", "", lines)


ORDERS = [
    order_of("ANA", "MUG", "LAMP"),
    order_of("BO", "JAR"),
    order_of("EVA", "LAMP"),
    order_of("EVA", "POT"),
    order_of("DAG", "CUP"),
]


def grouped(*happenings: tuple[Happening, int]) -> list[list[int]]:
    entries = [Entry(happening, position) for happening, position in happenings]
    return [[each.position for each in group] for group in together(entries, ORDERS)]


def test_orders_that_share_no_article_and_no_customer_go_together() -> None:
    everything: list[tuple[Happening, int]] = [("placed", position) for position in range(5)]

    assert grouped(*everything) == [[0, 1], [2], [3, 4]]
    assert grouped() == []


def test_what_changes_an_order_happens_alone() -> None:
    assert grouped(("held", 0), ("cancelled", 1), ("placed", 4), ("placed", 3)) == [
        [0], [1], [4, 3],
    ]  # fmt: skip


def test_a_refused_attempt_comes_before_the_order_that_it_should_have_been() -> None:
    assert grouped(("placed", 0), ("malformed", 1), ("placed", 1)) == [[0, 1], [1]]
