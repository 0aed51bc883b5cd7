"""Goods leave step by step: asked for, picked, packed, shipped; the books follow each step."""

import pytest
from sqlalchemy import select

from commerce.orders.errors import LineNotCancellable, OrderIsHeld
from commerce.orders.service import (
    cancel_line,
    cancel_order,
    fulfil_at_once,
    fulfil_order,
    hold_order,
    release_order,
    resume_order,
    ship_parcel,
)
from commerce.orders.tables import SalesOrder
from commerce.warehouse import queries, service
from commerce.warehouse.errors import (
    AlreadyPacked,
    HeldBack,
    MoreThanAsked,
    NotAllPicked,
    NotHeldBack,
    NotInThisStatus,
)
from commerce.warehouse.tables import ShipmentLine
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.ids import ActorId
from tests.commerce.builders import ANA
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.commerce.warehouse_builders import PARCEL, Dock

LAMPS = mugs(2, sku="LAMP-RED")


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop: nine mugs in Berlin, two lamps in Oslo."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.lamp, acme.oslo, 2)
    return a_shop(acme)


@pytest.fixture
def dock(shop: Shop) -> Dock:
    """Where Acme's orders leave."""
    return Dock(shop)


def phase(shop: Shop, order_id: str) -> str:
    """Return the phase of an order."""
    with shop.merchant.work() as uow:
        return uow.session.get_one(SalesOrder, (uow.tenant_id, order_id)).phase


def test_an_order_leaves_from_each_of_its_nodes_and_is_fulfilled(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3), LAMPS, mugs(1))
    berlin, oslo = dock.release(order_id)

    first = dock.send(berlin)
    between = (phase(shop, order_id), shop.proves_sound())
    dock.send(oslo)

    assert between == ("allocated", True)
    assert phase(shop, order_id) == "fulfilled"
    assert shop.outcomes(order_id) == [("fulfilled", 0)] * 3
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.buckets(acme.lamp, acme.oslo) == {}
    assert dock.asked(berlin) == [(3, 3, 3, 0), (1, 1, 1, 0)]
    assert dock.work(berlin) == [("pick", "done"), ("pack", "done"), ("ship", "done")]
    assert [each["units"] for each in shop.events("fulfilment.shipped")] == [4, 2]
    assert len(shop.events("order.fulfilled")) == 1
    with acme.work() as uow:
        rows = uow.session.scalars(select(ShipmentLine).where(ShipmentLine.shipment_id == first))
        assert [(row.sku_id, row.quantity) for row in rows] == [(acme.mug, 3), (acme.mug, 1)]
        assert queries.shipments_of(uow, order_id)[0].tracking == "TRACK-1"
    assert shop.proves_sound()


def test_every_step_twice_is_once(acme: Merchant, shop: Shop, dock: Dock) -> None:
    order_id = shop.place(mugs(3))
    (identity,) = dock.release(order_id)

    assert dock.release(order_id) == [identity]
    assert dock.release(order_id, key="another") == []
    dock.pick(identity)
    dock.pick(identity)
    dock.pack(identity)
    dock.pack(identity)
    assert dock.ship(identity) == dock.ship(identity)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6}
    with pytest.raises(NotInThisStatus):
        dock.ship(identity, key="another")
    assert shop.proves_sound()


def test_a_line_that_waits_leaves_later_in_a_parcel_of_its_own(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3), mugs(8))
    (first,) = dock.release(order_id)

    assert dock.asked(first) == [(3, 0, 0, 0)]
    with acme.work() as uow:
        cancel_line(uow, shop.lines(order_id)[1].id, reason="regret", key="c")
    dock.send(first)

    assert phase(shop, order_id) == "fulfilled"
    assert shop.proves_sound()


def test_units_are_picked_bit_by_bit_and_never_more_than_asked(shop: Shop, dock: Dock) -> None:
    (identity,) = dock.release(shop.place(mugs(3), mugs(2)))

    dock.pick(identity, {1: 2}, key="one")
    with pytest.raises(MoreThanAsked):
        dock.pick(identity, {1: 2}, key="two")
    with pytest.raises(NotAllPicked) as refused:
        dock.pack(identity)
    with pytest.raises(NotFound):
        dock.pick(identity, {9: 1}, key="nowhere")
    for quantity in (0, -1, 10**12):
        with pytest.raises(Invalid):
            dock.pick(identity, {1: quantity}, key="odd")

    assert refused.value.missing == 3
    assert dock.asked(identity) == [(3, 2, 0, 0), (2, 0, 0, 0)]
    dock.pick(identity, {1: 1, 2: 2}, key="rest")
    assert dock.work(identity) == [("pick", "done"), ("pack", "open")]
    with pytest.raises(NotInThisStatus):
        dock.ship(identity)


def test_a_held_order_is_not_asked_for_and_what_was_asked_stays(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3))
    (identity,) = dock.release(order_id)
    other = shop.place(mugs(1), number="A-2")
    for each, key in ((order_id, "h1"), (other, "h2")):
        with acme.work() as uow:
            hold_order(uow, each, reason="fraud check", key=key)

    with pytest.raises(OrderIsHeld):
        dock.release(other)
    with pytest.raises(HeldBack):
        dock.pick(identity)
    with pytest.raises(HeldBack), acme.work() as uow:
        service.release(uow, identity)
    held_for = dock.row(identity).held_for
    with acme.work() as uow:
        resume_order(uow, order_id, key="r1")
    dock.send(identity)

    assert held_for == "fraud check"
    assert phase(shop, order_id) == "fulfilled"
    assert shop.proves_sound()


def test_a_node_holds_a_parcel_of_its_own_back_and_lets_it_go(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    (identity,) = dock.release(shop.place(mugs(3)))

    with acme.work() as uow:
        service.hold(uow, identity, reason="no boxes")
    with pytest.raises(HeldBack), acme.work() as uow:
        service.hold(uow, identity, reason="no tape")
    with pytest.raises(HeldBack):
        dock.pick(identity)
    with acme.work() as uow:
        service.release(uow, identity)
    with pytest.raises(NotHeldBack), acme.work() as uow:
        service.release(uow, identity)
    dock.send(identity)

    told = [*shop.events("fulfilment.held"), *shop.events("fulfilment.released")]
    assert [each["fulfilment_order_id"] for each in told] == [identity, identity]


def test_cancelling_a_parcel_leaves_the_order_as_it_was_before_it_was_asked_for(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3))
    (identity,) = dock.release(order_id)
    dock.pick(identity)
    dock.pack(identity)

    with acme.work() as uow:
        service.cancel(uow, identity, reason="the van broke down")
    with acme.work() as uow:
        service.cancel(uow, identity, reason="the van broke down")

    assert (dock.row(identity).status, phase(shop, order_id)) == ("cancelled", "allocated")
    assert dock.work(identity)[-1] == ("put_away", "open")
    assert shop.proves_sound()
    (again,) = dock.release(order_id, key="again")
    dock.send(again)
    assert (phase(shop, order_id), shop.proves_sound()) == ("fulfilled", True)


def test_giving_up_what_was_picked_gives_the_units_back_and_has_them_put_away(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3), mugs(1))
    (identity,) = dock.release(order_id)
    dock.pick(identity, {1: 3})

    with acme.work() as uow:
        released = cancel_line(uow, shop.lines(order_id)[0].id, reason="regret", key="c")
    (task,) = (each for each in dock.tasks(identity) if each.kind == "put_away")
    with acme.work() as uow:
        service.put_away(uow, task.id)
        service.put_away(uow, task.id)
    dock.pick(identity, key="rest")
    dock.pack(identity)
    dock.ship(identity)

    assert released == 3
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 8}
    assert dock.asked(identity) == [(3, 0, 0, 3), (1, 1, 1, 0)]
    assert shop.outcomes(order_id) == [("cancelled", 0), ("fulfilled", 0)]
    assert shop.proves_sound()


def test_what_was_picked_goes_on_when_the_rest_is_given_up(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3), mugs(1))
    (identity,) = dock.release(order_id)
    dock.pick(identity, {1: 3})

    with acme.work() as uow:
        cancel_line(uow, shop.lines(order_id)[1].id, reason="regret", key="c")

    assert dock.work(identity) == [("pick", "done"), ("pack", "open")]
    dock.pack(identity)
    dock.ship(identity)
    assert phase(shop, order_id) == "fulfilled"


def test_what_is_packed_is_not_given_up_and_what_left_never(
    acme: Merchant, shop: Shop, dock: Dock
) -> None:
    order_id = shop.place(mugs(3))
    (identity,) = dock.release(order_id)
    dock.pick(identity)
    dock.pack(identity)

    with pytest.raises(AlreadyPacked), acme.work() as uow:
        cancel_order(uow, order_id, reason="regret", key="c1")
    dock.ship(identity)
    with pytest.raises(LineNotCancellable), acme.work() as uow:
        cancel_line(uow, shop.lines(order_id)[0].id, reason="regret", key="c2")
    with pytest.raises(NotInThisStatus), acme.work() as uow:
        service.cancel(uow, identity, reason="too late")

    assert shop.proves_sound()


def test_a_small_node_ships_in_one_go(acme: Merchant, shop: Shop, dock: Dock) -> None:
    order_id = shop.place(mugs(3), LAMPS)
    waiting = shop.place(mugs(99), number="A-2")
    with acme.work() as uow:
        left = fulfil_order(uow, order_id, key="f1")
    with acme.work() as uow:
        again = fulfil_order(uow, order_id, key="f1")
        nothing_more = fulfil_order(uow, order_id, key="f2")
        nothing_yet = fulfil_order(uow, waiting, key="f3")

    assert (len(left), again, nothing_more, nothing_yet) == (2, left, [], [])
    assert phase(shop, order_id) == "fulfilled"
    assert shop.proves_sound()


def test_tasks_are_taken_and_given_back(acme: Merchant, shop: Shop, dock: Dock) -> None:
    (identity,) = dock.release(shop.place(mugs(3)))
    (task,) = dock.tasks(identity)

    with acme.work() as uow:
        service.assign_task(uow, task.id, ActorId("mem_ana"))
    taken = dock.tasks(identity)[0].assignee_id
    with acme.work() as uow:
        service.assign_task(uow, task.id, None)
    dock.pick(identity)
    with pytest.raises(NotInThisStatus), acme.work() as uow:
        service.assign_task(uow, task.id, ActorId("mem_ana"))
    with pytest.raises(NotInThisStatus), acme.work() as uow:
        service.put_away(uow, task.id)

    assert (taken, dock.tasks(identity)[0].assignee_id) == ("mem_ana", None)


def test_a_warehouse_serves_its_own_house_and_those_who_may(
    acme: Merchant, globex: Merchant, shop: Shop, dock: Dock
) -> None:
    """TEN-05: with another's id one gets what one gets for an id that nobody has."""
    order_id = shop.place(mugs(3))
    (identity,) = dock.release(order_id)
    task = dock.tasks(identity)[0].id

    for house, refusal in ((globex.work(), NotFound), (acme.work(ANA), PermissionMissing)):
        with pytest.raises(refusal), house as uow:
            service.pick(uow, identity, key="p")
    for verb in (
        lambda uow: release_order(uow, order_id, key="x"),
        lambda uow: service.pack(uow, identity, key="x"),
        lambda uow: ship_parcel(uow, identity, PARCEL, key="x"),
        lambda uow: fulfil_at_once(uow, identity, key="x"),
        lambda uow: fulfil_order(uow, order_id, key="x"),
        lambda uow: service.hold(uow, identity, reason="x"),
        lambda uow: service.release(uow, identity),
        lambda uow: service.cancel(uow, identity, reason="x"),
        lambda uow: service.assign_task(uow, task, None),
        lambda uow: service.put_away(uow, task),
    ):
        with pytest.raises(NotFound), globex.work() as uow:
            verb(uow)
        with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
            verb(uow)

    assert dock.work(identity) == [("pick", "open")]
