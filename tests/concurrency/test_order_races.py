"""Orders that come in, are served and are given up all at once."""

from collections.abc import Callable
from dataclasses import replace

from commerce.inventory.errors import OutOfStock
from commerce.orders.errors import OrderChanged
from commerce.orders.service import allocate_waiting, cancel_line, place_order
from tests.commerce.order_builders import CARLA, Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.concurrency.racing import race, raised


def places(shop: Shop, number: str, **said: object) -> Callable[[], object]:
    """Return a channel that hands an order over."""

    def place() -> object:
        with shop.merchant.work() as uow:
            return place_order(uow, shop.order(number=number, **said))

    return place


def test_one_order_handed_over_eight_times_at_once_is_one_order(acme: Merchant) -> None:
    """API-11, REL-02: the inbox row is in the transaction of the order."""
    acme.stock(acme.mug, acme.berlin, 50)
    shop = a_shop(acme)

    outcomes = race([places(shop, "A-1") for _ in range(8)])

    assert raised(outcomes, OrderChanged) == 0
    assert len({each.order_id for each in outcomes}) == 1
    assert sum(each.is_new for each in outcomes) == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 49, "committed": 1}
    assert shop.proves_sound()


def test_two_versions_of_one_order_at_once_leave_one_and_refuse_the_other(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 50)
    shop = a_shop(acme)
    versions = [(mugs(1),), (mugs(2),)]

    outcomes = race([places(shop, "A-1", lines=version) for version in versions * 3])

    assert raised(outcomes, OrderChanged) == 3
    assert shop.proves_sound()


def test_many_orders_at_once_sell_what_there_is_and_the_rest_waits(acme: Merchant) -> None:
    """Nothing is oversold, and every order has its own number, without gaps."""
    acme.stock(acme.mug, acme.berlin, 20)
    acme.stock(acme.lamp, acme.berlin, 20)
    shop = a_shop(acme)
    there = (mugs(2), mugs(2, sku="LAMP-RED"))
    back = there[::-1]

    outcomes = race(
        [
            places(shop, f"A-{n}", lines=there if n % 2 else back, customer=a_buyer(n))
            for n in range(16)
        ]
    )

    assert raised(outcomes, OutOfStock) == 0
    assert acme.buckets(acme.mug, acme.berlin) == {"committed": 20}
    assert acme.buckets(acme.lamp, acme.berlin) == {"committed": 20}
    short = [each["quantity_short"] for each in shop.events("order.backordered")]
    assert sum(short) == 2 * (16 * 2 - 20)
    assert sorted(each["number"] for each in shop.events("order.placed")) == list(range(1, 17))
    assert shop.proves_sound()


def a_buyer(number: int) -> object:
    """Spell one of three customers, so that some orders bring the same one in at once."""
    return replace(CARLA, reference=f"C-{number % 3}")


def test_a_line_is_served_or_given_up_but_never_both(acme: Merchant) -> None:
    shop = a_shop(acme)
    waiting = [shop.lines(shop.place(mugs(2), number=f"A-{n}"))[0] for n in range(6)]
    acme.stock(acme.mug, acme.berlin, 7)
    shelf = [acme.shelf(acme.mug, acme.berlin)]

    def serve(number: int) -> Callable[[], object]:
        def run() -> object:
            with acme.work() as uow:
                return allocate_waiting(uow, shelf, key=f"serve/{number}")

        return run

    def give_up(number: int) -> Callable[[], object]:
        def run() -> object:
            with acme.work() as uow:
                return cancel_line(uow, waiting[number].id, reason="regret", key=f"c/{number}")

        return run

    outcomes = race([*(serve(n) for n in range(3)), *(give_up(n) for n in range(3))])

    assert raised(outcomes, OutOfStock) == 0
    assert [shop.outcomes(line.order_id) for line in waiting[:3]] == [[("cancelled", 0)]] * 3
    assert shop.proves_sound()


def test_deliveries_of_one_arrival_at_once_serve_each_line_once(acme: Merchant) -> None:
    shop = a_shop(acme)
    orders = [shop.place(mugs(2), number=f"A-{n}") for n in range(4)]
    acme.stock(acme.mug, acme.berlin, 8)
    shelf = [acme.shelf(acme.mug, acme.berlin)]

    def serve(number: int) -> Callable[[], object]:
        def run() -> object:
            with acme.work() as uow:
                return allocate_waiting(uow, shelf, key=f"serve/{number}")

        return run

    outcomes = race([serve(number) for number in range(8)])

    assert raised(outcomes, OutOfStock) == 0
    assert [shop.outcomes(each) for each in orders] == [[("allocated", 0)]] * 4
    assert acme.buckets(acme.mug, acme.berlin) == {"committed": 8}
    assert shop.proves_sound()


def test_buyers_and_arrivals_at_once_leave_nobody_with_anothers_units(acme: Merchant) -> None:
    shop = a_shop(acme)
    first = shop.place(mugs(3))
    acme.stock(acme.mug, acme.berlin, 5)
    shelf = [acme.shelf(acme.mug, acme.berlin)]

    def serve() -> object:
        with acme.work() as uow:
            return allocate_waiting(uow, shelf, key="serve")

    race([serve, *(places(shop, f"B-{n}", lines=(mugs(1),)) for n in range(6))])

    assert shop.outcomes(first) == [("allocated", 0)]
    assert acme.buckets(acme.mug, acme.berlin) == {"committed": 5}
    assert shop.proves_sound()
