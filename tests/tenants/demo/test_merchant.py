"""The merchant of the demo follows from the history alone, and is the same every time."""

from collections import Counter

import pytest

from kernel.money import Money
from tenants.demo.geography import place_of
from tenants.demo.merchant import (
    CHANNELS,
    NODES,
    ProductPlan,
    channel_of,
    placed_at,
    plan_products,
    supplier_codes,
)
from tenants.demo.superstore import DATASET, HistoricOrder, read_orders

pytestmark = pytest.mark.skipif(
    not DATASET.is_file(), reason=f"{DATASET.name} is not installed: run make demo once"
)


@pytest.fixture(scope="module")
def orders() -> list[HistoricOrder]:
    return read_orders()


@pytest.fixture(scope="module")
def products(orders: list[HistoricOrder]) -> list[ProductPlan]:
    return plan_products(orders)


def test_the_history_is_whole(orders: list[HistoricOrder]) -> None:
    lines = [line for order in orders for line in order.lines]

    assert (len(orders), len(lines)) == (5009, 9994)
    assert len({line.product_id for line in lines}) == 1862
    assert len({order.postal_code for order in orders}) == 631
    assert sum(line.quantity for line in lines) == 37873


def test_amounts_are_exact_to_the_cent(orders: list[HistoricOrder]) -> None:
    (bookcase,) = [line for order in orders for line in order.lines if line.row == 1]

    assert bookcase.amount == Money.parse("261.96", "USD")
    assert bookcase.unit_price == Money.parse("130.98", "USD")


def test_orders_are_told_in_time_order_and_no_two_at_once(orders: list[HistoricOrder]) -> None:
    moments = placed_at(orders)

    assert moments == sorted(set(moments))
    assert [each.date() for each in moments] == [order.placed_on for order in orders]


def test_every_channel_brings_orders(orders: list[HistoricOrder]) -> None:
    counted = Counter(channel_of(order).code for order in orders)

    assert set(counted) == {channel.code for channel in CHANNELS}
    assert min(counted.values()) > 200


def test_every_place_of_the_history_is_on_the_map(orders: list[HistoricOrder]) -> None:
    codes = {order.postal_code for order in orders} | {node.postal_code for node in NODES}

    assert {place_of(code).postal_code for code in codes} == codes


def test_stock_at_the_start_is_scarce(
    orders: list[HistoricOrder], products: list[ProductPlan]
) -> None:
    wanted = sum(line.quantity for order in orders for line in order.lines)
    held = sum(quantity for plan in products for _node, quantity in plan.stock)

    assert wanted * 85 // 100 < held < wanted * 95 // 100


def test_every_product_is_bought_below_its_price_from_a_supplier_of_its_category(
    products: list[ProductPlan],
) -> None:
    known = set(supplier_codes(plan.category for plan in products))

    assert len(known) == 12
    assert {plan.supplier_code for plan in products} == known
    assert all(plan.cost <= plan.price for plan in products)


def test_an_unknown_postal_code_is_refused() -> None:
    with pytest.raises(LookupError, match="00000"):
        place_of("00000")
