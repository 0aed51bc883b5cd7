"""Orders that are held back, that go on, and that are given up whole."""

import pytest
from sqlalchemy import select

from commerce.catalog.service import retire_node
from commerce.ids import OrderId
from commerce.orders.errors import AlreadyHeld, NothingToHold, OrderNotCancellable
from commerce.orders.service import Resumed, cancel_order, hold_order, resume_order
from commerce.orders.tables import SalesOrder
from kernel.audit import Subject
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.exceptions import ExceptionCase
from tests.commerce.builders import ANA, BERLIN, MUG_BLUE, a_node, a_sku
from tests.commerce.order_builders import Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant

TEAPOTS = mugs(2, sku="TEAPOT")


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop."""
    return a_shop(acme)


def phase(shop: Shop, order_id: OrderId) -> str:
    """Return the phase of an order."""
    with shop.merchant.work() as uow:
        return uow.session.get_one(SalesOrder, (uow.tenant_id, order_id)).phase


def cases(shop: Shop) -> list[tuple[str, str]]:
    """Return (cause, state) of every case."""
    with shop.merchant.work() as uow:
        rows = uow.session.scalars(select(ExceptionCase).order_by(ExceptionCase.id))
        return [(row.cause, row.state) for row in rows]


def hold(shop: Shop, order_id: OrderId, *, key: str = "h1") -> None:
    """Hold an order back."""
    with shop.merchant.work() as uow:
        hold_order(uow, order_id, reason="fraud check", key=key)


def resume(shop: Shop, order_id: OrderId, *, key: str = "r1") -> Resumed:
    """Let an order go on."""
    with shop.merchant.work() as uow:
        return resume_order(uow, order_id, key=key)


def give_up(shop: Shop, order_id: OrderId, *, key: str = "c1") -> int:
    """Give an order up."""
    with shop.merchant.work() as uow:
        return cancel_order(uow, order_id, reason="regret", key=key)


def test_a_held_order_keeps_its_stock_and_goes_on_where_it_stood(
    acme: Merchant, shop: Shop
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(3))

    hold(shop, order_id)
    hold(shop, order_id)
    held = (phase(shop, order_id), acme.buckets(acme.mug, acme.berlin), shop.proves_sound())
    resumed = resume(shop, order_id)

    assert held == ("held", {"available": 2, "committed": 3}, True)
    assert (resumed, phase(shop, order_id)) == (Resumed(0, 0), "allocated")
    assert [each["reason"] for each in shop.events("order.held")] == ["fraud check"]
    assert shop.proves_sound()


def test_an_order_is_held_once_at_a_time_and_only_while_something_is_to_come(
    shop: Shop,
) -> None:
    order_id = shop.place(mugs(3))
    hold(shop, order_id)

    with pytest.raises(AlreadyHeld) as refused:
        hold(shop, order_id, key="h2")
    give_up(shop, order_id)
    with pytest.raises(NothingToHold):
        hold(shop, order_id, key="h3")

    assert (refused.value.reason, phase(shop, order_id)) == ("fraud check", "cancelled")
    assert shop.proves_sound()


def test_a_line_held_for_its_unknown_sku_goes_on_once_the_sku_is_known(
    acme: Merchant, shop: Shop
) -> None:
    """The order is held with the reason, not dropped; releasing the hold routes it as it is now."""
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(3), TEAPOTS)
    with acme.work() as uow:
        teapot = a_sku(uow, MUG_BLUE, code="TEAPOT", name="Teapot").id
    acme.stock(teapot, acme.berlin, 1)

    resumed = resume(shop, order_id)
    again = resume(shop, order_id)

    assert resumed == again == Resumed(1, 0)
    assert shop.outcomes(order_id) == [("allocated", 0), ("backordered", 1)]
    assert shop.lines(order_id)[1].sku_id == teapot
    assert [each["sku"] for each in shop.events("order.backordered")] == ["TEAPOT"]
    assert cases(shop) == [("unknown_sku: TEAPOT", "resolved")]
    assert phase(shop, order_id) == "partially_allocated"
    assert shop.proves_sound()


def test_a_line_whose_sku_is_still_unknown_holds_its_order_on(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(3), TEAPOTS)

    assert resume(shop, order_id) == Resumed(0, 1)

    assert (phase(shop, order_id), cases(shop)) == ("held", [("unknown_sku: TEAPOT", "open")])
    assert shop.proves_sound()


def test_a_newer_version_without_the_unknown_sku_closes_its_case(
    acme: Merchant, shop: Shop
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(3), TEAPOTS)

    shop.place(mugs(3), mugs(1), external_version=2)

    assert (phase(shop, order_id), cases(shop)) == (
        "allocated",
        [("unknown_sku: TEAPOT", "resolved")],
    )
    assert shop.proves_sound()


def test_an_order_without_a_node_goes_on_once_there_is_one(acme: Merchant, shop: Shop) -> None:
    with acme.work() as uow:
        for node_id in (acme.berlin, acme.oslo):
            retire_node(uow, node_id)
    order_id = shop.place(mugs(1))
    with acme.work() as uow:
        potsdam = a_node(uow, BERLIN, code="POTSDAM", name="Warehouse Potsdam").id

    resumed = resume(shop, order_id)

    assert (resumed, shop.outcomes(order_id)) == (Resumed(1, 0), [("backordered", 1)])
    assert shop.lines(order_id)[0].node_id == potsdam


def test_only_what_is_held_goes_on(shop: Shop) -> None:
    with pytest.raises(NothingToHold):
        resume(shop, shop.place(mugs(1)))


def test_giving_an_order_up_gives_back_every_unit_to_its_own_shelf(
    acme: Merchant, shop: Shop
) -> None:
    """The inverse of placing, over lines that are whole, waiting and held, on two shelves."""
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.lamp, acme.oslo, 2)
    order_id = shop.place(mugs(3), mugs(2, sku="LAMP-RED"), mugs(4), TEAPOTS)

    released = give_up(shop, order_id)
    again = give_up(shop, order_id)
    with_another_key = give_up(shop, order_id, key="c2")

    assert (released, again, with_another_key) == (7, 7, 0)
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.buckets(acme.lamp, acme.oslo) == {"available": 2}
    assert shop.outcomes(order_id) == [("cancelled", 0)] * 4
    told = [each["released"] for each in shop.events("order.line_cancelled")]
    assert (told, len(shop.events("order.cancelled"))) == ([3, 2, 2, 0], 1)
    assert cases(shop) == [("unknown_sku: TEAPOT", "resolved")]
    assert shop.proves_sound()


def test_what_has_left_stays_and_the_rest_is_given_up(acme: Merchant, shop: Shop) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    order_id = shop.place(mugs(3), mugs(9, sku="LAMP-RED"))
    with acme.work() as uow:
        uow.session.merge(shop.lines(order_id)[0]).phase = "fulfilled"
        uow.record("tests.fulfil", Subject("order", order_id))

    give_up(shop, order_id)
    with pytest.raises(OrderNotCancellable):
        give_up(shop, order_id, key="c2")

    assert shop.outcomes(order_id) == [("fulfilled", 0), ("cancelled", 0)]
    assert phase(shop, order_id) == "fulfilled"


def test_holding_and_giving_up_need_permission_a_reason_and_an_order_of_ones_own(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    order_id = shop.place(mugs(1))

    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        hold_order(uow, order_id, reason="fraud check", key="h")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        resume_order(uow, order_id, key="r")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        cancel_order(uow, order_id, reason="regret", key="c")
    for reason in ("  ", "x" * 201):
        with pytest.raises(Invalid), acme.work() as uow:
            hold_order(uow, order_id, reason=reason, key="h")
        with pytest.raises(Invalid), acme.work() as uow:
            cancel_order(uow, order_id, reason=reason, key="c")
    with pytest.raises(NotFound), globex.work() as uow:
        hold_order(uow, order_id, reason="fraud check", key="h")
    with pytest.raises(NotFound), globex.work() as uow:
        resume_order(uow, order_id, key="r")
    with pytest.raises(NotFound), globex.work() as uow:
        cancel_order(uow, order_id, reason="regret", key="c")

    assert phase(shop, order_id) == "placed"
