"""Everybody at once: nothing is sold twice, given back twice, or lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from commerce.ids import NodeId, OrderLineId, ReservationId, SkuId
from commerce.inventory import commitments, goods, service
from commerce.inventory.allocation import Demand
from commerce.inventory.commitments import Commitment
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.goods import Source
from commerce.inventory.service import Owner
from kernel.clock import StoppedClock
from kernel.idempotency import KeyReused
from tests.commerce.stock_builders import Merchant
from tests.concurrency.racing import race, raised

IN_STOCK = 50


def buyer(shop: Merchant, number: int, cart: list[tuple[SkuId, int]]) -> Callable[[], object]:
    """Return somebody who reserves a cart in Berlin, its items in the order given."""
    demands = [Demand(sku_id, shop.berlin, quantity) for sku_id, quantity in cart]

    def buy() -> object:
        with shop.work() as uow:
            owner = Owner("cart", f"cart_{number}")
            return service.reserve(uow, demands, owner=owner, key=f"buy/{number}")

    return buy


@pytest.mark.parametrize("buyers", [8, 32])
def test_fifty_units_are_sold_fifty_times_however_many_buy(acme: Merchant, buyers: int) -> None:
    """Each buys until the shelf is empty; the last gets a clear no."""
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    sold = [0] * buyers

    def buys_on(position: int) -> Callable[[], None]:
        def buy() -> None:
            while True:
                buyer(acme, position * 1000 + sold[position], [(acme.mug, 1)])()
                sold[position] += 1

        return buy

    outcomes = race([buys_on(position) for position in range(buyers)])

    assert raised(outcomes, OutOfStock) == buyers
    assert sum(sold) == IN_STOCK
    assert acme.buckets(acme.mug, acme.berlin) == {"reserved": IN_STOCK}
    assert acme.proves_sound()


@pytest.mark.parametrize("buyers", [8, 32])
def test_carts_in_opposite_orders_wait_for_each_other_and_never_deadlock(
    acme: Merchant, buyers: int
) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    acme.stock(acme.lamp, acme.berlin, IN_STOCK)
    there = [(acme.mug, 5), (acme.lamp, 5)]
    carts = [there if number % 2 else there[::-1] for number in range(buyers)]

    outcomes = race([buyer(acme, number, cart) for number, cart in enumerate(carts)])

    assert raised(outcomes, OutOfStock) == max(0, buyers - 10)
    sold = 5 * min(buyers, 10)
    left = {"available": IN_STOCK - sold} if sold < IN_STOCK else {}
    assert acme.buckets(acme.mug, acme.berlin) == {**left, "reserved": sold}
    assert acme.buckets(acme.lamp, acme.berlin) == {**left, "reserved": sold}
    assert acme.proves_sound()


def test_one_command_sent_twice_at_once_holds_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)

    outcomes = race([buyer(acme, 1, [(acme.mug, 3)]) for _ in range(8)])

    assert raised(outcomes, KeyReused) == 0
    assert len({tuple(each) for each in outcomes}) == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": IN_STOCK - 3, "reserved": 3}


def test_one_owner_asking_twice_at_once_keeps_one_hold(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)

    def click(key: str) -> Callable[[], object]:
        def ask() -> object:
            with acme.work() as uow:
                demand = Demand(acme.mug, acme.berlin, 3)
                return service.reserve(uow, [demand], owner=Owner("cart", "c"), key=key)

        return ask

    outcomes = race([click(f"click {number}") for number in range(8)])

    assert raised(outcomes, OutOfStock) == 0
    assert acme.buckets(acme.mug, acme.berlin) == {"available": IN_STOCK - 3, "reserved": 3}
    assert acme.proves_sound()


def hold(shop: Merchant, quantity: int, number: int = 0) -> list[ReservationId]:
    """Reserve mugs in Berlin for a cart."""
    with shop.work() as uow:
        demand = Demand(shop.mug, shop.berlin, quantity)
        owner = Owner("cart", f"cart_{number}")
        return service.reserve(uow, [demand], owner=owner, key=f"hold/{number}")


def test_eight_releases_of_one_hold_give_its_units_back_once(acme: Merchant) -> None:
    """A release that read before it locked would give them back eight times."""
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    ids = hold(acme, 5)

    def let_go(number: int) -> Callable[[], list[Demand]]:
        def release() -> list[Demand]:
            with acme.work() as uow:
                return service.release(uow, ids, key=f"release/{number}")

        return release

    outcomes = race([let_go(number) for number in range(8)])

    assert raised(outcomes, OutOfStock) == 0
    assert sum(len(each) for each in outcomes) == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": IN_STOCK}
    assert acme.proves_sound()


def test_a_release_and_a_conversion_of_one_hold_end_with_one_of_them(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    ids = hold(acme, 5)

    def release() -> None:
        with acme.work() as uow:
            service.release(uow, ids, key="release")

    def convert() -> None:
        with acme.work() as uow:
            line = OrderLineId("line_1")
            commitments.convert(uow, ids, order_line_id=line, priority=1, key="convert")

    outcomes = race([release, convert, release, convert])

    assert raised(outcomes, ReservationEnded) == 2
    assert acme.proves_sound()


def test_releases_and_reservations_at_once_add_up(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    held = [hold(acme, 10, number) for number in range(4)]

    def let_go(number: int) -> Callable[[], object]:
        def release() -> object:
            with acme.work() as uow:
                return service.release(uow, held[number], key=f"release/{number}")

        return release

    buyers = [buyer(acme, 100 + number, [(acme.mug, 10)]) for number in range(4)]
    outcomes = race([*(let_go(number) for number in range(4)), *buyers])

    refused = raised(outcomes, OutOfStock)
    reserved = 10 * (4 - refused)
    left = {"available": IN_STOCK - reserved, "reserved": reserved}
    assert acme.buckets(acme.mug, acme.berlin) == left
    assert acme.proves_sound()


def test_goods_that_come_in_while_others_buy_are_all_counted(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 10)

    def take_in(number: int) -> Callable[[], object]:
        def receive() -> object:
            with acme.work() as uow:
                line = Demand(acme.mug, acme.berlin, 5)
                source = Source("delivery", str(number))
                return goods.receive(uow, [line], source=source, key=f"receive/{number}")

        return receive

    buyers = [buyer(acme, number, [(acme.mug, 5)]) for number in range(8)]
    outcomes = race([*buyers, *(take_in(number) for number in range(6))])

    bought = 8 - raised(outcomes, OutOfStock)
    held = {"available": 40 - 5 * bought, "reserved": 5 * bought}
    assert acme.buckets(acme.mug, acme.berlin) == {b: units for b, units in held.items() if units}
    assert acme.proves_sound()


def test_a_shelf_that_many_open_at_once_is_one_shelf(acme: Merchant) -> None:
    def open_with(number: int) -> Callable[[], object]:
        def receive() -> object:
            with acme.work() as uow:
                lines = [Demand(acme.mug, acme.oslo, 1), Demand(acme.lamp, acme.oslo, 1)]
                ordered = lines if number % 2 else lines[::-1]
                source = Source("delivery", str(number))
                return goods.receive(uow, ordered, source=source, key=f"receive/{number}")

        return receive

    outcomes = race([open_with(number) for number in range(16)])

    assert raised(outcomes, OutOfStock) == 0
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 16}
    assert acme.proves_sound()


def test_lines_given_up_eight_times_at_once_are_given_back_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    line = OrderLineId("line_1")
    with acme.work() as uow:
        wanted = Commitment(line, Demand(acme.mug, acme.berlin, 5), 1)
        commitments.allocate(uow, [wanted], key="allocate")

    def give_up(number: int) -> Callable[[], list[Demand]]:
        def deallocate() -> list[Demand]:
            with acme.work() as uow:
                return commitments.deallocate(uow, [line], key=f"give up/{number}")

        return deallocate

    outcomes = race([give_up(number) for number in range(8)])

    assert sum(len(each) for each in outcomes) == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": IN_STOCK}
    assert acme.proves_sound()


def test_a_hold_that_ended_is_freed_once_however_many_notice(
    acme: Merchant, clock: StoppedClock
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    with acme.work() as uow:
        ends, demand = uow.now + timedelta(hours=1), Demand(acme.mug, acme.berlin, 5)
        owner = Owner("cart", "late")
        service.reserve(uow, [demand], owner=owner, key="late", expires_at=ends)
    clock.pass_time(timedelta(hours=1))

    outcomes = race([buyer(acme, number, [(acme.mug, 1)]) for number in range(8)])

    assert raised(outcomes, OutOfStock) == 3
    assert acme.buckets(acme.mug, acme.berlin) == {"reserved": 5}
    assert acme.proves_sound()


def test_transfers_in_both_directions_at_once_end(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, IN_STOCK)
    acme.stock(acme.mug, acme.oslo, IN_STOCK)

    def carry(source: NodeId, target: NodeId, number: int) -> Callable[[], None]:
        def move() -> None:
            with acme.work() as uow:
                key = f"carry/{number}"
                goods.transfer(uow, acme.mug, 3, source=source, target=target, key=key)

        return move

    there = [carry(acme.berlin, acme.oslo, number) for number in range(6)]
    back = [carry(acme.oslo, acme.berlin, 100 + number) for number in range(6)]
    outcomes = race([*there, *back])

    assert raised(outcomes, OutOfStock) == 0
    assert acme.buckets(acme.mug, acme.berlin) == {"available": IN_STOCK}
    assert acme.proves_sound()
