"""Committed events reach their consumers at least once, and have their effect once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import select

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.events import DeliveredEvent, Event
from kernel.exceptions import ExceptionCase
from kernel.ids import EventId
from kernel.jobs import Job, JobKind, enqueue
from kernel.outbox import DELIVERY_ATTEMPTS_MAX, OutboxEvent, consumer_of
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.work import Claim, LostLease
from tests.conftest import ACME, Cluster, found_tenant

SHOP = system_actor("shop")


@dataclass(frozen=True)
class MugBroken(Event):
    """A mug fell."""

    name: ClassVar[str] = "mug.broken"

    mug_id: str


class Sweeper:
    """Counts fallen mugs in the database; fails as often as it is told to."""

    def __init__(self) -> None:
        self.failures_left = 0

    def receive(self, uow: UnitOfWork, event: DeliveredEvent) -> None:
        row = uow.session.get(Setting, (uow.tenant_id, "floor", "mugs.broken"))
        if row is None:
            row = Setting(
                tenant_id=uow.tenant_id, scope_id="floor", key="mugs.broken", value=0, locked=False
            )
            uow.session.add(row)
        row.value = row.value + 1
        uow.record("mugs.sweep", Subject("mug", event.data["mug_id"]))
        if self.failures_left:
            self.failures_left -= 1
            raise RuntimeError("the broom broke")


@pytest.fixture
def sweeper() -> Sweeper:
    return Sweeper()


@pytest.fixture
def shop(
    database: Cluster, config: Config, clock: StoppedClock, sweeper: Sweeper
) -> Iterator[Runtime]:
    def handler(uow: UnitOfWork, payload: object) -> None:
        assert isinstance(payload, dict)
        event = DeliveredEvent(EventId("evt_x"), "mug.broken", payload, uow.now, uow.actor.id)
        sweeper.receive(uow, event)

    composed = Runtime(
        config,
        ports=Ports(),
        consumers=[consumer_of("sweeper", [MugBroken], sweeper.receive)],
        job_kinds=[JobKind("mugs.sweep", handler)],
        clock=clock,
    )
    found_tenant(composed, ACME, "Acme Mugs")
    yield composed
    composed.close()


def break_a_mug(runtime: Runtime) -> str:
    with runtime.unit_of_work(ACME, SHOP) as uow:
        identity = uow.emit(MugBroken("mug_7"))
        uow.record("mugs.break", Subject("mug", "mug_7"))
    return identity


def broken(runtime: Runtime) -> int:
    with runtime.unit_of_work(ACME, SHOP) as uow:
        row = uow.session.get(Setting, (ACME, "floor", "mugs.broken"))
        return row.value if row is not None else 0


def test_a_committed_event_has_its_effect(shop: Runtime) -> None:
    break_a_mug(shop)

    shop.drain_all()

    assert broken(shop) == 1


def test_an_event_of_a_rolled_back_change_never_existed(shop: Runtime) -> None:
    """REL-01: nothing leaves before the commit."""
    with pytest.raises(RuntimeError), shop.unit_of_work(ACME, SHOP) as uow:
        uow.emit(MugBroken("mug_7"))
        uow.record("mugs.break", Subject("mug", "mug_7"))
        raise RuntimeError("power cut")

    shop.drain_all()

    assert broken(shop) == 0


def test_an_event_delivered_ten_times_has_its_effect_once(shop: Runtime) -> None:
    """REL-02: the inbox row is in the transaction of the effect."""
    identity = break_a_mug(shop)
    relay = shop.sources[0]

    for _ in range(10):
        with shop.unit_of_work(ACME, SHOP) as uow:
            uow.session.get_one(OutboxEvent, (ACME, identity)).settled_at = None
            uow.record("tests.deliver_again", Subject("event", identity))
        for claim in relay.claim(shop.database.engine, 5):
            relay.perform(claim)

    assert broken(shop) == 1


def test_an_event_that_commits_late_is_still_delivered(shop: Runtime) -> None:
    """REL-03: the relay asks which events are unsettled, never which ids are larger."""
    with shop.unit_of_work(ACME, SHOP) as slow:
        slow.emit(MugBroken("mug_slow"))
        slow.record("mugs.break", Subject("mug", "mug_slow"))
        break_a_mug(shop)
        shop.drain_all()
        assert broken(shop) == 1

    shop.drain_all()

    assert broken(shop) == 2


def test_a_failing_consumer_is_tried_again_and_leaves_nothing_half_done(
    shop: Runtime, sweeper: Sweeper, database: Cluster
) -> None:
    identity = break_a_mug(shop)
    sweeper.failures_left = 1

    shop.drain_all()
    assert broken(shop) == 0
    forget_the_pause(shop, OutboxEvent, identity)
    shop.drain_all()

    assert broken(shop) == 1


def test_an_event_that_fails_too_often_is_parked_and_given_to_a_person(
    shop: Runtime, sweeper: Sweeper
) -> None:
    """A failed event is retried, then parked where an operator sees it, never dropped."""
    identity = break_a_mug(shop)
    sweeper.failures_left = 99

    for _ in range(DELIVERY_ATTEMPTS_MAX):
        shop.drain_all()
        forget_the_pause(shop, OutboxEvent, identity)

    with shop.unit_of_work(ACME, SHOP) as uow:
        (case,) = uow.session.scalars(select(ExceptionCase)).all()
        assert (case.kind, case.subject_id) == ("event.undeliverable", identity)
        assert uow.session.get_one(OutboxEvent, (ACME, identity)).settled_at is not None


def test_a_job_is_done_once_with_its_completion(shop: Runtime) -> None:
    with shop.unit_of_work(ACME, SHOP) as uow:
        enqueue(uow, "mugs.sweep", {"mug_id": "mug_1"})
        uow.record("mugs.ask", Subject("mug", "mug_1"))

    shop.drain_all()
    shop.drain_all()

    assert broken(shop) == 1


def test_a_worker_whose_lease_was_taken_over_commits_nothing(shop: Runtime) -> None:
    """REL-05: its fence is no longer the row's."""
    with shop.unit_of_work(ACME, SHOP) as uow:
        job_id = enqueue(uow, "mugs.sweep", {"mug_id": "mug_1"})
        uow.record("mugs.ask", Subject("mug", "mug_1"))
    jobs = shop.sources[1]
    (claim,) = jobs.claim(shop.database.engine, 5)
    assert claim.id == job_id

    with pytest.raises(LostLease):
        jobs.perform(Claim(claim.tenant_id, claim.id, claim.fence - 1))

    assert broken(shop) == 0
    jobs.perform(claim)
    assert broken(shop) == 1


def test_a_job_without_a_known_actor_is_refused(shop: Runtime) -> None:
    """TEN-08: the database refuses a job without an actor."""
    with (
        pytest.raises(Exception, match="has_an_actor"),
        shop.unit_of_work(ACME, SHOP) as uow,
    ):
        enqueue(uow, "mugs.sweep", {"mug_id": "mug_1"})
        (job,) = uow.session.new
        assert isinstance(job, Job)
        job.actor_id = ""
        uow.record("mugs.ask", Subject("mug", "mug_1"))


def test_a_claim_is_taken_by_one_worker_only(shop: Runtime) -> None:
    """REL-04: a second claim finds nothing while the lease runs."""
    break_a_mug(shop)
    relay = shop.sources[0]

    first = relay.claim(shop.database.engine, 5)
    second = relay.claim(shop.database.engine, 5)

    assert (len(first), second) == (1, [])


def forget_the_pause(runtime: Runtime, table: type[OutboxEvent], identity: str) -> None:
    with runtime.unit_of_work(ACME, SHOP) as uow:
        uow.session.get_one(table, (ACME, identity)).next_at = None
        uow.record("tests.hurry", Subject("event", identity))
