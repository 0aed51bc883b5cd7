"""Orders that leave, are given up, held and changed all at once; goods that arrive twice."""

from collections.abc import Callable
from functools import partial
from typing import Any

from commerce.ids import FulfilmentOrderId, OrderId
from commerce.inventory.adjustments import one_adjustment, post_adjustment, propose_adjustment
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import AdjustmentDecided, MoreThanShipped, OutOfStock, TransferOver
from commerce.inventory.moving import move_reservation
from commerce.inventory.service import Owner, reserve
from commerce.inventory.transfers import Carried, receive_transfer, ship_transfer
from commerce.orders.errors import LineNotCancellable, OrderIsHeld
from commerce.orders.service import (
    cancel_line,
    fulfil_at_once,
    hold_order,
    release_order,
    report_short,
    reroute_line,
)
from commerce.warehouse import service
from commerce.warehouse.errors import AlreadyPacked, HeldBack, MoreThanAsked, NotInThisStatus
from commerce.warehouse.leaving import ShortPick
from kernel.access import Actor, Permission
from kernel.errors import Conflict
from kernel.ids import ActorId
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.commerce.warehouse_builders import Dock
from tests.concurrency.racing import race, raised

BEA = Actor(ActorId("mem_bea"), "member", "Bea", frozenset({Permission("inventory:adjust")}))


def does(
    merchant: Merchant, verb: Callable[..., Any], *given: Any, **said: Any
) -> Callable[[], Any]:
    """Return somebody who runs a verb in a transaction of their own."""

    def run() -> Any:
        with merchant.work() as uow:
            return verb(uow, *given, **said)

    return run


def a_parcel(shop: Shop, quantity: int) -> tuple[OrderId, FulfilmentOrderId]:
    """Place an order, and let its node be asked for it."""
    order_id = shop.place(mugs(quantity))
    (identity,) = Dock(shop).release(order_id)
    return order_id, identity


def test_an_order_released_eight_times_at_once_is_asked_for_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shop = a_shop(acme)
    order_id = shop.place(mugs(3))

    told = race([does(acme, release_order, order_id, key=f"r{n}") for n in range(8)])

    assert raised(told, Conflict) == 0
    assert sorted(map(len, told)) == [0] * 7 + [1]
    assert shop.proves_sound()


def test_a_parcel_shipped_eight_times_at_once_leaves_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shop = a_shop(acme)
    order_id, identity = a_parcel(shop, 3)

    told = race([does(acme, fulfil_at_once, identity, key=f"f{n}") for n in range(8)])

    assert raised(told, NotInThisStatus) == 7
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2}
    assert shop.outcomes(order_id) == [("fulfilled", 0)]
    assert shop.proves_sound()


def test_a_line_leaves_or_is_given_up_but_never_both(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 20)
    shop = a_shop(acme)
    for number in range(4):
        order_id = shop.place(mugs(3), number=f"A-{number}")
        (line,) = shop.lines(order_id)
        (identity,) = Dock(shop).release(order_id)
        key = f"k{number}"

        left, given_up = race(
            [
                does(acme, fulfil_at_once, identity, key=f"f{key}"),
                does(acme, cancel_line, line.id, reason="x", key=key),
            ]
        )

        outcomes = [isinstance(left, Exception), isinstance(given_up, Exception)]
        assert sorted(outcomes) == [False, True]
        assert raised([left], NotInThisStatus) + raised([given_up], LineNotCancellable) == 1
        assert shop.outcomes(order_id) in ([("fulfilled", 0)], [("cancelled", 0)])
        assert shop.proves_sound()


def test_units_fall_short_once_while_the_line_is_given_up(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    shop = a_shop(acme)
    order_id, identity = a_parcel(shop, 3)
    (line,) = shop.lines(order_id)
    short = ShortPick(1, 2, "mismatch")

    told = race(
        [
            *(does(acme, report_short, identity, short, key=f"s{n}") for n in range(4)),
            does(acme, cancel_line, line.id, reason="regret", key="c"),
        ]
    )

    assert raised(told[:4], (MoreThanAsked, NotInThisStatus)) >= 3
    assert acme.buckets(acme.mug, acme.berlin)["available"] in (7, 9)
    assert shop.proves_sound()


def test_an_order_is_held_before_or_after_it_is_released(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    shop = a_shop(acme)
    order_id = shop.place(mugs(3))

    told = race(
        [
            does(acme, release_order, order_id, key="r"),
            does(acme, hold_order, order_id, reason="fraud check", key="h"),
        ]
    )

    if raised(told[:1], OrderIsHeld) == 0:
        (identity,) = told[0]
        picked = race([does(acme, service.pick, identity, key="p")])
        assert raised(picked, HeldBack) == 1
    assert shop.proves_sound()


def test_two_newer_versions_at_once_leave_the_newest(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 20)
    shop = a_shop(acme)
    order_id = shop.place(mugs(1))

    told = race(
        [
            partial(shop.place, mugs(version), external_version=version)
            for version in (2, 3, 4, 5, 3, 5)
        ]
    )

    assert raised(told, Conflict) == 0
    living = [line.quantity for line in shop.lines(order_id) if line.phase != "cancelled"]
    assert living == [5]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 15, "committed": 5}
    assert shop.proves_sound()


def test_two_holds_that_move_to_one_shelf_do_not_oversell_it(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 40)
    acme.stock(acme.mug, acme.oslo, 5)
    held = []
    for number in range(6):
        with acme.work() as uow:
            wanted = [Demand(acme.mug, acme.berlin, 2)]
            held += reserve(uow, wanted, owner=Owner("cart", f"c{number}"), key=f"h{number}")

    told = race([does(acme, move_reservation, i, acme.oslo, key=f"m{i}") for i in held])

    assert raised(told, OutOfStock) == 4
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 1, "reserved": 4}
    assert acme.proves_sound()


def test_lines_rerouted_to_one_shelf_at_once_do_not_oversell_it(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 40)
    acme.stock(acme.mug, acme.oslo, 5)
    shop = a_shop(acme)
    lines = [shop.lines(shop.place(mugs(2), number=f"A-{n}"))[0].id for n in range(6)]

    told = race([does(acme, reroute_line, i, acme.oslo, key=f"m{i}") for i in lines])

    assert raised(told, OutOfStock) == 4
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 1, "committed": 4}
    assert shop.proves_sound()


def test_goods_on_the_road_arrive_once_however_many_take_them_in(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    with acme.work() as uow:
        carried, ways = [Carried(acme.mug, 5)], {"source": acme.berlin, "target": acme.oslo}
        transfer_id = ship_transfer(uow, carried, key="s", **ways)
    some = {acme.mug: 2}

    told = race([does(acme, receive_transfer, transfer_id, some, key=f"r{n}") for n in range(6)])

    assert raised(told, (MoreThanShipped, TransferOver)) == 4
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 4, "in_transit": 1}
    assert acme.proves_sound()


def test_an_approved_correction_is_made_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    with acme.work(BEA) as uow:
        shelf = acme.shelf(acme.mug, acme.berlin)
        identity = propose_adjustment(uow, shelf, -4, reason="flood", key="p")
        digest = one_adjustment(uow, identity).digest

    told = race(
        [
            does(
                acme,
                post_adjustment,
                identity,
                approved_digest=digest,
                key=f"a{n}",
            )
            for n in range(6)
        ]
    )

    assert raised(told, AdjustmentDecided) == 5
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.proves_sound()


def test_what_is_packed_while_it_is_given_up_is_one_or_the_other(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    shop = a_shop(acme)
    order_id, identity = a_parcel(shop, 3)
    (line,) = shop.lines(order_id)
    Dock(shop).pick(identity)

    packed, given_up = race(
        [
            does(acme, service.pack, identity, key="p"),
            does(acme, cancel_line, line.id, reason="regret", key="c"),
        ]
    )

    assert raised([packed], NotInThisStatus) + raised([given_up], AlreadyPacked) == 1
    assert shop.proves_sound()
