"""Votes and numbers, recorded as they were taken at once: some order of them explains all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest

from commerce.numbers import next_number
from commerce.orders.service import place_order
from kernel.access import Actor, Permission
from kernel.audit import Subject
from kernel.clock import StoppedClock, monotonic_seconds
from kernel.config import Config
from kernel.errors import NotFound
from kernel.ids import ActorId
from kernel.ports import DirectoryMember
from kernel.uow import UnitOfWork
from tests.commerce.order_builders import a_shop
from tests.commerce.stock_builders import Merchant
from tests.concurrency.isolation import Taking, Transaction, anomalies, out_of_turn
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import PEOPLE, PeopleOfTheShop, definition
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime import queries
from workflow_engine.runtime.errors import TaskClosedAlready
from workflow_engine.runtime.tasks import votes_of
from workflow_engine.runtime.voting import Decision, vote

LEADS = [f"mem_lead{number}" for number in range(8)]
QUORUM = 5
SHELVES = ("north", "south")


class Throng(PeopleOfTheShop):
    """The shop, with eight leads who may approve."""

    people = PEOPLE | {
        name: DirectoryMember(ActorId(name), name, frozenset({"buyer_lead"})) for name in LEADS
    }

    def members(self, uow: UnitOfWork) -> Sequence[DirectoryMember]:
        return tuple(self.people.values())

    def members_with_role(self, uow: UnitOfWork, role: str) -> Sequence[ActorId]:
        return [each.id for each in self.people.values() if role in each.roles]

    def manager_of(self, uow: UnitOfWork, member_id: ActorId) -> ActorId | None:
        return self.people[member_id].manager_id

    def actor(self, uow: UnitOfWork, actor_id: ActorId) -> Actor:
        if actor_id not in self.people:
            raise NotFound("member", actor_id)
        return lead(actor_id)


def lead(name: str) -> Actor:
    found = Throng.people[name]
    granted = frozenset({Permission("tasks:vote"), Permission("tasks:read")})
    return Actor(found.id, "member", found.name, granted, roles=found.roles)


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """Two large orders of ACME's wait for five of eight leads each."""
    composed = Shop(config, clock, "local", directory=Throng())
    found_tenant(composed.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    document = definition()
    (approving,) = (state for state in document["states"] if state["id"] == "approving")
    approving["invoke"]["stages"][0]["quorum"] = {"approve": QUORUM, "reject": QUORUM}
    composed.publish_document(document)
    for shelf in SHELVES:
        composed.run_low(shelf, 40)
    yield composed
    composed.runtime.close()


def voter(
    shop: Shop, name: str, tasks: Sequence[str], history: list[Transaction]
) -> Callable[[], None]:
    """Somebody who votes on every task, in an order of their own, and notes what they saw."""
    mine = list(tasks)
    Random(name).shuffle(mine)

    def run() -> None:
        for task_id in mine:
            began, seen, is_committed = monotonic_seconds(), [], True
            try:
                with shop.runtime.unit_of_work(ACME, lead(name), work_class="batch") as uow:
                    task = vote(
                        uow, shop.engine, task_id, Decision("approve", None, "digest-of-40")
                    )
                    seen = [each.by for each in votes_of(uow, task) if each.by != name]
            except TaskClosedAlready:
                is_committed = False
            history.append(
                Transaction(
                    f"{name} on {task_id}",
                    {task_id: sorted(seen)} if is_committed else {},
                    [(task_id, name)] if is_committed else [],
                    is_committed,
                    began,
                    monotonic_seconds(),
                )
            )

    return run


def in_order_of_growth(history: Sequence[Transaction]) -> list[Transaction]:
    """Votes are read as a set: write each as the list in which it grew, if it grew at all."""
    grown: dict[object, list[str]] = {}
    read = [(key, values) for each in history for key, values in each.reads.items()]
    for key, values in sorted(read, key=lambda each: len(each[1])):
        known = grown.setdefault(key, [])
        known += sorted(set(values) - set(known))
    return [
        Transaction(
            each.name,
            {
                key: [value for value in grown[key] if value in values]
                for key, values in each.reads.items()
            },
            each.appends,
            each.is_committed,
            each.began,
            each.ended,
        )
        for each in history
    ]


@pytest.mark.parametrize("round_", range(2))
def test_some_order_explains_every_vote(shop: Shop, round_: int) -> None:
    """REL-13: no vote is lost, none is cast on an old count, none counts after the decision."""
    with shop.runtime.unit_of_work(ACME, lead(LEADS[0])) as uow:
        tasks = [task.id for task in queries.tasks_for(uow)]
    history: list[Transaction] = []

    told = race([voter(shop, name, tasks, history) for name in LEADS])

    assert raised(told, TaskClosedAlready) == 0
    assert len(tasks) == len(SHELVES)
    committed = [each for each in history if each.is_committed]
    assert len(committed) == QUORUM * len(tasks)
    assert anomalies(in_order_of_growth(history), in_real_time=True) == []
    for task_id in tasks:
        seen = sorted(len(each.reads[task_id]) for each in committed if task_id in each.reads)
        assert seen == list(range(QUORUM))
    assert shop.pottery.calls != []
    assert len(set(shop.pottery.calls)) == len(SHELVES)


def test_two_votes_on_one_count_are_flagged() -> None:
    """The checker's own test: who read the same count cannot both have been next."""
    history = [
        Transaction("ana", {"task": []}, [("task", "ana")]),
        Transaction("bob", {"task": []}, [("task", "bob")]),
        Transaction("cleo", {"task": ["ana", "bob"]}, [("task", "cleo")]),
    ]

    assert anomalies(in_order_of_growth(history)) != []


class ChangedMind(Exception):
    """Somebody who took a number and then did not want it."""


def clerk(merchant: Merchant, number: int, takings: list[Taking]) -> Callable[[], None]:
    """Somebody who takes numbers of one series, and sometimes undoes what they did."""
    chance = Random(number)

    def run() -> None:
        for _ in range(6):
            began, taken = monotonic_seconds(), None
            try:
                with merchant.work() as uow:
                    found = next_number(uow, "return")
                    uow.record("tests.take_number", Subject("series", "return"))
                    if chance.random() < 0.3:
                        raise ChangedMind
                taken = found
            except ChangedMind:
                pass
            takings.append(Taking(taken, began, monotonic_seconds()))

    return run


def test_numbers_are_given_out_in_turn_though_some_are_given_back(acme: Merchant) -> None:
    """REL-13: one counter, whatever is rolled back."""
    takings: list[Taking] = []

    told = race([clerk(acme, number, takings) for number in range(8)])

    assert raised(told, ChangedMind) == 0
    assert any(each.number is None for each in takings)
    assert out_of_turn(takings) == []


def test_orders_get_their_numbers_in_turn(acme: Merchant) -> None:
    """REL-13: whoever was answered has a smaller number than whoever asks afterwards."""
    acme.stock(acme.mug, acme.berlin, 500)
    shop = a_shop(acme)
    moments: dict[str, tuple[float, float]] = {}

    def channel(name: str) -> Callable[[], None]:
        def run() -> None:
            for turn in range(4):
                began = monotonic_seconds()
                with acme.work() as uow:
                    placed = place_order(uow, shop.order(number=f"{name}-{turn}"))
                moments[placed.order_id] = (began, monotonic_seconds())

        return run

    told = race([channel(f"C{number}") for number in range(6)])

    assert raised(told, ChangedMind) == 0
    numbers = {each["order_id"]: each["number"] for each in shop.events("order.placed")}
    assert len(numbers) == 24
    assert out_of_turn([Taking(numbers[each], *moments[each]) for each in moments]) == []
    assert shop.proves_sound()
