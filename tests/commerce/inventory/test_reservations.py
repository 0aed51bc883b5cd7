"""Units are held for an owner, and given back exactly."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commerce.ids import OrderLineId, ReservationId
from commerce.inventory import commitments, service
from commerce.inventory.allocation import Demand, Shortage
from commerce.inventory.errors import NodeClosed, OutOfStock, ReservationEnded
from commerce.inventory.queries import available_to_promise
from commerce.inventory.service import Owner
from commerce.inventory.sweeping import ended_reservations
from commerce.inventory.tables import Reservation
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.idempotency import KeyReused
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.work import Claim
from tests.commerce.builders import BEN
from tests.commerce.stock_builders import Merchant
from tests.conftest import ACME

CART = Owner("cart", "cart_7")
OTHER_CART = Owner("cart", "cart_8")
LINE = OrderLineId("line_1")
HOUR = timedelta(hours=1)


def hold(
    shop: Merchant, quantity: int, *, owner: Owner = CART, key: str = "k1", for_hours: int = 0
) -> list[ReservationId]:
    """Reserve mugs in Berlin."""
    with shop.work() as uow:
        ends = uow.now + for_hours * HOUR if for_hours else None
        demand = Demand(shop.mug, shop.berlin, quantity)
        return service.reserve(uow, [demand], owner=owner, key=key, expires_at=ends)


def give_back(shop: Merchant, ids: list[ReservationId], *, key: str = "r1") -> list[Demand]:
    """Release reservations."""
    with shop.work() as uow:
        return service.release(uow, ids, key=key)


def test_reserved_units_are_no_longer_available(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    hold(acme, 3)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2, "reserved": 3}
    assert acme.proves_sound()


def test_release_undoes_reserve(acme: Merchant) -> None:
    """The inverse of reserve gives the exact units back to the exact shelf."""
    acme.stock(acme.mug, acme.berlin, 5)
    ids = hold(acme, 3)

    released = give_back(acme, ids)

    assert released == [Demand(acme.mug, acme.berlin, 3)]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.proves_sound()


def test_releasing_twice_gives_back_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    ids = hold(acme, 3)
    give_back(acme, ids)

    assert give_back(acme, ids, key="another command") == []
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}


def test_too_few_units_are_refused_with_what_is_there_and_nothing_is_held(acme: Merchant) -> None:
    """One demand of two cannot be met: neither is."""
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.lamp, acme.berlin, 1)

    with pytest.raises(OutOfStock) as refused, acme.work() as uow:
        wanted = [Demand(acme.mug, acme.berlin, 5), Demand(acme.lamp, acme.berlin, 2)]
        service.reserve(uow, wanted, owner=CART, key="k1")

    assert refused.value.shortages == (Shortage(acme.lamp, acme.berlin, 2, 1),)
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.proves_sound()


def test_two_lines_of_one_sku_are_added_up_before_the_check(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    with pytest.raises(OutOfStock) as refused, acme.work() as uow:
        twice = [Demand(acme.mug, acme.berlin, 3), Demand(acme.mug, acme.berlin, 3)]
        service.reserve(uow, twice, owner=CART, key="k1")

    assert refused.value.shortages == (Shortage(acme.mug, acme.berlin, 6, 5),)


def test_a_repeated_command_answers_as_the_first_time_and_holds_nothing_more(
    acme: Merchant,
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    first = hold(acme, 3)

    assert hold(acme, 3) == first
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2, "reserved": 3}


def test_a_key_that_stands_for_another_command_is_refused(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 3)

    with pytest.raises(KeyReused):
        hold(acme, 2)


def test_an_owner_who_asks_again_keeps_only_the_new_hold(acme: Merchant) -> None:
    """An abandoned hold of one's own never stands in the way: it is superseded atomically."""
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 4, key="first click")

    hold(acme, 5, key="second click")

    assert acme.buckets(acme.mug, acme.berlin) == {"reserved": 5}
    assert acme.proves_sound()


def test_a_hold_that_cannot_be_superseded_stays(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 4, key="first click")

    with pytest.raises(OutOfStock):
        hold(acme, 6, key="second click")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 1, "reserved": 4}


def test_a_hold_past_its_end_counts_for_nothing(acme: Merchant, clock: StoppedClock) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 5, for_hours=1)
    clock.pass_time(HOUR)

    with acme.work() as uow:
        (promise,) = available_to_promise(uow, acme.mug)
    hold(acme, 5, owner=OTHER_CART, key="k2")

    assert (promise.quantity, promise.active_reservations) == (5, 0)
    assert acme.buckets(acme.mug, acme.berlin) == {"reserved": 5}
    assert acme.proves_sound()


def test_a_hold_before_its_end_counts(acme: Merchant, clock: StoppedClock) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 5, for_hours=1)
    clock.pass_time(HOUR - timedelta(seconds=1))

    with pytest.raises(OutOfStock):
        hold(acme, 1, owner=OTHER_CART, key="k2")


def test_the_sweeper_frees_what_has_ended_and_leaves_the_rest(
    acme: Merchant, config: Config, clock: StoppedClock
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 2, for_hours=1)
    hold(acme, 1, owner=OTHER_CART, key="k2")
    hold(acme, 1, owner=Owner("cart", "cart_9"), key="k3", for_hours=9)
    worker = Runtime(
        config, ports=Ports(), sources=lambda open_: [ended_reservations(open_)], clock=clock
    )
    source = worker.sources[-1]
    clock.pass_time(HOUR)
    with acme.work() as uow:
        (ended,) = uow.session.scalars(select(Reservation).where(Reservation.quantity == 2))

    for _ in range(2):
        source.perform(Claim(ACME, ended.id, 1))
    worker.close()

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "reserved": 2}
    assert acme.proves_sound()


def test_only_a_hold_that_has_ended_is_claimed(
    acme: Merchant, config: Config, clock: StoppedClock
) -> None:
    """By the tenant's own business time; a hold without an end is never claimed."""
    acme.stock(acme.mug, acme.berlin, 5)
    hold(acme, 1)
    worker = Runtime(
        config, ports=Ports(), sources=lambda open_: [ended_reservations(open_)], clock=clock
    )
    with acme.work() as uow:
        long_ago = uow.now - timedelta(days=3650)
        demand = [Demand(acme.mug, acme.berlin, 2)]
        service.reserve(uow, demand, owner=OTHER_CART, key="k2", expires_at=long_ago)

    worker.drain_all()
    worker.close()

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 4, "reserved": 1}


def test_a_converted_hold_is_committed_to_the_line_and_cannot_be_released(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    ids = hold(acme, 3)

    with acme.work() as uow:
        commitments.convert(uow, ids, order_line_id=LINE, priority=1, key="c1")
    with pytest.raises(ReservationEnded) as refused:
        give_back(acme, ids)

    assert refused.value.state == "converted"
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2, "committed": 3}
    assert acme.proves_sound()


def test_an_ended_hold_cannot_be_converted(acme: Merchant, clock: StoppedClock) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    ids = hold(acme, 3, for_hours=1)
    clock.pass_time(HOUR)

    with pytest.raises(ReservationEnded) as refused, acme.work() as uow:
        commitments.convert(uow, ids, order_line_id=LINE, priority=1, key="c1")

    assert refused.value.state == "expired"


def test_deallocate_undoes_allocate_and_convert(acme: Merchant) -> None:
    """The inverse of both gives back what is open, to the shelves it is on."""
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.mug, acme.oslo, 2)
    ids = hold(acme, 3)
    with acme.work() as uow:
        commitments.convert(uow, ids, order_line_id=LINE, priority=1, key="c1")
        there = commitments.Commitment(LINE, Demand(acme.mug, acme.oslo, 2), 1)
        commitments.allocate(uow, [there], key="a1")

    with acme.work() as uow:
        released = commitments.deallocate(uow, [LINE], key="d1")
        again = commitments.deallocate(uow, [LINE], key="d2")

    expected = [Demand(acme.mug, acme.berlin, 3), Demand(acme.mug, acme.oslo, 2)]
    assert (released, again) == (expected, [])
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 2}
    assert acme.proves_sound()


@pytest.mark.parametrize("quantity", [0, -1, 1_000_000_001])
def test_a_quantity_nobody_can_mean_is_refused_with_its_place(
    acme: Merchant, quantity: int
) -> None:
    with pytest.raises(Invalid) as refused:
        hold(acme, quantity)

    (fault,) = refused.value.errors
    assert (fault.pointer, fault.code) == ("/lines/0/quantity", "inventory.quantity")


def test_a_closed_node_promises_nothing(acme: Merchant) -> None:
    from commerce.catalog.service import retire_node

    acme.stock(acme.mug, acme.berlin, 5)
    with acme.work() as uow:
        retire_node(uow, acme.berlin)

    with pytest.raises(NodeClosed):
        hold(acme, 1)


def test_nobody_without_permission_holds_or_releases(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    ids = hold(acme, 1)

    with pytest.raises(PermissionMissing), acme.work(BEN) as uow:
        service.reserve(uow, [Demand(acme.mug, acme.berlin, 1)], owner=CART, key="k2")
    with pytest.raises(PermissionMissing), acme.work(BEN) as uow:
        service.release(uow, ids, key="r1")


def test_one_merchant_neither_holds_nor_releases_anothers_stock(
    acme: Merchant, globex: Merchant
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    globex.stock(globex.mug, globex.berlin, 1)
    ids = hold(acme, 3)

    with pytest.raises(NotFound), globex.work() as uow:
        service.release(uow, ids, key="r1")
    for stolen in (Demand(acme.mug, acme.berlin, 1), Demand(acme.mug, globex.berlin, 1)):
        with pytest.raises(NotFound), globex.work() as uow:
            service.reserve(uow, [stolen], owner=CART, key="k1")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2, "reserved": 3}
    assert globex.buckets(globex.mug, globex.berlin) == {"available": 1}
