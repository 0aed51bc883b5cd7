"""The list of orders and the dashboard stay quick when there are very many, by their indexes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from commerce.intelligence.operations import Span, operations
from commerce.keyset import PageWish
from commerce.orders import queries
from commerce.orders.queries import OrderFilter
from kernel.uow import UnitOfWork
from tests.builder_ui.portal.conftest import Walker
from tests.builder_ui.portal.trading import a_trade
from tests.commerce.many_orders import place_many
from tests.commerce.order_builders import Shop
from tests.conftest import MONDAY, Cluster
from tests.tenants.conftest import House

Read = Callable[[UnitOfWork], object]

SPAN = Span(MONDAY + timedelta(days=20), MONDAY + timedelta(days=48), "Europe/Oslo")
READS: Mapping[str, Read] = {
    "newest": lambda uow: queries.orders(uow, PageWish(descending=True)),
    "by day": lambda uow: queries.orders(uow, PageWish(), by="placed_at"),
    "one phase": lambda uow: queries.orders(uow, PageWish(), OrderFilter(phase="placed")),
    "begins with": lambda uow: queries.orders(uow, PageWish(), OrderFilter(search="M-12")),
    "some days": lambda uow: queries.orders(
        uow,
        PageWish(),
        OrderFilter(placed_from=SPAN.begins_at, placed_before=SPAN.ends_at),
        by="placed_at",
    ),
}


@pytest.fixture
def shop(house: House) -> Shop:
    """ACME's shop, on the whole product."""
    return a_trade(house.runtime).shop


def fill(shop: Shop, database: Cluster, count: int) -> None:
    place_many(shop, count)
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE sales_order, sales_order_line")


@contextmanager
def statements_of(uow: UnitOfWork) -> Iterator[list[tuple[str, Any]]]:
    """Collect what a block asks of orders, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM sales_order" in statement and not statement.startswith("EXPLAIN"):
            asked.append((statement, parameters))

    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def plans_of(uow: UnitOfWork, read: Read) -> list[dict[str, Any]]:
    """Return the executed plans of what a read asks of orders."""
    with statements_of(uow) as asked:
        read(uow)
    plans = []
    for statement, parameters in asked:
        explained = uow.session.connection().exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
        )
        plans.append(explained.scalar_one()[0])
    return plans


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def kinds_of_nodes(plan: dict[str, Any]) -> set[str]:
    return {str(node["Node Type"]) for node in nodes(plan["Plan"])}


def try_all(shop: Shop, database: Cluster, count: int) -> None:
    fill(shop, database, count)
    pages = count // 50 * 9 // 10
    far: Read = lambda uow: queries.place_of_order(  # noqa: E731 - one more of the reads above.
        uow, OrderFilter(), pages * 50, by="number", descending=True
    )
    with shop.merchant.work() as uow:
        for name, read in {**READS, f"place of page {pages}": far}.items():
            plans = plans_of(uow, read)
            print(
                f"{count} orders, {name}:", *(f"{each['Execution Time']:.1f} ms" for each in plans)
            )
            assert plans, name
            # What begins with a text is a range of one index, and sorted by another.
            unwanted = {"Seq Scan"} if name == "begins with" else {"Seq Scan", "Sort"}
            assert not any(kinds_of_nodes(each) & unwanted for each in plans), (name, plans)
        for each in plans_of(uow, lambda uow: queries.how_many(uow, OrderFilter())):
            print(f"{count} orders, counted: {each['Execution Time']:.1f} ms")
        begun = perf_counter()
        operations(uow, SPAN)
        print(f"{count} orders, dashboard of 28 days: {(perf_counter() - begun) * 1000:.0f} ms")


def test_every_list_of_orders_is_read_by_an_index(shop: Shop, database: Cluster) -> None:
    """P3: the plan decides, and not the time of a busy machine."""
    try_all(shop, database, 5_000)


@pytest.mark.soak
def test_fifty_thousand_orders_are_read_by_an_index(shop: Shop, database: Cluster) -> None:
    """P3, in full: fifty thousand orders, page 900."""
    try_all(shop, database, 50_000)


def test_a_page_is_reached_by_its_number_and_goes_on_from_there(
    shop: Shop, database: Cluster, house: House, walker: Callable[..., Walker]
) -> None:
    """P3: page 90 of 5,001 orders, the one after it, and a page that does not exist."""
    fill(shop, database, 5_000)
    house.member("otto@acme.example", "auditor")
    otto = walker("otto@acme.example")

    far = otto.open("orders?page=90").text
    beyond = otto.open("orders?page=9999").text

    # Number 5,001 is the newest; 89 pages of fifty come before.
    assert ">551</a>" in far
    assert ">502</a>" in far
    assert "Previous" in far
    following = far.split('id="page-next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert ">501</a>" in otto.open(following).text
    assert ">5001</a>" in beyond
