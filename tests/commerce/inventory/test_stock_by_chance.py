"""Stock against a naive reference: whatever is asked in whatever order, both say the same."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from commerce.ids import NodeId, OrderLineId, ReservationId
from commerce.inventory import commitments, goods, service
from commerce.inventory.allocation import Demand
from commerce.inventory.commitments import Commitment
from commerce.inventory.errors import OutOfStock, ReservationEnded
from commerce.inventory.goods import Source
from commerce.inventory.service import Owner
from kernel.clock import StoppedClock
from tests.commerce.builders import a_sku
from tests.commerce.stock_builders import Merchant

EMPTY = {"available": 0, "reserved": 0, "committed": 0}
units = st.integers(1, 6)
sides = st.sampled_from(["berlin", "oslo"])


class StockByChance(RuleBasedStateMachine):
    """Two shelves of one SKU; the reference is a dictionary of numbers and a list of holds."""

    shop: Merchant
    clock: StoppedClock
    round = 0

    @initialize()
    def begin(self) -> None:
        """Start with a SKU that nobody has stocked yet."""
        StockByChance.round += 1
        self.step = 0
        with self.shop.work() as uow:
            self.sku_id = a_sku(uow, code=f"MUG-{StockByChance.round}").id
        self.held = {side: dict(EMPTY) for side in ("berlin", "oslo")}
        self.holds: dict[ReservationId, tuple[str, int, datetime | None]] = {}
        self.lines: dict[OrderLineId, tuple[str, int]] = {}

    def node(self, side: str) -> NodeId:
        """Return the node of a side."""
        return self.shop.berlin if side == "berlin" else self.shop.oslo

    def key(self) -> str:
        """Return a key that no command has had."""
        self.step += 1
        return f"{StockByChance.round}/{self.step}"

    def demand(self, side: str, quantity: int) -> Demand:
        """Spell units at a side."""
        return Demand(self.sku_id, self.node(side), quantity)

    def shift(self, side: str, source: str | None, target: str | None, quantity: int) -> None:
        """Move units in the reference."""
        for bucket, change in ((source, -quantity), (target, quantity)):
            if bucket is not None:
                self.held[side][bucket] += change

    def ended(self, side: str) -> list[ReservationId]:
        """Return the holds of a side whose time is up: whoever locks the shelf frees them."""
        return [
            hold
            for hold, (where, _quantity, ends) in self.holds.items()
            if where == side and ends is not None and ends <= self.clock.now()
        ]

    def free(self, side: str) -> int:
        """Return what can be promised at a side."""
        over = sum(self.holds[hold][1] for hold in self.ended(side))
        return self.held[side]["available"] + over

    def tidy(self, side: str) -> None:
        """Free the holds whose time is up; a refusal undoes that, so only success does it."""
        for hold in self.ended(side):
            _side, quantity, _ends = self.holds.pop(hold)
            self.shift(side, "reserved", "available", quantity)

    @rule(side=sides, quantity=units)
    def receive(self, side: str, quantity: int) -> None:
        """Goods come in."""
        with self.shop.work() as uow:
            source = Source("delivery", "d")
            goods.receive(uow, [self.demand(side, quantity)], source=source, key=self.key())
        self.shift(side, None, "available", quantity)

    @rule(side=sides, quantity=units, hours=st.sampled_from([None, 1, 3]))
    def reserve(self, side: str, quantity: int, hours: int | None) -> None:
        """Somebody holds units, each under an owner of their own."""
        ends = self.clock.now() + timedelta(hours=hours) if hours else None
        key = self.key()
        owner, wanted = Owner("cart", key), [self.demand(side, quantity)]
        try:
            with self.shop.work() as uow:
                (hold,) = service.reserve(uow, wanted, owner=owner, key=key, expires_at=ends)
        except OutOfStock as refusal:
            told = refusal.shortages[0].available
            matches = told == self.free(side) < quantity
            assert matches, (told, self.free(side), quantity)
            return
        self.tidy(side)
        self.holds[hold] = (side, quantity, ends)
        self.shift(side, "available", "reserved", quantity)

    @precondition(lambda self: self.holds)
    @rule(chance=st.data())
    def release(self, chance: st.DataObject) -> None:
        """A hold is given back."""
        hold = chance.draw(st.sampled_from(sorted(self.holds)))
        side, quantity, _ends = self.holds.pop(hold)
        with self.shop.work() as uow:
            given_back = service.release(uow, [hold], key=self.key())
        assert given_back == [self.demand(side, quantity)]
        self.shift(side, "reserved", "available", quantity)

    @precondition(lambda self: self.holds)
    @rule(chance=st.data())
    def convert(self, chance: st.DataObject) -> None:
        """A hold becomes an allocation, unless its time is up."""
        hold = chance.draw(st.sampled_from(sorted(self.holds)))
        side, quantity, ends = self.holds[hold]
        line = OrderLineId(f"line/{self.key()}")
        try:
            with self.shop.work() as uow:
                key = self.key()
                commitments.convert(uow, [hold], order_line_id=line, priority=1, key=key)
        except ReservationEnded:
            assert ends is not None
            assert ends <= self.clock.now()
        else:
            del self.holds[hold]
            self.lines[line] = (side, quantity)
            self.shift(side, "reserved", "committed", quantity)

    @rule(side=sides, quantity=units)
    def allocate(self, side: str, quantity: int) -> None:
        """Units are committed to a line."""
        line = OrderLineId(f"line/{self.key()}")
        try:
            with self.shop.work() as uow:
                wanted = Commitment(line, self.demand(side, quantity), 1)
                commitments.allocate(uow, [wanted], key=self.key())
        except OutOfStock:
            assert self.free(side) < quantity
            return
        self.tidy(side)
        self.lines[line] = (side, quantity)
        self.shift(side, "available", "committed", quantity)

    @precondition(lambda self: self.lines)
    @rule(chance=st.data())
    def deallocate(self, chance: st.DataObject) -> None:
        """A line gives its units back."""
        line = chance.draw(st.sampled_from(sorted(self.lines)))
        side, quantity = self.lines.pop(line)
        with self.shop.work() as uow:
            given_back = commitments.deallocate(uow, [line], key=self.key())
        assert given_back == [self.demand(side, quantity)]
        self.shift(side, "committed", "available", quantity)

    @rule(hours=st.integers(1, 4))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.clock.pass_time(timedelta(hours=hours))

    @invariant()
    def both_say_the_same(self) -> None:
        """Compare."""
        if not hasattr(self, "held"):
            return
        for side in ("berlin", "oslo"):
            held = self.shop.buckets(self.sku_id, self.node(side))
            assert {**EMPTY, **{str(name): n for name, n in held.items()}} == self.held[side]

    def teardown(self) -> None:
        """Prove the ledger once all is done."""
        assert self.shop.proves_sound()


def test_stock_and_a_naive_reference_never_disagree(acme: Merchant, clock: StoppedClock) -> None:
    """REL-21: a state machine over every verb that holds, commits and gives back."""

    class Bound(StockByChance):
        shop = acme

    Bound.clock = clock
    case = Bound.TestCase
    case.settings = settings(
        max_examples=6,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()


@pytest.fixture(autouse=True)
def begin_anew() -> None:
    """Keys of commands begin with the round; rounds are counted from here."""
    StockByChance.round = 0
