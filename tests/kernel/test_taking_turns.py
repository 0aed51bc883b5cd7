"""Whoever has little to do is not kept waiting by whoever has much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import psycopg
import pytest

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.events import Event
from kernel.ids import TenantId
from kernel.jobs import enqueue
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from kernel.work import Claim, Pace, WorkSource
from tests.concurrency.racing import race
from tests.conftest import ACME, GLOBEX, Cluster, found_tenant

SHOP = system_actor("shop")


@dataclass(frozen=True)
class Rang(Event):
    """Somebody rang."""

    name: ClassVar[str] = "bell.rang"


def ring(uow: UnitOfWork) -> None:
    uow.emit(Rang())


def hand_in(uow: UnitOfWork) -> None:
    enqueue(uow, "tests.nothing", {})


KINDS: dict[str, Callable[[UnitOfWork], None]] = {"outbox": ring, "job": hand_in}
every_kind = pytest.mark.parametrize("kind", KINDS)


def leave(runtime: Runtime, kind: str, tenant_id: TenantId, count: int) -> None:
    with runtime.unit_of_work(tenant_id, SHOP) as uow:
        for _ in range(count):
            KINDS[kind](uow)
        uow.record("tests.leave", Subject("bell", kind))


def claim(runtime: Runtime, kind: str, most: int, behind: str = "") -> list[Claim]:
    source = WorkSource(kind, lambda _claim: None, takes_turns=True)
    return source.claim(runtime.database.single_statements, most, behind=behind)


def tenants(claims: list[Claim]) -> list[TenantId]:
    return [each.tenant_id for each in claims]


@pytest.fixture
def many(runtime: Runtime) -> list[TenantId]:
    """Twenty-five tenants more."""
    found = [TenantId(f"ten_m{number:02}") for number in range(25)]
    for tenant_id in found:
        found_tenant(runtime, tenant_id, tenant_id)
    return found


@every_kind
def test_three_pieces_behind_a_flood_are_among_the_next_twenty(runtime: Runtime, kind: str) -> None:
    """TEN-11"""
    leave(runtime, kind, ACME, 200)
    leave(runtime, kind, GLOBEX, 3)

    claims = claim(runtime, kind, 20)

    assert Counter(tenants(claims)) == {ACME: 17, GLOBEX: 3}
    assert tenants(claims)[:6].count(GLOBEX) == 3, "done in turn, not at the end"


@every_kind
def test_alone_a_tenant_gets_all_there_is_in_the_order_it_came(runtime: Runtime, kind: str) -> None:
    leave(runtime, kind, ACME, 50)

    rounds = [claim(runtime, kind, 20) for _ in range(4)]

    ids = [each.id for claims in rounds for each in claims]
    assert [len(claims) for claims in rounds] == [20, 20, 10, 0]
    assert ids == sorted(ids)


@every_kind
def test_with_more_tenants_than_places_everybody_has_a_turn_before_anybody_has_two(
    runtime: Runtime, many: list[TenantId], kind: str
) -> None:
    leave(runtime, kind, ACME, 100)
    for tenant_id in many:
        leave(runtime, kind, tenant_id, 2)

    first = claim(runtime, kind, 13)
    second = claim(runtime, kind, 13, behind=first[-1].tenant_id)

    assert sorted(tenants([*first, *second])) == sorted([ACME, *many])


@every_kind
def test_in_the_smallest_portions_two_tenants_still_take_turns(runtime: Runtime, kind: str) -> None:
    """TEN-11: slow work is claimed one by one, and the oldest is always the flood's."""
    leave(runtime, kind, ACME, 50)
    leave(runtime, kind, GLOBEX, 3)
    served: list[TenantId] = []
    for _ in range(8):
        (one,) = claim(runtime, kind, 1, behind=served[-1] if served else "")
        served.append(one.tenant_id)

    assert served == [ACME, GLOBEX, ACME, GLOBEX, ACME, GLOBEX, ACME, ACME]


@every_kind
def test_a_suspended_tenant_takes_nobodys_turn(
    runtime: Runtime, database: Cluster, kind: str
) -> None:
    leave(runtime, kind, ACME, 3)
    leave(runtime, kind, GLOBEX, 3)
    suspend(database, ACME)

    assert tenants(claim(runtime, kind, 20)) == [GLOBEX] * 3


@every_kind
def test_workers_that_claim_at_once_share_without_overlap(runtime: Runtime, kind: str) -> None:
    leave(runtime, kind, ACME, 60)
    leave(runtime, kind, GLOBEX, 6)

    told = race([lambda: claim(runtime, kind, 10) for _ in range(4)])

    claimed = [each.id for claims in told for each in claims]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= 30, "nobody went away empty while there was work for all"


@every_kind
def test_what_failed_waits_its_time_and_what_is_due_again_comes_after_the_new(
    runtime: Runtime, database: Cluster, kind: str
) -> None:
    leave(runtime, kind, ACME, 3)
    old = [each.id for each in claim(runtime, kind, 3)]
    rest(database, kind, old[0], "clock_timestamp() + interval '1 hour'")
    rest(database, kind, old[1], "clock_timestamp() - interval '2 seconds'")
    rest(database, kind, old[2], "clock_timestamp() - interval '9 seconds'")
    leave(runtime, kind, ACME, 1)

    claims = [each.id for each in claim(runtime, kind, 20)]

    assert claims[0] not in old
    assert claims[1:] == [old[2], old[1]]


def suspend(database: Cluster, tenant_id: TenantId) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("UPDATE tenant SET status = 'suspended' WHERE id = %s", [tenant_id])


def rest(database: Cluster, kind: str, identity: str, until: str) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            f"UPDATE {kind} SET lease_until = NULL, next_at = {until} WHERE id = %s", [identity]
        )


def test_slow_work_is_claimed_in_small_portions() -> None:
    """TEN-11: what is claimed at once takes about one slice, so nobody waits for longer."""
    pace = Pace()
    portions = [pace.claims("outbox")]
    for seconds in (0.02, 0.02, 5.0, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001):
        pace.note("outbox", 10, 10 * seconds)
        portions.append(pace.claims("outbox"))

    assert portions == [20, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1]
    for _ in range(40):
        pace.note("outbox", 10, 0.01)
    assert pace.claims("outbox") == 20
    assert pace.claims("job") == 20
