"""Lines that wait are served in their order; lines that are given up give back what they hold."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from commerce.ids import OrderLineId
from commerce.inventory import goods
from commerce.orders.errors import LineNotCancellable
from commerce.orders.service import allocate_waiting, cancel_line
from commerce.orders.tables import SalesOrderLine
from commerce.orders.waiting import SERVE_WAITING
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.ports import Ports
from kernel.runtime import Runtime
from tests.commerce.builders import ANA
from tests.commerce.order_builders import GREG, Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The kernel with the consumer that serves waiting lines, for two tenants."""
    composed = Runtime(config, ports=Ports(), consumers=[SERVE_WAITING], clock=clock)
    found_tenant(composed, ACME, "Acme Mugs")
    found_tenant(composed, GLOBEX, "Globex Grocery")
    yield composed
    composed.close()


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop."""
    return a_shop(acme)


def give_up(shop: Shop, line_id: OrderLineId, *, key: str = "c1", reason: str = "regret") -> int:
    """Cancel a line."""
    with shop.merchant.work() as uow:
        return cancel_line(uow, line_id, reason=reason, key=key)


def test_arriving_stock_serves_gold_before_basic_and_early_before_late(
    acme: Merchant, shop: Shop, runtime: Runtime
) -> None:
    late = shop.place(mugs(2), number="late")
    early = shop.place(mugs(2), number="early", placed_at=MONDAY - timedelta(days=1))
    gold = shop.place(mugs(2), number="gold", customer=GREG)

    acme.stock(acme.mug, acme.berlin, 3)
    runtime.drain_all()

    outcomes = [shop.outcomes(each) for each in (gold, early, late)]
    assert outcomes == [[("allocated", 0)], [("backordered", 1)], [("backordered", 2)]]
    told = [
        (each["quantity"], each["quantity_short"]) for each in shop.events("backorder.allocated")
    ]
    assert told == [(2, 0), (1, 1)]
    assert shop.proves_sound()


def test_partial_arrivals_add_up_to_the_whole_line(
    acme: Merchant, shop: Shop, runtime: Runtime
) -> None:
    order_id = shop.place(mugs(5))
    for number, units in enumerate((2, 2, 4)):
        acme.stock(acme.mug, acme.berlin, units, key=f"delivery {number}")
        runtime.drain_all()

    assert shop.outcomes(order_id) == [("allocated", 0)]
    assert [each["quantity"] for each in shop.events("backorder.allocated")] == [2, 2, 1]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "committed": 5}
    assert shop.proves_sound()


def test_stock_that_arrives_elsewhere_leaves_the_line_waiting(
    acme: Merchant, shop: Shop, runtime: Runtime
) -> None:
    order_id = shop.place(mugs(1))

    acme.stock(acme.mug, acme.oslo, 5)
    runtime.drain_all()

    assert shop.outcomes(order_id) == [("backordered", 1)]


@pytest.mark.parametrize("how", ["transfer", "correction", "cancellation"])
def test_whatever_makes_units_available_serves_who_waits(
    acme: Merchant, shop: Shop, runtime: Runtime, how: str
) -> None:
    acme.stock(acme.mug, acme.oslo, 2)
    acme.stock(acme.mug, acme.berlin, 2)
    first = shop.place(mugs(2))
    waiting = shop.place(mugs(3), number="A-2")
    assert shop.outcomes(waiting) == [("backordered", 3)]

    with acme.work() as uow:
        if how == "transfer":
            goods.transfer(uow, acme.mug, 2, source=acme.oslo, target=acme.berlin, key="t1")
        elif how == "correction":
            goods.adjust(uow, acme.shelf(acme.mug, acme.berlin), 2, reason="found", key="a1")
        else:
            cancel_line(uow, shop.lines(first)[0].id, reason="regret", key="c1")
    runtime.drain_all()

    assert shop.outcomes(waiting) == [("backordered", 1)]
    assert shop.proves_sound()


def test_serving_twice_with_one_key_serves_once(acme: Merchant, shop: Shop) -> None:
    shop.place(mugs(2))
    acme.stock(acme.mug, acme.berlin, 9)
    shelf = [acme.shelf(acme.mug, acme.berlin)]

    with acme.work() as uow:
        first = allocate_waiting(uow, shelf, key="w1")
    with acme.work() as uow:
        second = allocate_waiting(uow, shelf, key="w1")

    assert ([share.quantity for share in first], second) == ([2], [])
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 7, "committed": 2}


def test_cancelling_gives_back_the_exact_units_and_undoes_placing(
    acme: Merchant, shop: Shop
) -> None:
    """The inverse of placing: every shelf is as it was before."""
    acme.stock(acme.mug, acme.berlin, 5)
    (line,) = shop.lines(shop.place(mugs(3)))

    released = give_up(shop, line.id)

    assert released == 3
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert shop.outcomes(line.order_id) == [("cancelled", 0)]
    assert shop.proves_sound()


def test_a_waiting_line_gives_back_the_part_it_got(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 2)
    (line,) = shop.lines(shop.place(mugs(5)))

    released = give_up(shop, line.id)

    assert released == 2
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2}
    (event,) = shop.events("order.line_cancelled")
    assert (event["quantity"], event["released"], event["reason"]) == (5, 2, "regret")
    assert shop.proves_sound()


def test_cancelling_twice_gives_back_once(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    (line,) = shop.lines(shop.place(mugs(3)))
    give_up(shop, line.id)

    assert give_up(shop, line.id) == 3, "the same command has the same answer"
    assert give_up(shop, line.id, key="another") == 0
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert shop.proves_sound()


def test_cancelling_one_line_leaves_the_other_and_the_order_follows(
    acme: Merchant, shop: Shop
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(2), mugs(1, sku="LAMP-RED"))

    give_up(shop, shop.lines(order_id)[1].id)

    assert shop.outcomes(order_id) == [("allocated", 0), ("cancelled", 0)]
    assert shop.proves_sound()


def test_a_held_line_can_be_given_up(acme: Merchant, shop: Shop) -> None:
    (line,) = shop.lines(shop.place(mugs(1, sku="TEAPOT")))

    assert give_up(shop, line.id) == 0
    assert shop.proves_sound()


def test_a_fulfilled_line_stays(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    (line,) = shop.lines(shop.place(mugs(1)))
    with acme.work() as uow:
        uow.session.get_one(SalesOrderLine, (ACME, line.id)).phase = "fulfilled"
        uow.record("tests.fulfil", Subject("order_line", line.id))

    with pytest.raises(LineNotCancellable) as refused:
        give_up(shop, line.id)

    assert refused.value.phase == "fulfilled"


def test_a_line_is_cancelled_by_those_who_may_with_a_reason_in_their_own_house(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    (line,) = shop.lines(shop.place(mugs(1)))

    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        cancel_line(uow, line.id, reason="regret", key="c1")
    with pytest.raises(NotFound), globex.work() as uow:
        cancel_line(uow, line.id, reason="regret", key="c1")
    with pytest.raises(Invalid):
        give_up(shop, line.id, reason=" ")


def test_one_tenants_arrivals_serve_nobody_elses_lines(
    acme: Merchant, globex: Merchant, shop: Shop, runtime: Runtime
) -> None:
    others = a_shop(globex)
    waiting = others.place(mugs(2))

    acme.stock(acme.mug, acme.berlin, 9)
    runtime.drain_all()

    assert others.outcomes(waiting) == [("backordered", 2)]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
