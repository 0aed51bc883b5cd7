"""Goods come in, go between nodes, and are corrected."""

from datetime import timedelta

import pytest

from commerce.ids import NodeId, OrderLineId, SkuId
from commerce.inventory import commitments, goods
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import CountedMeanwhile, OutOfStock
from commerce.inventory.goods import Source
from commerce.inventory.ledger import INTERNAL
from commerce.inventory.queries import available_to_promise, differences, ledger_of, level_as_of
from kernel import settings
from kernel.clock import StoppedClock
from kernel.errors import Invalid, NotFound, PermissionMissing
from tests.commerce.builders import ANA
from tests.commerce.stock_builders import Merchant

DELIVERY = Source("purchase_order", "po_1")


def test_received_goods_are_available_under_a_receipt(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.ledger() == [("supplier", "available", 5)]
    assert acme.proves_sound()


def test_a_receipt_that_arrives_twice_is_received_once(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.mug, acme.berlin, 5)

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}


def test_expected_goods_are_incoming_until_they_are_received(acme: Merchant) -> None:
    lines = [Demand(acme.mug, acme.berlin, 5)]
    with acme.work() as uow:
        goods.expect(uow, lines, source=DELIVERY, key="e1")
    expected = acme.buckets(acme.mug, acme.berlin)

    with acme.work() as uow:
        goods.receive(uow, lines, source=DELIVERY, key="r1", was_expected=True)

    assert expected == {"incoming": 5}
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.proves_sound()


def test_expect_no_longer_undoes_expect(acme: Merchant) -> None:
    lines = [Demand(acme.mug, acme.berlin, 5)]
    with acme.work() as uow:
        goods.expect(uow, lines, source=DELIVERY, key="e1")
        goods.expect_no_longer(uow, lines, source=DELIVERY, key="e2")

    assert acme.buckets(acme.mug, acme.berlin) == {}
    assert acme.proves_sound()


def test_a_correction_moves_what_is_available_and_says_why(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shelf = acme.shelf(acme.mug, acme.berlin)

    with acme.work() as uow:
        lower = goods.adjust(uow, shelf, -2, reason="two broke", key="a1", expected_available=5)
        again = goods.adjust(uow, shelf, 2, reason="they were found", key="a2")

    assert (lower, again) == (3, 5)
    assert acme.ledger()[1:] == [("available", "adjustment", 2), ("adjustment", "available", 2)]
    assert acme.proves_sound()


def test_a_correction_against_an_old_count_is_refused(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shelf = acme.shelf(acme.mug, acme.berlin)

    with pytest.raises(CountedMeanwhile) as refused, acme.work() as uow:
        goods.adjust(uow, shelf, -2, reason="counted", key="a1", expected_available=6)

    assert (refused.value.expected, refused.value.available) == (6, 5)


def test_a_correction_never_takes_what_is_promised(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    with acme.work() as uow:
        promised = commitments.Commitment(OrderLineId("l1"), Demand(acme.mug, acme.berlin, 4), 1)
        commitments.allocate(uow, [promised], key="c1")

    with pytest.raises(OutOfStock), acme.work() as uow:
        shelf = acme.shelf(acme.mug, acme.berlin)
        goods.adjust(uow, shelf, -2, reason="two broke", key="a1")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 1, "committed": 4}


def test_a_correction_of_nothing_or_without_a_reason_is_refused(acme: Merchant) -> None:
    shelf = acme.shelf(acme.mug, acme.berlin)

    with pytest.raises(Invalid), acme.work() as uow:
        goods.adjust(uow, shelf, 0, reason="counted", key="a1")
    with pytest.raises(Invalid), acme.work() as uow:
        goods.adjust(uow, shelf, 1, reason=" ", key="a1")


def test_a_transfer_carries_units_and_carrying_them_back_undoes_it(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    with acme.work() as uow:
        goods.transfer(uow, acme.mug, 2, source=acme.berlin, target=acme.oslo, key="t1")
    there = acme.buckets(acme.mug, acme.berlin), acme.buckets(acme.mug, acme.oslo)

    with acme.work() as uow:
        goods.transfer(uow, acme.mug, 2, source=acme.oslo, target=acme.berlin, key="t2")

    assert there == ({"available": 3}, {"available": 2})
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 5}
    assert acme.proves_sound()


def test_a_transfer_takes_no_more_than_is_free(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 1)

    with pytest.raises(OutOfStock), acme.work() as uow:
        goods.transfer(uow, acme.mug, 2, source=acme.berlin, target=acme.oslo, key="t1")
    with pytest.raises(Invalid), acme.work() as uow:
        goods.transfer(uow, acme.mug, 1, source=acme.berlin, target=acme.berlin, key="t1")


def test_the_promise_explains_itself(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 9)
    with acme.work() as uow:
        promised = commitments.Commitment(OrderLineId("l1"), Demand(acme.mug, acme.berlin, 4), 1)
        commitments.allocate(uow, [promised], key="c1")
        settings.write(uow, (), "inventory.safety_stock", 2)

    with acme.work() as uow:
        (promise,) = available_to_promise(uow, acme.mug)

    assert promise.quantity == sum(term for _, term in promise.why) == 3
    assert dict(promise.why) == {
        "on_hand": 9,
        "quality_control": 0,
        "damaged": 0,
        "committed": -4,
        "active_reservations": 0,
        "safety_stock": -2,
    }


def test_safety_stock_is_never_promised(acme: Merchant) -> None:
    """What is shown as available and what is given are decided by the same number."""
    acme.stock(acme.mug, acme.berlin, 5)
    with acme.work() as uow:
        settings.write(uow, (), "inventory.safety_stock", 3)

    with pytest.raises(OutOfStock) as refused, acme.work() as uow:
        wanted = commitments.Commitment(OrderLineId("l1"), Demand(acme.mug, acme.berlin, 3), 1)
        commitments.allocate(uow, [wanted], key="c1")

    assert refused.value.shortages[0].available == 2


def test_the_past_can_be_asked_for(acme: Merchant, clock: StoppedClock) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    morning = clock.now()
    clock.pass_time(timedelta(hours=2))
    acme.stock(acme.mug, acme.berlin, 3, key="noon")

    with acme.work() as uow:
        then = level_as_of(uow, acme.mug, acme.berlin, at=morning)
        rows = ledger_of(uow, acme.mug, acme.berlin, limit=1)
        older = ledger_of(uow, acme.mug, acme.berlin, before_seq=rows[-1].seq)

    assert then == {**dict.fromkeys(INTERNAL, 0), "available": 5}
    assert [row.quantity for row in (*rows, *older)] == [3, 5]
    with acme.work() as uow:
        assert differences(uow, acme.mug, acme.berlin) == []


def test_goods_for_an_unknown_sku_or_node_are_refused(acme: Merchant, globex: Merchant) -> None:
    for line in (
        Demand(SkuId("sku_none"), acme.berlin, 1),
        Demand(acme.mug, NodeId("nod_none"), 1),
        Demand(globex.mug, acme.berlin, 1),
    ):
        with pytest.raises(NotFound), acme.work() as uow:
            goods.receive(uow, [line], source=DELIVERY, key="r1")


def test_only_those_who_may_move_stock_move_it(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    line = Demand(acme.mug, acme.berlin, 1)

    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        goods.receive(uow, [line], source=DELIVERY, key="r1")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        goods.adjust(uow, line.shelf, 1, reason="found", key="a1")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        goods.transfer(uow, acme.mug, 1, source=acme.berlin, target=acme.oslo, key="t1")
