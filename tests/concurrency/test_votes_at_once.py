"""Two people decide one task at the same moment: one decides, the other is told."""

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Thread
from time import sleep

import psycopg
import pytest
from sqlalchemy import select

from kernel.access import Actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.verification import verify
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import member
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.errors import NotYours, TaskClosedAlready
from workflow_engine.runtime.task_tables import TaskVote
from workflow_engine.runtime.voting import Decision, vote

ANA, BOB, CLEO = member("mem_ana"), member("mem_bob"), member("mem_cleo")
DIGEST = "digest-of-40"
APPROVE, REJECT = Decision("approve", None, DIGEST), Decision("reject", "We have cups.", DIGEST)


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    """A large order of ACME's waits for one of two people."""
    composed = Shop(config, clock, "local")
    found_tenant(composed.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    composed.publish()
    composed.run_low("north", 40)
    yield composed
    composed.runtime.close()


def ballot(shop: Shop, voter: Actor, decision: Decision) -> Callable[[], object]:
    """Return somebody who votes on the only task, in a transaction of their own."""
    task_id = shop.task().id

    def cast() -> object:
        with shop.runtime.unit_of_work(ACME, voter, work_class="batch") as uow:
            return vote(uow, shop.engine, task_id, decision).outcome

    return cast


def votes(shop: Shop) -> list[tuple[str, str]]:
    with shop.runtime.unit_of_work(ACME, BOB) as uow:
        rows = uow.session.scalars(select(TaskVote))
        return [(row.voter_id, row.decision) for row in rows]


def is_sound(shop: Shop) -> bool:
    with shop.runtime.unit_of_work(ACME, BOB, work_class="batch") as uow:
        return verify(uow, shop.runtime.seal).faults == []


def test_of_two_who_approve_at_once_one_decides_and_the_other_is_told(shop: Shop) -> None:
    outcomes = race([ballot(shop, BOB, APPROVE), ballot(shop, CLEO, APPROVE)])

    assert raised(outcomes, TaskClosedAlready) == 1
    assert len(votes(shop)) == 1
    assert len(shop.pottery.calls) == 1
    assert (shop.states(), shop.task().outcome) == (["waiting"], "approved")
    assert is_sound(shop)


def test_approval_and_rejection_at_once_end_with_one_of_them(shop: Shop) -> None:
    outcomes = race([ballot(shop, BOB, APPROVE), ballot(shop, CLEO, REJECT)])

    assert raised(outcomes, TaskClosedAlready) == 1
    ((_voter, decision),) = votes(shop)
    assert (decision, shop.task().outcome, len(shop.pottery.calls)) in (
        ("approve", "approved", 1),
        ("reject", "rejected", 0),
    )
    assert is_sound(shop)


def test_one_person_who_votes_eight_times_at_once_has_voted_once(shop: Shop) -> None:
    outcomes = race([ballot(shop, BOB, APPROVE) for _ in range(8)])

    assert raised(outcomes, TaskClosedAlready) == 7
    assert votes(shop) == [("mem_bob", "approve")]
    assert len(shop.pottery.calls) == 1


def test_a_requester_gets_nowhere_in_the_throng(shop: Shop) -> None:
    outcomes = race(
        [ballot(shop, ANA, APPROVE), ballot(shop, BOB, APPROVE), ballot(shop, ANA, APPROVE)]
    )

    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds[NotYours] + kinds[TaskClosedAlready] == 2
    assert votes(shop) == [("mem_bob", "approve")]


def test_who_votes_while_another_decides_waits_and_is_then_told(
    shop: Shop, database: Cluster
) -> None:
    """The run is locked before anything of the task is read: nothing is decided on old votes."""
    late = ballot(shop, CLEO, APPROVE)
    told: list[object] = []

    def come_late() -> None:
        try:
            told.append(late())
        except Exception as refusal:
            told.append(refusal)

    with shop.runtime.unit_of_work(ACME, BOB, work_class="batch") as uow:
        vote(uow, shop.engine, shop.task().id, APPROVE)
        newcomer = Thread(target=come_late, daemon=True)
        newcomer.start()
        wait_for_a_waiter(database)
    newcomer.join(30)

    assert [type(each) for each in told] == [TaskClosedAlready]
    assert votes(shop) == [("mem_bob", "approve")]


def wait_for_a_waiter(database: Cluster) -> None:
    """Return once somebody waits for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for _ in range(2000):
            if connection.execute(query).fetchone():
                return
            sleep(0.01)
    raise AssertionError("nobody waits")
