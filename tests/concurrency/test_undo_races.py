"""A vote is taken back in the very moment in which it counts: one of the two happens, whole."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from kernel.access import Actor
from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.tenancy import move_clock
from kernel.verification import verify
from tests.concurrency.racing import race, raised
from tests.concurrency.test_votes_at_once import wait_for_a_waiter
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime.errors import NotYours, NoVoteWaits, VoteCounted
from workflow_engine.runtime.inbox import lock_run
from workflow_engine.runtime.task_tables import TaskVote, WaitingVote
from workflow_engine.runtime.voting import Decision, vote
from workflow_engine.runtime.withdrawing import withdraw_vote

BOB, CLEO = member("mem_bob"), member("mem_cleo")
DIGEST = "digest-of-40"
APPROVE, REJECT = Decision("approve", None, DIGEST), Decision("reject", "We have cups.", DIGEST)


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """A large order of ACME's waits for one of two people, whose votes can be undone."""
    shop = Shop(config, clock, "local", lease_seconds=1)
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    document = definition()
    for state in document["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0]["undo"] = "PT8S"
    shop.publish_document(document)
    shop.run_low("north", 40)
    yield shop
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.runtime.seal).faults == []
    shop.runtime.close()


def set_clock(shop: Shop, seconds: float) -> None:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        move_clock(uow, MONDAY + timedelta(seconds=seconds))


def casting(shop: Shop, voter: Actor, decision: Decision) -> Callable[[], object]:
    task_id = shop.task().id

    def cast() -> object:
        with shop.runtime.unit_of_work(ACME, voter, work_class="batch") as uow:
            return vote(uow, shop.engine, task_id, decision).id

    return cast


def taking_back(shop: Shop, voter: Actor) -> Callable[[], object]:
    task_id = shop.task().id

    def take_back() -> object:
        with shop.runtime.unit_of_work(ACME, voter, work_class="batch") as uow:
            return withdraw_vote(uow, task_id).id

    return take_back


def votes(shop: Shop) -> tuple[int, int]:
    """How many count, and how many wait."""
    with shop.runtime.unit_of_work(ACME, BOB) as uow:
        counts = len(uow.session.scalars(select(TaskVote)).all())
        return counts, len(uow.session.scalars(select(WaitingVote)).all())


def actions(shop: Shop) -> list[str]:
    with shop.runtime.unit_of_work(ACME, BOB) as uow:
        entries = uow.session.scalars(select(AuditEntry)).all()
    told = ("task.vote", "task.count_vote", "task.withdraw_vote")
    return sorted(each.action for each in entries if each.action in told)


def test_a_timer_that_waits_for_who_takes_the_vote_back_finds_nothing_to_count(
    shop: Shop, database: Cluster
) -> None:
    casting(shop, BOB, APPROVE)()
    worker = Thread(target=shop.runtime.drain_all, daemon=True)

    with shop.runtime.unit_of_work(ACME, BOB, work_class="batch") as uow:
        assert uow.now == MONDAY
        lock_run(uow, shop.run().id)
        set_clock(shop, 8)
        worker.start()
        wait_for_a_waiter(database)
        withdraw_vote(uow, shop.task().id)
    worker.join(30)

    assert (votes(shop), shop.states(), shop.pottery.calls) == ((0, 0), ["approving"], [])
    assert actions(shop) == ["task.vote", "task.withdraw_vote"]


def test_who_comes_in_time_but_behind_the_timer_is_told_that_it_counts(shop: Shop) -> None:
    casting(shop, BOB, APPROVE)()
    task_id, moved = shop.task().id, Event()
    told: list[BaseException] = []

    def come_in_time() -> None:
        try:
            with shop.runtime.unit_of_work(ACME, BOB, work_class="batch") as uow:
                assert uow.now < MONDAY + timedelta(seconds=8)
                moved.wait(30)
                withdraw_vote(uow, task_id)
        except VoteCounted as refusal:
            told.append(refusal)

    voter = Thread(target=come_in_time, daemon=True)
    voter.start()
    sleep(0.3)
    set_clock(shop, 8)
    shop.runtime.drain_all()
    moved.set()
    voter.join(30)

    assert [type(each) for each in told] == [VoteCounted]
    assert (votes(shop), shop.states()) == ((1, 0), ["waiting"])
    assert actions(shop) == ["task.count_vote", "task.vote"]


def test_of_eight_who_take_one_vote_back_one_does(shop: Shop) -> None:
    casting(shop, BOB, APPROVE)()

    outcomes = race([taking_back(shop, BOB) for _ in range(8)])

    assert raised(outcomes, NoVoteWaits) == 7
    assert actions(shop) == ["task.vote", "task.withdraw_vote"]


def test_of_two_who_vote_at_once_one_waits_to_count_and_the_other_is_told(shop: Shop) -> None:
    outcomes = race([casting(shop, BOB, APPROVE), casting(shop, CLEO, REJECT)])

    assert raised(outcomes, NotYours) == 1
    assert votes(shop) == (0, 1)
    set_clock(shop, 8)
    race([shop.runtime.drain_all, shop.runtime.drain_all])
    assert (votes(shop), len(actions(shop))) == ((1, 0), 2)


def test_a_worker_that_dies_while_it_counts_leaves_the_vote_to_another_process(
    shop: Shop, config: Config, clock: StoppedClock, database: Cluster
) -> None:
    """Who cast it is gone, and the first who counts dies before the commit: it counts once."""
    casting(shop, BOB, APPROVE)()
    set_clock(shop, 8)
    other = Shop(config, clock, "local", lease_seconds=1)
    dying = Thread(target=lambda: ended(shop.runtime.drain_all), daemon=True)
    with other.runtime.unit_of_work(ACME, BOB, work_class="batch") as uow:
        lock_run(uow, other.run().id)
        dying.start()
        wait_for_a_waiter(database)
        end_who_waits(database)
    dying.join(30)
    assert votes(other) == (0, 1)

    until = monotonic() + 30
    while votes(other) != (1, 0) and monotonic() < until:
        sleep(0.2)
        other.runtime.drain_all()

    assert (votes(other), other.states()) == ((1, 0), ["waiting"])
    assert actions(other) == ["task.count_vote", "task.vote"]
    assert len(shop.pottery.calls) + len(other.pottery.calls) == 1
    other.runtime.close()


def ended(work: Callable[[], None]) -> None:
    """Work until the connection is gone, as a process that is killed does."""
    with suppress(OperationalError):
        work()


def end_who_waits(database: Cluster) -> None:
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(query)
