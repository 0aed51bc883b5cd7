"""A hold moves to another node only when that node has the units."""

from datetime import timedelta

import pytest

from commerce.catalog.service import retire_node
from commerce.ids import ReservationId
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import NodeClosed, OutOfStock, ReservationEnded
from commerce.inventory.moving import move_reservation
from commerce.inventory.service import Owner, release, reserve
from kernel.clock import StoppedClock
from kernel.errors import NotFound, PermissionMissing
from tests.commerce.builders import ANA
from tests.commerce.stock_builders import Merchant
from tests.conftest import MONDAY


@pytest.fixture
def hold(acme: Merchant) -> ReservationId:
    """Three of Berlin's nine mugs, held for an hour; Oslo has four."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.mug, acme.oslo, 4)
    with acme.work() as uow:
        ends, owner = MONDAY + timedelta(hours=1), Owner("cart", "c")
        wanted = [Demand(acme.mug, acme.berlin, 3)]
        (made,) = reserve(uow, wanted, owner=owner, key="h1", expires_at=ends)
    return made


def test_a_hold_moves_whole_and_its_first_node_has_its_units_back(
    acme: Merchant, hold: ReservationId
) -> None:
    for key in ("m1", "m1", "m2"):
        with acme.work() as uow:
            move_reservation(uow, hold, acme.oslo, key=key)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 1, "reserved": 3}
    assert acme.proves_sound()
    with acme.work() as uow:
        release(uow, [hold], key="r1")
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 4}


def test_a_node_without_the_units_does_not_get_the_hold(
    acme: Merchant, hold: ReservationId
) -> None:
    with acme.work() as uow:
        wanted = [Demand(acme.mug, acme.oslo, 2)]
        reserve(uow, wanted, owner=Owner("cart", "other"), key="h2")

    with pytest.raises(OutOfStock) as refused, acme.work() as uow:
        move_reservation(uow, hold, acme.oslo, key="m1")

    assert [(each.wanted, each.available) for each in refused.value.shortages] == [(3, 2)]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6, "reserved": 3}
    assert acme.proves_sound()


def test_a_hold_that_is_over_moves_nowhere(
    acme: Merchant, hold: ReservationId, clock: StoppedClock
) -> None:
    clock.pass_time(timedelta(hours=2))
    with pytest.raises(ReservationEnded), acme.work() as uow:
        move_reservation(uow, hold, acme.oslo, key="m1")
    with acme.work() as uow:
        release(uow, [hold], key="r1")
    with pytest.raises(ReservationEnded), acme.work() as uow:
        move_reservation(uow, hold, acme.oslo, key="m2")


def test_a_hold_moves_within_its_house_to_an_open_node(
    acme: Merchant, globex: Merchant, hold: ReservationId
) -> None:
    with pytest.raises(NotFound), globex.work() as uow:
        move_reservation(uow, hold, globex.oslo, key="x")
    with pytest.raises(NotFound), acme.work() as uow:
        move_reservation(uow, hold, globex.oslo, key="x")
    with pytest.raises(NotFound), acme.work() as uow:
        move_reservation(uow, ReservationId("rsv_none"), acme.oslo, key="x")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        move_reservation(uow, hold, acme.oslo, key="x")
    with acme.work() as uow:
        retire_node(uow, acme.oslo)
    with pytest.raises(NodeClosed), acme.work() as uow:
        move_reservation(uow, hold, acme.oslo, key="x")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6, "reserved": 3}
