"""Whatever buyers, pickers and drivers do at once, some order of it explains every answer.

The ledger numbers the movements of a shelf, so it names the one order that has to explain all: it
must not contradict the clock, and a naive shelf that follows it must give every answer that was
given, the refusals among them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import pytest
from sqlalchemy import select

from commerce.ids import ReservationId
from commerce.inventory import goods, service
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import OutOfStock
from commerce.inventory.goods import Source
from commerce.inventory.service import Owner
from commerce.inventory.tables import StockLedgerRow
from kernel.clock import monotonic_seconds
from tests.commerce.stock_builders import Merchant
from tests.concurrency.isolation import Taking, out_of_turn
from tests.concurrency.racing import race, raised

PEOPLE = 6
DEEDS = 8


@dataclass(frozen=True)
class Deed:
    """What somebody asked for, when, and the answer: None is yes, a number what was left."""

    key: str
    wanted: int
    began: float
    ended: float
    left: int | None


def somebody(merchant: Merchant, number: int, deeds: list[Deed]) -> Callable[[], None]:
    """Return somebody who buys, gives back and brings goods, as chance has it."""
    chance = Random(number)
    held: list[ReservationId] = []

    def act(key: str, wanted: int) -> None:
        demand = Demand(merchant.mug, merchant.berlin, max(1, wanted))
        with merchant.work() as uow:
            if wanted:
                held.extend(service.reserve(uow, [demand], owner=Owner("cart", key), key=key))
            elif held:
                service.release(uow, [held.pop()], key=key)
            else:
                goods.receive(uow, [demand], source=Source("delivery", key), key=key)

    def run() -> None:
        for turn in range(DEEDS):
            key, wanted = f"deed-{number}-{turn}", chance.choice([0, 1, 2, 3])
            began, left = monotonic_seconds(), None
            try:
                act(key, wanted)
            except OutOfStock as refusal:
                left = refusal.shortages[0].available
            deeds.append(Deed(key, wanted, began, monotonic_seconds(), left))

    return run


def contradictions(deeds: Sequence[Deed], numbers: dict[str, int], levels: list[int]) -> list[str]:
    """Return every deed that no place in the ledger explains.

    `numbers` says which movement a deed made; `levels` what was available after each, from 0 on.
    """
    found = []
    for deed in deeds:
        first = max((numbers[each.key] for each in deeds if each.left is None
                     and each.ended < deed.began), default=1)  # fmt: skip
        last = min((numbers[each.key] for each in deeds if each.left is None
                    and each.began > deed.ended), default=len(levels))  # fmt: skip
        if deed.left is None:
            if (
                not first <= numbers[deed.key] <= last
                or levels[numbers[deed.key] - 1] < deed.wanted
            ):
                found.append(f"{deed} at {numbers[deed.key]}")
        elif not any(levels[at] == deed.left < deed.wanted for at in range(first, last)):
            found.append(f"{deed} between {first} and {last}")
    return found


@pytest.mark.parametrize("round_", range(3))
def test_some_order_explains_every_answer(acme: Merchant, round_: int) -> None:
    """REL-13: linearisable, with the ledger as the witness."""
    acme.stock(acme.mug, acme.berlin, 5)
    deeds: list[Deed] = []

    told = race([somebody(acme, round_ * 100 + number, deeds) for number in range(PEOPLE)])

    assert raised(told, OutOfStock) == 0
    with acme.work() as uow:
        rows = uow.session.scalars(select(StockLedgerRow).order_by(StockLedgerRow.seq)).all()
    numbers = {row.idempotency_key.split("/")[0]: row.seq for row in rows}
    levels = [0]
    for row in rows:
        gained = (row.bucket_to == "available") - (row.bucket_from == "available")
        levels.append(levels[-1] + gained * row.quantity)
    assert any(deed.left is not None for deed in deeds)
    assert min(levels) >= 0
    assert contradictions(deeds, numbers, levels) == []
    taken = [
        Taking(numbers[each.key], each.began, each.ended) for each in deeds if each.key in numbers
    ]
    assert out_of_turn(taken, first=2) == [], "the opening took number 1"
    assert acme.proves_sound()


def test_the_checker_finds_a_unit_that_was_sold_twice() -> None:
    """Two who got the last unit, and one who was refused while there was one."""
    numbers, levels = {"opening": 1, "a": 2, "b": 3}, [0, 1, 0, -1]
    first, second = Deed("a", 1, 1.0, 2.0, None), Deed("b", 1, 3.0, 4.0, None)
    refused = Deed("c", 1, 0.1, 0.5, 0)

    assert contradictions([first], numbers, levels) == []
    assert len(contradictions([first, second], numbers, levels)) == 1
    assert len(contradictions([first, refused], {"a": 2}, [0, 1, 0])) == 1
