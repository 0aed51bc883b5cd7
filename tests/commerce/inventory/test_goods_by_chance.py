"""Goods that come, go, are lost, carried and corrected, beside a naive reference."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from commerce.ids import OrderLineId, ReservationId, TransferId
from commerce.inventory import goods
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.moving import move_reservation
from commerce.inventory.shortfalls import SHORTFALLS, Shortfall, hand_over, lose
from commerce.inventory.transfers import (
    Carried,
    cancel_transfer,
    close_transfer,
    receive_transfer,
    ship_transfer,
)
from kernel.audit import Subject
from kernel.clock import StoppedClock
from tests.commerce.inventory.test_stock_by_chance import EMPTY, StockByChance, sides, units
from tests.commerce.stock_builders import Merchant

NOTHING = {**EMPTY, "damaged": 0, "in_transit": 0}
OTHER = {"berlin": "oslo", "oslo": "berlin"}


class GoodsByChance(StockByChance):
    """Everything that holds, commits and gives back, and everything by which goods move."""

    @initialize()
    def begin(self) -> None:
        """Start with a SKU that nobody has stocked yet, and all buckets."""
        super().begin()
        self.held = {side: dict(NOTHING) for side in OTHER}
        self.roads: dict[TransferId, tuple[str, int]] = {}

    @rule(side=sides, difference=st.integers(-6, 6).filter(bool))
    def adjust(self, side: str, difference: int) -> None:
        """What is available is corrected; what is held stays held."""
        try:
            with self.shop.work() as uow:
                shelf = self.demand(side, 1).shelf
                goods.adjust(uow, shelf, difference, reason="found", key=self.key())
        except OutOfStock:
            assert self.free(side) + difference < 0
            return
        self.tidy(side)
        self.shift(side, None, "available", difference)

    @rule(side=sides, counted=st.integers(0, 12))
    def count(self, side: str, counted: int) -> None:
        """What is on hand is set to what was counted, unless more is held."""
        on_hand = sum(self.held[side][bucket] for bucket in (*EMPTY, "damaged"))
        try:
            with self.shop.work() as uow:
                shelf = self.demand(side, 1).shelf
                found = goods.count(
                    uow, shelf, counted, expected_quantity=on_hand, reason="x", key=self.key()
                )
        except OutOfStock:
            assert self.free(side) + counted - on_hand < 0
            return
        assert found == counted - on_hand
        if found:
            self.tidy(side)
            self.shift(side, None, "available", found)

    @rule(side=sides, quantity=units)
    def carry(self, side: str, quantity: int) -> None:
        """Units are carried to the other node at once."""
        try:
            with self.shop.work() as uow:
                ways = {"source": self.node(side), "target": self.node(OTHER[side])}
                goods.transfer(uow, self.sku_id, quantity, key=self.key(), **ways)
        except OutOfStock:
            assert self.free(side) < quantity
            return
        self.tidy(side)
        self.tidy(OTHER[side])
        self.shift(side, "available", None, quantity)
        self.shift(OTHER[side], None, "available", quantity)

    @rule(side=sides, quantity=units)
    def ship(self, side: str, quantity: int) -> None:
        """Units leave for the other node."""
        carried = [Carried(self.sku_id, quantity)]
        try:
            with self.shop.work() as uow:
                ways = {"source": self.node(side), "target": self.node(OTHER[side])}
                transfer_id = ship_transfer(uow, carried, key=self.key(), **ways)
        except OutOfStock:
            assert self.free(side) < quantity
            return
        self.tidy(side)
        self.tidy(OTHER[side])
        self.shift(side, "available", None, quantity)
        self.shift(OTHER[side], None, "in_transit", quantity)
        self.roads[transfer_id] = (side, quantity)

    @precondition(lambda self: bool(getattr(self, "roads", None)))
    @rule(chance=st.data(), how=st.sampled_from(["arrive", "turn round", "write off"]))
    def end_on_the_road(self, chance: st.DataObject, how: str) -> None:
        """Some of it arrives, or all the rest turns round, or is written off."""
        transfer_id = chance.draw(st.sampled_from(sorted(self.roads)))
        side, on_the_road = self.roads.pop(transfer_id)
        there = OTHER[side]
        with self.shop.work() as uow:
            if how == "arrive":
                arrived = chance.draw(st.integers(1, on_the_road))
                receive_transfer(uow, transfer_id, {self.sku_id: arrived}, key=self.key())
                self.shift(there, "in_transit", "available", arrived)
                if on_the_road > arrived:
                    self.roads[transfer_id] = (side, on_the_road - arrived)
            elif how == "turn round":
                cancel_transfer(uow, transfer_id, key=self.key())
                self.shift(there, "in_transit", None, on_the_road)
                self.shift(side, None, "available", on_the_road)
            else:
                lost = close_transfer(uow, transfer_id, reason="robbed", key=self.key())
                assert lost == on_the_road
                self.shift(there, "in_transit", None, on_the_road)

    @precondition(lambda self: self.lines)
    @rule(chance=st.data())
    def hand_over(self, chance: st.DataObject) -> None:
        """A line's units leave for its customer."""
        line = chance.draw(st.sampled_from(sorted(self.lines)))
        side, quantity = self.lines.pop(line)
        with self.shop.work() as uow:
            left = hand_over(uow, [line], shipment_id="shp", key=self.key())
            uow.record("tests.ship", Subject("order_line", line))
        assert left == {line: [self.demand(side, quantity)]}
        self.shift(side, "committed", None, quantity)

    @precondition(lambda self: self.lines)
    @rule(chance=st.data(), why=st.sampled_from(SHORTFALLS))
    def fall_short(self, chance: st.DataObject, why: Shortfall) -> None:
        """Some of a line's units are not there, or are broken."""
        line: OrderLineId = chance.draw(st.sampled_from(sorted(self.lines)))
        side, quantity = self.lines.pop(line)
        lost = chance.draw(st.integers(1, quantity))
        with self.shop.work() as uow:
            lose(uow, line, lost, why=why, key=self.key())
            uow.record("tests.lose", Subject("order_line", line))
        self.shift(side, "committed", "damaged" if why == "damaged" else None, lost)
        if why == "not_in_stock":
            self.shift(side, "available", None, self.held[side]["available"])
        if quantity > lost:
            self.lines[line] = (side, quantity - lost)

    @precondition(lambda self: self.holds)
    @rule(chance=st.data())
    def move(self, chance: st.DataObject) -> None:
        """A hold moves to the other node, where that has the units."""
        hold: ReservationId = chance.draw(st.sampled_from(sorted(self.holds)))
        side, quantity, ends = self.holds[hold]
        there = OTHER[side]
        try:
            with self.shop.work() as uow:
                move_reservation(uow, hold, self.node(there), key=self.key())
        except ReservationEnded:
            assert hold in self.ended(side)
        except OutOfStock:
            assert self.free(there) < quantity
        else:
            self.tidy(side)
            self.tidy(there)
            self.holds[hold] = (there, quantity, ends)
            self.shift(side, "reserved", "available", quantity)
            self.shift(there, "available", "reserved", quantity)

    @invariant()
    def both_say_the_same(self) -> None:
        """Compare every bucket."""
        if not hasattr(self, "roads"):
            return
        for side in OTHER:
            held = self.shop.buckets(self.sku_id, self.node(side))
            assert {**NOTHING, **{str(name): n for name, n in held.items()}} == self.held[side]


def test_goods_and_a_naive_reference_never_disagree(acme: Merchant, clock: StoppedClock) -> None:
    """REL-21: a state machine over every verb by which units move."""

    class Bound(GoodsByChance):
        shop = acme

    Bound.clock = clock
    case = Bound.TestCase
    case.settings = settings(
        max_examples=8,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()


@pytest.fixture(autouse=True)
def begin_anew() -> None:
    """Keys of commands begin with the round; rounds are counted from here."""
    StockByChance.round = 0
