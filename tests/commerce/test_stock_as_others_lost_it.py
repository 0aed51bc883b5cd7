"""Ways in which others lost count of stock, each as a test; `docs/testing.md` lists the rest."""

import threading
from collections import Counter

import pytest
from sqlalchemy.exc import IntegrityError

from commerce.ids import OrderLineId
from commerce.inventory import service
from commerce.inventory.allocation import Demand
from commerce.inventory.commitments import deallocate
from commerce.inventory.errors import OutOfStock
from commerce.inventory.queries import available_to_promise
from commerce.inventory.service import Owner
from commerce.inventory.shelves import Cause, lock
from commerce.orders.service import cancel_line
from kernel.settings import write
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant

LINES = 1_001


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop, with nine mugs in Berlin and four in Oslo."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.mug, acme.oslo, 4)
    return a_shop(acme)


def test_a_caller_that_skips_the_check_is_refused_by_the_database(
    acme: Merchant, shop: Shop
) -> None:
    """Elsewhere: calls below the workflow bypassed its lock and oversubscribed the shelf."""
    shelf = acme.shelf(acme.mug, acme.berlin)

    with pytest.raises(IntegrityError, match="available_not_negative"), acme.work() as uow:
        cause = Cause("careless", "test", "t", "key")
        lock(uow, [shelf]).move(shelf, 10, source="available", target="reserved", cause=cause)
        uow.session.flush()

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert shop.proves_sound()


def test_a_second_buyer_waits_for_the_first_and_is_told_what_is_left(
    acme: Merchant, shop: Shop
) -> None:
    """Elsewhere: locked rows were skipped, or the snapshot was older than the lock."""
    wanted = [Demand(acme.mug, acme.berlin, 6)]
    told: list[int] = []

    def second() -> None:
        try:
            with acme.work() as uow:
                service.reserve(uow, wanted, owner=Owner("cart", "second"), key="second")
        except OutOfStock as refusal:
            told.append(refusal.shortages[0].available)

    with acme.work() as uow:
        service.reserve(uow, wanted, owner=Owner("cart", "first"), key="first")
        waits = threading.Thread(target=second)
        waits.start()
        waits.join(0.3)
        is_waiting = waits.is_alive()
    waits.join(10)

    assert (is_waiting, told) == (True, [3])
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "reserved": 6}


def test_what_is_promised_can_be_reserved_and_one_more_cannot(acme: Merchant, shop: Shop) -> None:
    """Elsewhere: any node's stock was promised, and the first node's was reserved."""
    with acme.work() as uow:
        write(uow, (), "inventory.safety_stock", 2)
    shop.place(mugs(3))
    with acme.work() as uow:
        promised = {each.node_id: each.quantity for each in available_to_promise(uow, acme.mug)}

    assert promised == {acme.berlin: 4, acme.oslo: 2}
    for node_id, quantity in promised.items():
        with pytest.raises(OutOfStock), acme.work() as uow:
            more = [Demand(acme.mug, node_id, quantity + 1)]
            service.reserve(uow, more, owner=Owner("cart", "more"), key=f"more/{node_id}")
        with acme.work() as uow:
            just = [Demand(acme.mug, node_id, quantity)]
            service.reserve(uow, just, owner=Owner("cart", node_id), key=f"just/{node_id}")
    assert shop.proves_sound()


def test_a_thousand_lines_are_each_held_at_their_own_node(acme: Merchant, globex: Merchant) -> None:
    """Elsewhere: reservations stopped at fifty lines, or landed on another node's counter."""
    for merchant in (acme, globex):
        for sku_id in (merchant.mug, merchant.lamp):
            for node_id in (merchant.berlin, merchant.oslo):
                merchant.stock(sku_id, node_id, LINES)
    places = [(acme.mug, acme.berlin), (acme.lamp, acme.oslo), (acme.mug, acme.oslo)]
    demands = [Demand(*places[n % 3], 1) for n in range(LINES)]

    with acme.work() as uow:
        held = service.reserve(uow, demands, owner=Owner("cart", "big"), key="big")

    asked = Counter((each.sku_id, each.node_id) for each in demands)
    assert len(held) == LINES
    for sku_id, node_id in places:
        units = asked[sku_id, node_id]
        assert acme.buckets(sku_id, node_id) == {"available": LINES - units, "reserved": units}
    assert acme.buckets(acme.lamp, acme.berlin) == {"available": LINES}
    assert globex.buckets(globex.mug, globex.berlin) == {"available": LINES}
    assert acme.proves_sound()


def test_units_given_back_twice_by_different_ways_come_back_once(
    acme: Merchant, shop: Shop
) -> None:
    """Elsewhere: a cancel after a release left phantom stock, or a negative reserve."""
    (line,) = shop.lines(shop.place(mugs(3)))

    with acme.work() as uow:
        first = cancel_line(uow, line.id, reason="regret", key="c1")
    with acme.work() as uow:
        second = cancel_line(uow, line.id, reason="regret", key="c2")
        third = deallocate(uow, [OrderLineId(line.id)], key="d1")

    assert (first, second, third) == (3, 0, [])
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert shop.proves_sound()


def test_a_line_that_waited_in_part_gives_back_just_that_part_to_just_its_node(
    acme: Merchant, shop: Shop
) -> None:
    """Elsewhere: a partial cancel gave back what was ordered, not what was held."""
    (line,) = shop.lines(shop.place(mugs(12)))
    before = acme.buckets(acme.mug, acme.oslo)

    with acme.work() as uow:
        released = cancel_line(uow, line.id, reason="regret", key="c1")

    assert (released, line.quantity_short) == (9, 3)
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert acme.buckets(acme.mug, acme.oslo) == before
    assert shop.proves_sound()
