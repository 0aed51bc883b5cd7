"""One event that two workers deliver at the same moment has its effect once (REL-02)."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import select

from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.outbox import InboxMessage, OutboxEvent, consumer_of
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.verification import verify
from kernel.work import Claim, LostLease
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, Cluster, found_tenant
from tests.kernel.test_outbox import SHOP, MugBroken, Sweeper, break_a_mug, broken


@pytest.fixture
def sweeper() -> Sweeper:
    return Sweeper()


@pytest.fixture
def shop(
    database: Cluster, config: Config, clock: StoppedClock, sweeper: Sweeper
) -> Iterator[Runtime]:
    """Two consumers want each broken mug: one notes it, the other sweeps and settles."""

    def note(uow: UnitOfWork, event: object) -> None:
        row = Setting(
            tenant_id=uow.tenant_id, scope_id=uow.new_id("note"), key="note", value=1, locked=False
        )
        uow.session.add(row)

    composed = Runtime(
        config,
        ports=Ports(),
        consumers=[
            consumer_of("notebook", [MugBroken], note),
            consumer_of("sweeper", [MugBroken], sweeper.receive),
        ],
        clock=clock,
    )
    found_tenant(composed, ACME, "Acme Mugs")
    yield composed
    composed.close()


def noted(shop: Runtime) -> int:
    with shop.unit_of_work(ACME, SHOP) as uow:
        return len(uow.session.scalars(select(Setting).where(Setting.key == "note")).all())


def claims(shop: Runtime, database: Cluster, times: int) -> list[Claim]:
    """Claim the only event again and again, as workers do whose predecessors' leases ran out."""
    found = []
    for _ in range(times):
        time_passes(database)
        found += shop.sources[0].claim(shop.database.engine, 1)
    return found


def time_passes(database: Cluster) -> None:
    """Let every pause and every lease end."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE outbox SET lease_until = NULL, next_at = NULL")


def test_two_workers_at_once_have_one_effect_and_one_gives_up(
    shop: Runtime, database: Cluster
) -> None:
    break_a_mug(shop)
    earlier, later = claims(shop, database, 2)
    assert earlier.fence < later.fence
    relay = shop.sources[0]

    outcomes = race([lambda: relay.perform(earlier), lambda: relay.perform(later)])

    assert raised(outcomes, LostLease) >= 1
    settle(shop, database)
    assert (broken(shop), noted(shop)) == (1, 1)


def test_one_claim_performed_eight_times_at_once_has_one_effect(
    shop: Runtime, database: Cluster
) -> None:
    break_a_mug(shop)
    (claim,) = claims(shop, database, 1)
    relay = shop.sources[0]

    raised(race([lambda: relay.perform(claim) for _ in range(8)]), LostLease)

    settle(shop, database)
    assert (broken(shop), noted(shop)) == (1, 1)
    with shop.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert len(uow.session.scalars(select(InboxMessage)).all()) == 2
        assert verify(uow, shop.seal).faults == []


def settle(shop: Runtime, database: Cluster) -> None:
    """Deliver what those who met each other left."""
    time_passes(database)
    shop.drain_all()
    with shop.unit_of_work(ACME, SHOP) as uow:
        assert uow.session.scalars(select(OutboxEvent.settled_at)).one() is not None


def test_a_consumer_that_fails_holds_up_no_other(
    shop: Runtime, sweeper: Sweeper, database: Cluster
) -> None:
    """The notebook has it once, however often the sweeper is tried."""
    sweeper.failures_left = 2
    break_a_mug(shop)

    for swept in (0, 0, 1):
        time_passes(database)
        shop.drain_all()
        assert (broken(shop), noted(shop)) == (swept, 1)


def test_a_consumer_after_one_that_never_succeeds_gets_the_event(
    database: Cluster, config: Config, clock: StoppedClock, sweeper: Sweeper
) -> None:
    def refuse(uow: UnitOfWork, event: object) -> None:
        raise RuntimeError("always")

    shop = Runtime(
        config,
        ports=Ports(),
        consumers=[
            consumer_of("grumpy", [MugBroken], refuse),
            consumer_of("sweeper", [MugBroken], sweeper.receive),
        ],
        clock=clock,
    )
    found_tenant(shop, ACME, "Acme Mugs")
    break_a_mug(shop)

    shop.drain_all()

    assert broken(shop) == 1
    shop.close()
