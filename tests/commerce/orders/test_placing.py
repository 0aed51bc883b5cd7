"""An order comes in once, whole, with an outcome for every line."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from commerce.catalog.service import retire_channel, retire_node, retire_sku
from commerce.catalog.tables import Sku
from commerce.orders.errors import ChannelClosed, OrderChanged
from commerce.orders.service import place_order
from commerce.orders.tables import Customer, SalesOrder
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.exceptions import ExceptionCase
from kernel.money import Money
from tests.commerce.builders import ANA, terms
from tests.commerce.builders import a_supplier as new_supplier
from tests.commerce.order_builders import BERGEN, CARLA, GREG, Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.conftest import MONDAY


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop."""
    return a_shop(acme)


def test_a_line_is_committed_at_the_nearest_node_that_has_it(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.mug, acme.oslo, 5)

    near = shop.place(mugs(2))
    far = shop.place(mugs(2), number="A-2", ship_to=BERGEN)

    assert (shop.outcomes(near), shop.outcomes(far)) == ([("allocated", 0)], [("allocated", 0)])
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "committed": 2}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 3, "committed": 2}
    assert shop.proves_sound()


def test_a_line_no_node_has_waits_at_the_nearest_and_tells_whom_to_ask(
    acme: Merchant, shop: Shop
) -> None:
    """The event has what the backorder workflow's trigger reads."""
    acme.stock(acme.mug, acme.berlin, 2)
    with acme.work() as uow:
        sku = uow.session.get_one(Sku, (acme.tenant_id, acme.mug))
        supplier = new_supplier(uow)
        terms(uow, supplier, sku)

    order_id = shop.place(mugs(5), customer=GREG)

    (line,) = shop.lines(order_id)
    assert shop.outcomes(order_id) == [("backordered", 3)]
    assert acme.buckets(acme.mug, acme.berlin) == {"committed": 2}
    assert shop.events("order.backordered") == [
        {
            "order_line_id": line.id,
            "order_id": order_id,
            "sku": "MUG-BLUE",
            "sku_id": acme.mug,
            "node_id": acme.berlin,
            "quantity": 5,
            "quantity_short": 3,
            "supplier_id": supplier.id,
            "customer_tier": "gold",
        }
    ]
    assert shop.proves_sound()


def test_an_order_without_a_supplier_says_so_with_an_empty_name(shop: Shop) -> None:
    shop.place(mugs(1))

    (event,) = shop.events("order.backordered")
    assert event["supplier_id"] == ""


def test_two_lines_of_one_sku_share_what_is_there(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    order_id = shop.place(mugs(4), mugs(4))

    assert shop.outcomes(order_id) == [("allocated", 0), ("backordered", 3)]
    assert shop.proves_sound()


def test_what_others_wait_for_is_not_given_to_a_newcomer(acme: Merchant, shop: Shop) -> None:
    """Units that arrived for a waiting line are its own, even before they are handed out."""
    shop.place(mugs(3))
    acme.stock(acme.mug, acme.berlin, 4)

    late = shop.place(mugs(2), number="A-2")

    assert shop.outcomes(late) == [("backordered", 1)]
    assert shop.proves_sound()


def test_the_same_order_twice_is_the_same_order(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    first = shop.place(mugs(2))

    again = shop.place(mugs(2))

    assert again == first
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "committed": 2}
    assert len(shop.events("order.placed")) == 1


def test_an_order_that_came_in_and_says_something_else_now_is_refused(shop: Shop) -> None:
    order_id = shop.place(mugs(2))

    with pytest.raises(OrderChanged) as refused:
        shop.place(mugs(3))

    assert (refused.value.order_id, refused.value.external_id) == (order_id, "A-1")


def test_orders_are_numbered_for_people_without_gaps_per_tenant(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    others = a_shop(globex)
    for number in ("A-1", "A-2"):
        shop.place(number=number)
        others.place(number=number)

    with acme.work() as uow:
        numbers = uow.session.scalars(select(SalesOrder.number).order_by(SalesOrder.number)).all()
    assert numbers == [1, 2]


def test_a_sku_we_do_not_know_is_held_for_a_person_not_dropped(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    order_id = shop.place(mugs(1), mugs(2, sku="TEAPOT"))

    known, unknown = shop.lines(order_id)
    assert (known.phase, unknown.phase, unknown.reason) == ("allocated", "held", "unknown_sku")
    with acme.work() as uow:
        (case,) = uow.session.scalars(select(ExceptionCase))
        order = uow.session.get_one(SalesOrder, (acme.tenant_id, order_id))
    assert (case.kind, case.subject_id) == ("order.line_held", unknown.id)
    assert order.phase == "held"
    assert shop.proves_sound()


def test_a_sku_out_of_use_and_a_merchant_without_nodes_hold_the_line(
    acme: Merchant, shop: Shop
) -> None:
    with acme.work() as uow:
        retire_sku(uow, acme.lamp)
        retire_node(uow, acme.berlin)
        retire_node(uow, acme.oslo)

    order_id = shop.place(mugs(1), mugs(1, sku="LAMP-RED"))

    assert [line.reason for line in shop.lines(order_id)] == ["no_node", "retired_sku"]
    assert shop.proves_sound()


def test_an_order_to_collect_is_served_by_its_node_alone(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    order_id = shop.place(mugs(1), ship_to=None, collect_at=acme.oslo)

    (line,) = shop.lines(order_id)
    assert (line.phase, line.node_id) == ("backordered", acme.oslo)


def test_a_known_customer_keeps_the_tier_we_gave_them(acme: Merchant, shop: Shop) -> None:
    shop.place(customer=GREG)

    order_id = shop.place(number="A-2", customer=replace(GREG, tier="basic"))

    (line,) = shop.lines(order_id)
    with acme.work() as uow:
        assert [each.tier for each in uow.session.scalars(select(Customer))] == ["gold"]
    assert line.priority == 1


def test_every_fault_of_an_order_is_told_at_once(acme: Merchant, shop: Shop) -> None:
    wrong = shop.order(
        mugs(0),
        replace(mugs(1), price=Money.parse("1.00", "USD")),
        mugs(-3, price="-1.00"),
        number=" ",
        placed_at=MONDAY + timedelta(days=1),
        ship_to=None,
        customer=replace(CARLA, reference=""),
    )

    with pytest.raises(Invalid) as refused, acme.work() as uow:
        place_order(uow, wrong)

    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [
        ("/external_id", "orders.external_id"),
        ("/placed_at", "orders.placed_in_future"),
        ("/customer/reference", "orders.customer"),
        ("/ship_to", "orders.destination"),
        ("/lines/0/quantity", "orders.quantity"),
        ("/lines/1/price/currency", "orders.currency"),
        ("/lines/2/quantity", "orders.quantity"),
        ("/lines/2/price/amount", "orders.price"),
    ]


def test_an_order_without_lines_or_with_too_many_is_refused(acme: Merchant, shop: Shop) -> None:
    for lines in ((), (mugs(1),) * 501):
        with pytest.raises(Invalid), acme.work() as uow:
            place_order(uow, replace(shop.order(), lines=lines))


def test_a_closed_channel_takes_no_orders_but_still_knows_the_old_ones(
    acme: Merchant, shop: Shop
) -> None:
    order_id = shop.place()
    with acme.work() as uow:
        retire_channel(uow, shop.channel_id)

    with pytest.raises(ChannelClosed):
        shop.place(number="A-2")
    assert shop.place() == order_id


def test_one_merchant_places_nothing_through_anothers_channel_or_node(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    with pytest.raises(NotFound), globex.work() as uow:
        place_order(uow, shop.order())
    with pytest.raises(NotFound):
        shop.place(ship_to=None, collect_at=globex.oslo)


def test_nobody_without_permission_places_an_order(acme: Merchant, shop: Shop) -> None:
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        place_order(uow, shop.order())
