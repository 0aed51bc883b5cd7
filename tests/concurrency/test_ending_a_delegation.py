"""A delegation is ended while its stand-in votes: one comes first, and the other sees it."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from kernel.clock import StoppedClock
from kernel.config import Config
from tests.concurrency.racing import race
from tests.concurrency.test_votes_at_once import is_sound, votes, wait_for_a_waiter
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.lending import MorePeople, lend, lendable, person
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.delegating import NewDelegation, delegate, end_delegation
from workflow_engine.runtime.errors import DelegatedAlready, NotYours
from workflow_engine.runtime.voting import Decision, vote

APPROVE = Decision("approve", None, "digest-of-40")


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """Ana's large order waits for a lead; Bob has let Dan answer for him."""
    composed = Shop(config, clock, "local", directory=MorePeople())
    found_tenant(composed.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    composed.publish_document(lendable())
    composed.run_low("north", 40)
    yield composed
    composed.runtime.close()


def voter(shop: Shop) -> Callable[[], object]:
    task_id = shop.task().id

    def cast() -> object:
        with shop.runtime.unit_of_work(ACME, person("dan"), work_class="batch") as uow:
            return vote(uow, shop.engine, task_id, APPROVE).outcome

    return cast


def ender(shop: Shop, delegation_id: str) -> Callable[[], object]:
    def end() -> object:
        with shop.runtime.unit_of_work(ACME, person("bob"), work_class="batch") as uow:
            return end_delegation(uow, delegation_id).ended_at

    return end


def beside(work: Callable[[], object]) -> tuple[Thread, list[object]]:
    """Start somebody in a transaction of their own; what they were told is put into the list."""
    told: list[object] = []

    def go() -> None:
        try:
            told.append(work())
        except Exception as refusal:
            told.append(refusal)

    thread = Thread(target=go, daemon=True)
    thread.start()
    return thread, told


def test_a_vote_waits_for_the_end_that_came_first_and_is_refused(
    shop: Shop, database: Cluster
) -> None:
    lent = lend(shop, "bob", "dan")

    with shop.runtime.unit_of_work(ACME, person("bob"), work_class="batch") as uow:
        end_delegation(uow, lent)
        thread, told = beside(voter(shop))
        wait_for_a_waiter(database)
    thread.join(30)

    assert [(type(each), getattr(each, "reason", "")) for each in told] == [
        (NotYours, "approval.not_a_candidate")
    ]
    assert votes(shop) == []
    assert is_sound(shop)


def test_an_end_waits_for_the_vote_that_came_first(shop: Shop, database: Cluster) -> None:
    lent = lend(shop, "bob", "dan")
    task_id = shop.task().id

    with shop.runtime.unit_of_work(ACME, person("dan"), work_class="batch") as uow:
        vote(uow, shop.engine, task_id, APPROVE)
        thread, told = beside(ender(shop, lent))
        wait_for_a_waiter(database)
    thread.join(30)

    assert len(told) == 1
    assert not isinstance(told[0], Exception)
    assert (votes(shop), shop.task().outcome) == ([("mem_dan", "approve")], "approved")
    assert is_sound(shop)


def test_at_once_either_the_vote_counts_or_it_is_refused(shop: Shop) -> None:
    lent = lend(shop, "bob", "dan")

    outcomes = race([voter(shop), ender(shop, lent)])

    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, NotYours) for each in refused)
    assert len(votes(shop)) + len(refused) == 1
    assert is_sound(shop)


def test_of_two_that_begin_the_same_at_once_one_is_told(shop: Shop) -> None:
    with shop.runtime.unit_of_work(ACME, person("bob")) as uow:
        wish = NewDelegation("mem_dan", uow.now.replace(year=uow.now.year + 1))

    def begin() -> object:
        with shop.runtime.unit_of_work(ACME, person("bob"), work_class="batch") as uow:
            return delegate(uow, wish).id

    outcomes = race([begin, begin])

    assert [type(each) for each in outcomes if isinstance(each, Exception)] == [DelegatedAlready]
