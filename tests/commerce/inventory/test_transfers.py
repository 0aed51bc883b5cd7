"""Goods on the road: they left one node, are promised to nobody, and arrive, or do not."""

import pytest

from commerce.catalog.service import retire_node
from commerce.ids import SkuId, TransferId
from commerce.inventory import queries
from commerce.inventory.errors import MoreThanShipped, NodeClosed, OutOfStock, TransferOver
from commerce.inventory.transfers import (
    Carried,
    cancel_transfer,
    close_transfer,
    on_the_road,
    receive_transfer,
    ship_transfer,
)
from kernel.errors import Invalid, NotFound, PermissionMissing
from tests.commerce.builders import ANA
from tests.commerce.stock_builders import Merchant


@pytest.fixture
def stocked(acme: Merchant) -> Merchant:
    """Acme, with nine mugs and two lamps in Berlin."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.lamp, acme.berlin, 2)
    return acme


def ship(merchant: Merchant, *carried: Carried, key: str = "s1") -> TransferId:
    """Let goods leave Berlin for Oslo."""
    with merchant.work() as uow:
        source, target = merchant.berlin, merchant.oslo
        return ship_transfer(uow, carried, source=source, target=target, key=key)


def receive(
    merchant: Merchant, transfer_id: TransferId, arrived: dict[SkuId, int], *, key: str = "r1"
) -> None:
    """Take goods in, in Oslo."""
    with merchant.work() as uow:
        receive_transfer(uow, transfer_id, arrived, key=key)


def state(merchant: Merchant, transfer_id: TransferId) -> str:
    """Return where a transfer stands."""
    with merchant.work() as uow:
        return queries.transfer_with_lines(uow, transfer_id)[0].state


def test_goods_on_the_road_are_promised_by_neither_node(stocked: Merchant) -> None:
    ship(stocked, Carried(stocked.mug, 3), Carried(stocked.mug, 1))

    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 5}
    assert stocked.buckets(stocked.mug, stocked.oslo) == {"in_transit": 4}
    with stocked.work() as uow:
        promised = queries.available_to_promise(uow, stocked.mug)
    assert [(each.node_code, each.quantity) for each in promised] == [("BERLIN", 5), ("OSLO", 0)]
    assert stocked.proves_sound()


def test_parts_arrive_and_the_rest_stays_on_the_road(stocked: Merchant) -> None:
    transfer_id = ship(stocked, Carried(stocked.mug, 5), Carried(stocked.lamp, 2))

    receive(stocked, transfer_id, {stocked.mug: 3})
    receive(stocked, transfer_id, {stocked.mug: 3})
    between = (state(stocked, transfer_id), stocked.proves_sound())
    with stocked.work() as uow:
        left = on_the_road(uow, transfer_id)
    receive(stocked, transfer_id, {stocked.mug: 2, stocked.lamp: 2}, key="r2")

    assert (between, left) == (("shipped", True), {stocked.mug: 2, stocked.lamp: 2})
    assert state(stocked, transfer_id) == "received"
    assert stocked.buckets(stocked.mug, stocked.oslo) == {"available": 5}
    assert stocked.buckets(stocked.lamp, stocked.oslo) == {"available": 2}
    assert stocked.proves_sound()


def test_what_never_arrives_is_written_off_with_a_correction(stocked: Merchant) -> None:
    transfer_id = ship(stocked, Carried(stocked.mug, 5), Carried(stocked.lamp, 2))
    receive(stocked, transfer_id, {stocked.mug: 3})

    with stocked.work() as uow:
        lost = close_transfer(uow, transfer_id, reason="the van was robbed", key="c1")

    assert (lost, state(stocked, transfer_id)) == (4, "received")
    assert stocked.buckets(stocked.mug, stocked.oslo) == {"available": 3}
    assert stocked.buckets(stocked.lamp, stocked.oslo) == {}
    assert stocked.proves_sound()
    with pytest.raises(TransferOver), stocked.work() as uow:
        close_transfer(uow, transfer_id, reason="again", key="c2")


def test_turning_goods_round_undoes_shipping(stocked: Merchant) -> None:
    """The inverse: every shelf is as it was before."""
    transfer_id = ship(stocked, Carried(stocked.mug, 5), Carried(stocked.lamp, 2))

    for key in ("c1", "c1", "c2"):
        with stocked.work() as uow:
            cancel_transfer(uow, transfer_id, key=key)

    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 9}
    assert stocked.buckets(stocked.lamp, stocked.berlin) == {"available": 2}
    assert stocked.buckets(stocked.mug, stocked.oslo) == {}
    assert (state(stocked, transfer_id), stocked.proves_sound()) == ("cancelled", True)
    with pytest.raises(TransferOver):
        receive(stocked, transfer_id, {stocked.mug: 1})


def test_turning_round_what_is_left_keeps_what_has_arrived(stocked: Merchant) -> None:
    transfer_id = ship(stocked, Carried(stocked.mug, 5))
    receive(stocked, transfer_id, {stocked.mug: 2})

    with stocked.work() as uow:
        cancel_transfer(uow, transfer_id, key="c1")

    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 7}
    assert stocked.buckets(stocked.mug, stocked.oslo) == {"available": 2}
    assert stocked.proves_sound()


def test_two_lines_of_one_sku_are_added_up_before_the_check(stocked: Merchant) -> None:
    with pytest.raises(OutOfStock) as refused:
        ship(stocked, Carried(stocked.mug, 5), Carried(stocked.mug, 5))

    assert [(each.wanted, each.available) for each in refused.value.shortages] == [(10, 9)]
    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 9}


def test_no_more_arrives_than_is_on_the_road(stocked: Merchant) -> None:
    transfer_id = ship(stocked, Carried(stocked.mug, 3))
    receive(stocked, transfer_id, {stocked.mug: 2})

    for arrived in ({stocked.mug: 2}, {stocked.lamp: 1}):
        with pytest.raises(MoreThanShipped):
            receive(stocked, transfer_id, arrived, key="r2")

    assert stocked.buckets(stocked.mug, stocked.oslo) == {"available": 2, "in_transit": 1}


@pytest.mark.parametrize("quantity", [0, -1, 10**12])
def test_a_quantity_nobody_can_mean_is_refused(stocked: Merchant, quantity: int) -> None:
    transfer_id = ship(stocked, Carried(stocked.mug, 3))

    with pytest.raises(Invalid):
        ship(stocked, Carried(stocked.mug, quantity), key="s2")
    with pytest.raises(Invalid):
        receive(stocked, transfer_id, {stocked.mug: quantity})


def test_goods_go_to_another_open_node_of_the_same_house(
    stocked: Merchant, globex: Merchant
) -> None:
    """TEN-05: with another's ids one gets what one gets for ids that nobody has."""
    transfer_id = ship(stocked, Carried(stocked.mug, 3))
    berlin, oslo = stocked.berlin, stocked.oslo
    mugs = [Carried(stocked.mug, 1)]

    with pytest.raises(Invalid), stocked.work() as uow:
        ship_transfer(uow, mugs, source=berlin, target=berlin, key="x")
    with pytest.raises(NotFound), stocked.work() as uow:
        ship_transfer(uow, mugs, source=berlin, target=globex.oslo, key="x")
    with pytest.raises(NotFound), stocked.work() as uow:
        ship_transfer(uow, [Carried(globex.mug, 1)], source=berlin, target=oslo, key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        receive_transfer(uow, transfer_id, {stocked.mug: 1}, key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        cancel_transfer(uow, transfer_id, key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        close_transfer(uow, transfer_id, reason="x", key="x")
    with pytest.raises(PermissionMissing), stocked.work(ANA) as uow:
        close_transfer(uow, transfer_id, reason="x", key="x")
    with pytest.raises(PermissionMissing), stocked.work(ANA) as uow:
        ship_transfer(uow, mugs, source=berlin, target=oslo, key="x")
    with stocked.work() as uow:
        retire_node(uow, oslo)
    with pytest.raises(NodeClosed), stocked.work() as uow:
        ship_transfer(uow, mugs, source=berlin, target=oslo, key="x")
    with pytest.raises(NodeClosed):
        receive(stocked, transfer_id, {stocked.mug: 1})

    assert stocked.proves_sound()
