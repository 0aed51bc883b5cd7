"""The directory of tenants, and the business time of each."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from kernel.access import operator_actor, system_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.ids import TenantId
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.tenancy import ClockRunsForward, move_clock, tenant_id_of
from kernel.verification import verify
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant

SHOP = system_actor("shop")
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """ACME is a sandbox whose time began on MONDAY, GLOBEX is live."""
    composed = Runtime(config, ports=Ports(), clock=clock)
    found_tenant(composed, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(composed, GLOBEX, "Globex Grocery")
    yield composed
    composed.close()


def now(runtime: Runtime, tenant_id: TenantId = ACME) -> datetime:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        return uow.now


def move(runtime: Runtime, to: datetime, tenant_id: TenantId = ACME) -> None:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        move_clock(uow, to)


def test_a_sandbox_has_a_time_of_its_own_that_stands_still(
    shop: Runtime, clock: StoppedClock
) -> None:
    clock.pass_time(timedelta(days=7))

    assert now(shop) == MONDAY
    assert now(shop, GLOBEX) == MONDAY + timedelta(days=7)


def test_a_clock_that_was_moved_shows_the_new_time_from_the_next_commit_on(shop: Runtime) -> None:
    with shop.unit_of_work(ACME, SHOP) as uow:
        move_clock(uow, TUESDAY)
        assert uow.now == MONDAY

    assert now(shop) == TUESDAY


def test_leases_and_evidence_keep_to_real_time(shop: Runtime, clock: StoppedClock) -> None:
    """REL-15: a moved business clock moves nothing of the machine's."""
    move(shop, TUESDAY)

    with shop.unit_of_work(ACME, SHOP) as uow:
        assert (uow.now, uow.real_now) == (TUESDAY, clock.now())


def test_an_instant_of_another_zone_is_the_same_instant(shop: Runtime) -> None:
    move(shop, TUESDAY.astimezone(timezone(timedelta(hours=-7))))

    assert (now(shop), now(shop).tzinfo) == (TUESDAY, UTC)


def test_a_clock_does_not_run_backwards(shop: Runtime) -> None:
    move(shop, TUESDAY)

    with pytest.raises(ClockRunsForward):
        move(shop, MONDAY)
    move(shop, TUESDAY)

    assert now(shop) == TUESDAY


def test_the_time_of_a_live_tenant_cannot_be_moved(shop: Runtime) -> None:
    with pytest.raises(ClockRunsForward):
        move(shop, TUESDAY, GLOBEX)

    assert now(shop, GLOBEX) == MONDAY


def test_of_many_who_move_a_clock_at_once_nobody_moves_it_back(shop: Runtime) -> None:
    hours = list(range(1, 9))

    outcomes = race([partial(move, shop, MONDAY + timedelta(hours=hour)) for hour in hours])

    raised(outcomes, ClockRunsForward)
    assert now(shop) == MONDAY + timedelta(hours=8)
    with shop.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.seal).faults == []


def test_a_tenant_is_found_by_its_slug_alone(shop: Runtime) -> None:
    assert tenant_id_of(shop.database, "acme") == ACME
    assert tenant_id_of(shop.database, "ACME") is None
    assert tenant_id_of(shop.database, "nobody") is None


def test_two_tenants_cannot_have_one_slug(shop: Runtime) -> None:
    found_tenant(shop, TenantId("ten_other"), "Other")

    with (
        pytest.raises(IntegrityError, match="slug"),
        shop.unit_of_work(TenantId("ten_new"), operator_actor("ops"), standing="founding") as uow,
    ):
        uow.session.connection().exec_driver_sql(
            "INSERT INTO tenant SELECT 'ten_new', slug, name, status, mode, time_zone, currency,"
            " created_at, version FROM tenant WHERE id = 'ten_other'"
        )
