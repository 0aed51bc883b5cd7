"""Another node serves a line; a channel is told what all its nodes can promise, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.catalog.service import retire_node
from commerce.ids import NodeId
from commerce.inventory.errors import NodeClosed, OutOfStock
from commerce.inventory.promising import ChannelPromise, NodeShare
from commerce.orders.availability import available_to_sell
from commerce.orders.errors import LineNotMovable
from commerce.orders.service import cancel_line, reroute_line
from commerce.warehouse.errors import AlreadyPacked
from kernel.errors import NotFound, PermissionMissing
from kernel.settings import write
from tests.commerce.builders import ANA, a_channel
from tests.commerce.order_builders import BERGEN, Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.commerce.warehouse_builders import Dock


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop, with nine mugs in Berlin and four in Oslo."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.mug, acme.oslo, 4)
    return a_shop(acme)


def test_a_line_is_served_by_another_node_and_its_parcel_asked_for_no_longer(
    acme: Merchant, shop: Shop
) -> None:
    order_id, dock = shop.place(mugs(3)), Dock(shop)
    (line,) = shop.lines(order_id)
    (first,) = dock.release(order_id)

    for key in ("m1", "m1", "m2"):
        with acme.work() as uow:
            reroute_line(uow, line.id, acme.oslo, key=key)
    (second,) = dock.release(order_id, key="second")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 1, "committed": 3}
    assert (dock.row(first).status, dock.row(second).node_id) == ("cancelled", acme.oslo)
    assert len(shop.events("order.line_rerouted")) == 1
    assert shop.proves_sound()
    dock.send(second)
    assert shop.outcomes(order_id) == [("fulfilled", 0)]
    assert shop.proves_sound()


def test_a_line_that_waits_is_served_where_all_of_it_is(acme: Merchant, shop: Shop) -> None:
    with acme.work() as uow:
        reroute_line(uow, shop.lines(shop.place(mugs(3)))[0].id, acme.oslo, key="m0")
    shop.place(mugs(8), number="A-2")
    waits = shop.place(mugs(2), number="A-3", collect_at=acme.oslo, ship_to=None)
    (line,) = shop.lines(waits)
    acme.stock(acme.mug, acme.berlin, 5, key="delivery")

    with acme.work() as uow:
        reroute_line(uow, line.id, acme.berlin, key="m1")

    assert shop.outcomes(waits) == [("allocated", 0)]
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 1, "committed": 3}
    assert shop.proves_sound()


def test_a_node_without_all_of_it_or_with_others_who_wait_does_not_get_the_line(
    acme: Merchant, shop: Shop
) -> None:
    (line,) = shop.lines(shop.place(mugs(5)))
    (small,) = shop.lines(shop.place(mugs(2), number="A-2"))
    with pytest.raises(OutOfStock), acme.work() as uow:
        reroute_line(uow, line.id, acme.oslo, key="m1")
    shop.place(mugs(12), number="A-3", ship_to=BERGEN)
    # Here already, and not handed out yet to whom they belong.
    acme.stock(acme.mug, acme.oslo, 5, key="delivery")

    with pytest.raises(OutOfStock), acme.work() as uow:
        reroute_line(uow, small.id, acme.oslo, key="m2")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 2, "committed": 7}
    assert shop.proves_sound()


def test_only_a_line_that_is_still_here_and_ones_own_is_moved_to_an_open_node(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    order_id, dock = shop.place(mugs(3)), Dock(shop)
    (line,) = shop.lines(order_id)
    (gone,) = shop.lines(shop.place(mugs(1), number="A-2"))
    with acme.work() as uow:
        cancel_line(uow, gone.id, reason="regret", key="c")

    with pytest.raises(LineNotMovable), acme.work() as uow:
        reroute_line(uow, gone.id, acme.oslo, key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        reroute_line(uow, line.id, globex.oslo, key="x")
    with pytest.raises(NotFound), acme.work() as uow:
        reroute_line(uow, line.id, globex.oslo, key="x")
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        reroute_line(uow, line.id, acme.oslo, key="x")
    (identity,) = dock.release(order_id)
    dock.pick(identity)
    dock.pack(identity)
    with pytest.raises(AlreadyPacked), acme.work() as uow:
        reroute_line(uow, line.id, acme.oslo, key="x")
    with acme.work() as uow:
        retire_node(uow, acme.oslo)
    with pytest.raises(NodeClosed), acme.work() as uow:
        reroute_line(uow, line.id, acme.oslo, key="x")

    assert shop.proves_sound()


def told(shop: Shop, **channel: object) -> ChannelPromise:
    """Return what the shop's channel may be told of mugs."""
    with shop.merchant.work() as uow:
        return available_to_sell(uow, shop.merchant.mug, shop.channel_id)


def test_a_channel_is_told_every_term_of_what_it_may_sell(acme: Merchant, shop: Shop) -> None:
    shop.place(mugs(12))
    with acme.work() as uow:
        write(uow, (), "inventory.safety_stock", 1)
        write(uow, (), "channel_stock.node_buffer", 1)
        write(uow, (acme.oslo,), "channel_stock.node_buffer", 2)
        write(uow, (shop.channel_id,), "channel_stock.network_threshold", 1)
    acme.stock(acme.mug, acme.berlin, 9, key="delivery")

    promise = told(shop)

    assert promise.why == [
        ("node BERLIN", 7), ("node OSLO", 1), ("unrouted_demand", -3), ("network_threshold", -1),
    ]  # fmt: skip
    assert promise.quantity == 4
    with acme.work() as uow:
        write(uow, (shop.channel_id,), "channel_stock.cap", 2)
    assert told(shop).quantity == 2


def test_lines_without_a_node_count_against_what_may_be_sold(acme: Merchant, shop: Shop) -> None:
    with acme.work() as uow:
        retire_node(uow, acme.oslo)
    shop.place(mugs(2), collect_at=acme.oslo, ship_to=None)

    assert told(shop).why == [
        ("node BERLIN", 9), ("unrouted_demand", -2), ("network_threshold", 0),
    ]  # fmt: skip


def test_a_store_sells_what_it_has_and_its_own_tenants_only(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    with acme.work() as uow:
        store = a_channel(uow, code="OSLO", name="Oslo", kind="store", node_id=acme.oslo).id
    with acme.work() as uow:
        promise = available_to_sell(uow, acme.mug, store)

    assert [each.node_id for each in promise.nodes] == [acme.oslo]
    assert promise.quantity == 4
    with pytest.raises(NotFound), globex.work() as uow:
        available_to_sell(uow, globex.mug, store)
    with globex.work() as uow:
        assert available_to_sell(uow, acme.mug, a_shop(globex).channel_id).quantity == 0
    with pytest.raises(PermissionMissing), acme.work(ANA) as uow:
        available_to_sell(uow, acme.mug, store)


def share(atp: int, buffer: int) -> NodeShare:
    """Spell what a node adds."""
    return NodeShare(NodeId("nod"), "NODE", atp, buffer)


def test_one_nodes_deficit_hides_nothing_of_anothers_stock() -> None:
    """Clamped node by node before they are added up."""
    promise = ChannelPromise([share(3, 50), share(10, 1)], 0, 0, 99)

    assert promise.quantity == 9


def test_the_worked_example_of_brokering_holds() -> None:
    """100 at five nodes, four of each kept back, a threshold of 10, and 50 not at a node yet."""
    promise = ChannelPromise([share(20, 4)] * 5, 50, 10, 999)

    assert promise.quantity == 20


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=6),
    st.integers(0, 40),
    st.integers(0, 20),
    st.integers(0, 60),
)
def test_no_channel_is_told_more_than_there_is_or_less_than_nothing(
    nodes: list[tuple[int, int]], unrouted: int, threshold: int, cap: int
) -> None:
    promise = ChannelPromise([share(*each) for each in nodes], unrouted, threshold, cap)

    assert 0 <= promise.quantity <= min(cap, sum(atp for atp, _buffer in nodes))
