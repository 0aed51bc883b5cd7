"""What one tenant may use of what all share: told at four fifths, refused at the limit."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, zip_longest

import pytest
from sqlalchemy import select

import wareflow
from commerce.catalog.skus import SKUS
from kernel.access import operator_actor, system_actor
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Invalid
from kernel.exceptions import ExceptionCase
from kernel.ids import TenantId
from kernel.quotas import OnlyOperators, Quota, QuotaReached, TenantQuota, declared, set_limit
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from kernel.verification import verify
from tenants import commands
from tests.commerce.builders import a_sku
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant
from workflow_engine.runtime.beginning import ACTIVE_RUNS, Birth, create_run
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.flows import published_version
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.tables import Run

OPERATOR = operator_actor("tests")
SHOP = system_actor("shop")
_number = count(1)

WAITING = {
    "format": "wareflow.definition/1",
    "key": "waiting",
    "name": "Waiting",
    "semantics": "scxml-1.0",
    "expressions": "cel/1",
    "initial": "here",
    "states": [
        {"id": "here", "after": [{"id": "late", "delay": "P9D", "target": "gone"}]},
        {"id": "gone", "type": "final", "outcome": "gone"},
    ],
}


def one_sku(uow: UnitOfWork) -> None:
    number = next(_number)
    a_sku(uow, code=f"SKU-{number}")


def one_run(uow: UnitOfWork) -> None:
    version = published_version(uow, "waiting")
    assert version is not None
    compiled = engine_of(uow).compiled(uow, version.id)
    number = next(_number)
    create_run(uow, version.id, compiled, {}, Birth(f"test:{number}", f"{number}", "mem_ana"))


@dataclass(frozen=True)
class Use:
    """A quota that is counted, and how one more unit of it is used."""

    quota: Quota
    one_more: Callable[[UnitOfWork], None]


USES = {use.quota.name: use for use in (Use(SKUS, one_sku), Use(ACTIVE_RUNS, one_run))}
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES.keys())


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """The whole product, with ACME and GLOBEX, who both have a definition that waits."""
    composed = wareflow.compose(config, clock=clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed, tenant_id, name)
        with composed.unit_of_work(tenant_id, SHOP) as uow:
            publish(uow, engine_of(uow), WAITING)
    yield composed
    composed.close()


def limit(runtime: Runtime, use: Use, most: int | None, tenant_id: TenantId = ACME) -> None:
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        set_limit(uow, use.quota.name, most)


def spend(runtime: Runtime, use: Use, tenant_id: TenantId = ACME) -> None:
    with runtime.unit_of_work(tenant_id, SHOP, work_class="batch") as uow:
        use.one_more(uow)


def warnings(runtime: Runtime, tenant_id: TenantId = ACME) -> list[str]:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        cases = uow.session.scalars(select(ExceptionCase).filter_by(kind="quota.nearly_used"))
        return [case.cause for case in cases]


@every_use
def test_the_last_unit_is_given_and_one_more_is_refused(runtime: Runtime, use: Use) -> None:
    """TEN-10: with a code, the limit, what is used, and how to mend it."""
    limit(runtime, use, 3)
    for _ in range(3):
        spend(runtime, use)

    with pytest.raises(QuotaReached) as refused:
        spend(runtime, use)

    assert (refused.value.quota, refused.value.most, refused.value.used) == (use.quota.name, 3, 3)
    assert use.quota.mend in refused.value.detail
    limit(runtime, use, 4)
    spend(runtime, use)
    with runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, runtime.seal).faults == []


@every_use
def test_people_are_told_once_when_four_fifths_are_used(runtime: Runtime, use: Use) -> None:
    """TEN-10: the soft limit."""
    limit(runtime, use, 10)
    told = []
    for _ in range(10):
        spend(runtime, use)
        told.append(len(warnings(runtime)))

    assert told == [0] * 8 + [1, 1]
    assert warnings(runtime)[0].startswith(f"More than four fifths of 10 {use.quota.label}")


@every_use
def test_of_two_that_race_for_the_last_unit_one_gets_it(runtime: Runtime, use: Use) -> None:
    """TEN-10: counted under a lock where it is near."""
    limit(runtime, use, 5)
    for _ in range(4):
        spend(runtime, use)

    outcomes = race([lambda: spend(runtime, use) for _ in range(4)])

    assert raised(outcomes, QuotaReached) == 3
    with pytest.raises(QuotaReached):
        spend(runtime, use)


@every_use
def test_another_tenant_is_not_touched(runtime: Runtime, use: Use) -> None:
    limit(runtime, use, 1)
    spend(runtime, use)
    with pytest.raises(QuotaReached):
        spend(runtime, use)

    for _ in range(3):
        spend(runtime, use, GLOBEX)

    assert warnings(runtime, GLOBEX) == []


@every_use
def test_what_is_undone_is_not_used(runtime: Runtime, use: Use) -> None:
    limit(runtime, use, 1)
    with pytest.raises(ZeroDivisionError), runtime.unit_of_work(ACME, SHOP) as uow:
        use.one_more(uow)
        _ = 1 // 0

    spend(runtime, use)


def test_far_from_a_large_limit_nobody_waits_for_anybody(runtime: Runtime) -> None:
    """Two transactions that both add, both open at once: the second is not held up."""
    use = USES["skus"]
    spend(runtime, use)
    with runtime.unit_of_work(ACME, SHOP) as first:
        use.one_more(first)
        spend(runtime, use)


def test_a_run_that_ended_makes_room(runtime: Runtime) -> None:
    use = USES["active_runs"]
    limit(runtime, use, 1)
    spend(runtime, use)
    with runtime.unit_of_work(ACME, SHOP) as uow:
        run_id = uow.session.scalars(select(Run.id)).one()
        cancel(uow, engine_of(uow), run_id, "Not needed.")

    spend(runtime, use)


def test_only_the_operator_sets_limits(runtime: Runtime) -> None:
    with pytest.raises(OnlyOperators), runtime.unit_of_work(ACME, SHOP) as uow:
        set_limit(uow, "skus", 10**9)
    with pytest.raises(Invalid), runtime.unit_of_work(ACME, OPERATOR) as uow:
        set_limit(uow, "mugs", 1)
    with runtime.unit_of_work(ACME, SHOP) as uow:
        assert uow.session.scalars(select(TenantQuota)).all() == []


def test_the_operator_reads_and_sets_limits_by_command(runtime: Runtime) -> None:
    def command(*words: str) -> tuple[int, str]:
        names = ("slug", "name", "most")
        chosen = Namespace(**dict(zip_longest(names, words)))
        return commands.answer(runtime, commands.quota_of_tenant, chosen)

    code, told = command("acme", "skus", "12")
    back = command("acme", "skus", "default")

    assert code == 0
    assert [line.split()[:2] for line in told.splitlines() if line.startswith("skus")] == [
        ["skus", "12"]
    ]
    assert len(told.splitlines()) == len(declared())
    assert "1000000 SKUs" in back[1]
    assert command("acme", "skus", "many") == (2, "Say how much: a whole number, or `default`.")
