"""Who is told of what, once, and what they chose."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from commerce.orders.holding import hold_order
from kernel.access import Actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import NotFound
from kernel.exceptions import raise_exception
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants.notifications import reading
from tenants.notifications.telling import KEPT_FOR
from tests.builder_ui.portal.trading import Trade, a_trade, whole_runtime
from tests.conftest import ACME, GLOBEX, Cluster
from tests.tenants.conftest import House


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    composed = whole_runtime(config, clock)
    yield composed
    composed.close()


@pytest.fixture
def trade(house: House) -> Trade:
    return a_trade(house.runtime)


def told(house: House, who: Actor, tenant_id: TenantId = ACME) -> list[tuple[str, str]]:
    with house.open(tenant_id, who) as uow:
        found = reading.newest(uow, after=None, limit=50)
        return [(row.kind, row.subject_id) for row in found]


def trouble(house: House, number: int = 1, tenant_id: TenantId = ACME) -> str:
    with house.open(tenant_id) as uow:
        subject = Subject("order", f"ord_{number}")
        case = raise_exception(uow, kind="job.parked", subject=subject, cause="It broke.")
    house.runtime.drain_all()
    return case


def test_an_approval_is_told_to_whom_it_is_put_and_to_nobody_else(
    house: House, trade: Trade
) -> None:
    lea, cleo = house.member("lea@acme.example", "buyer_lead"), house.member("cleo@acme.example")

    trade.order()

    (task,) = trade.tasks()
    assert [each for each in told(house, lea) if each[0] == "asked"] == [("asked", task.id)]
    assert told(house, cleo) == []


def test_an_event_that_is_delivered_again_is_told_once(house: House, cluster: Cluster) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    case = trouble(house)

    with psycopg.connect(cluster.superuser_url) as connection:
        connection.execute("UPDATE outbox SET settled_at = NULL, next_at = now()")
    house.runtime.drain_all()

    assert told(house, lea) == [("problem", case)]


def test_a_problem_is_told_to_who_may_resolve_it_and_to_others_when_they_ask(house: House) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    finn = house.member("finn@acme.example", "finance_approver")
    nora = house.member("nora@acme.example")
    first = trouble(house)
    for each in (finn, nora):
        with house.open(ACME, each) as uow:
            reading.prefer(uow, ["problem"])
    second = trouble(house, 2)

    assert told(house, lea) == [("problem", second), ("problem", first)]
    assert told(house, finn) == [("problem", second)]
    assert told(house, nora) == []


def test_who_does_not_want_a_kind_is_not_told_of_it(house: House) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    with house.open(ACME, lea) as uow:
        reading.prefer(uow, ["asked"])
        assert reading.preferences(uow) == {
            "asked": True, "decided": False, "standing_in": False, "problem": False,
            "held": False,
        }  # fmt: skip

    trouble(house)

    assert told(house, lea) == []


def test_who_placed_an_order_is_told_that_it_is_held_but_not_by_themselves(
    house: House, trade: Trade
) -> None:
    cleo = house.member("cleo@acme.example", "customer_service")
    first = trade.order("A-1", actor=cleo)
    second = trade.order("A-2", actor=cleo)
    with house.open() as uow:
        hold_order(uow, first, reason="The address is unclear.", key="hold/1")
    with house.open(ACME, cleo) as uow:
        hold_order(uow, second, reason="Wait.", key="hold/2")
    house.runtime.drain_all()

    assert [each for each in told(house, cleo) if each[0] == "held"] == [("held", first)]


def test_another_tenant_is_told_nothing(house: House) -> None:
    """TEN-07: neither by what happens, nor by an id."""
    lea = house.member("lea@acme.example", "buyer_lead")
    gus = house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    trouble(house)
    with house.open(ACME, lea) as uow:
        (mine,) = reading.newest(uow, after=None, limit=50)

    assert told(house, gus, GLOBEX) == []
    with pytest.raises(NotFound), house.open(GLOBEX, gus) as uow:
        reading.read_one(uow, mine.id)


def test_a_notification_of_a_colleague_is_nobodys(house: House) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    ben = house.member("ben@acme.example", "auditor")
    trouble(house)
    with house.open(ACME, lea) as uow:
        (mine,) = reading.newest(uow, after=None, limit=50)

    with pytest.raises(NotFound), house.open(ACME, ben) as uow:
        reading.read_one(uow, mine.id)


def test_what_is_read_stays_and_is_not_counted(house: House) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    for number in range(3):
        trouble(house, number)
    with house.open(ACME, lea) as uow:
        assert reading.unread(uow) == 3
        reading.read_one(uow, reading.newest(uow, after=None, limit=1)[0].id)
        assert reading.unread(uow) == 2
        assert reading.read_all(uow) == 2
        assert reading.read_all(uow) == 0

    assert len(told(house, lea)) == 3


def test_what_is_old_is_forgotten_when_something_new_comes(
    house: House, clock: StoppedClock
) -> None:
    lea = house.member("lea@acme.example", "buyer_lead")
    trouble(house, 1)
    clock.pass_time(KEPT_FOR + timedelta(days=1))
    newest = trouble(house, 2)

    assert told(house, lea) == [("problem", newest)]
