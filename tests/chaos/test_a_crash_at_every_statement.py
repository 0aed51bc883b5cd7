"""A transaction that is cut off after any of its statements leaves everything or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

import pytest
from sqlalchemy.exc import DBAPIError

from kernel.audit import Subject
from kernel.events import Event
from kernel.exceptions import raise_exception
from kernel.idempotency import Answer, fingerprint, remember, replayed
from kernel.jobs import enqueue
from kernel.runtime import Runtime
from kernel.verification import verify
from tests.chaos.crashes import (
    PowerCut,
    Strike,
    connection_lost,
    power_cut,
    power_cut_after_commit,
    rows,
    struck_after,
)
from tests.commerce.order_builders import Shop, a_shop
from tests.commerce.stock_builders import a_merchant
from tests.conftest import ACME, Cluster
from tests.kernel.test_uow import ANA, a_setting

PRINT = fingerprint("POST", "/api/mugs", b"{}")
CREATED = Answer(201, "{}")


@dataclass(frozen=True)
class MugMade(Event):
    """A mug came out of the kiln."""

    name: ClassVar[str] = "mug.made"

    mug_id: str


def make_a_mug(runtime: Runtime) -> Answer:
    """Do what a request does: everything that must be one commit is in it."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        known = replayed(uow, "cli_till", "k-1", PRINT)
        if known is not None:
            return known
        with uow.savepoint():
            a_setting(uow)
            uow.emit(MugMade("mug_1"))
        enqueue(uow, "mugs.dust", {"mug_id": "mug_1"})
        raise_exception(uow, kind="mug.chipped", subject=Subject("mug", "mug_1"), cause="a stone")
        uow.record("mugs.make", Subject("mug", "mug_1"))
        remember(uow, "cli_till", "k-1", PRINT, CREATED)
    return CREATED


WHOLE = {
    "setting": 1,
    "outbox": 2,
    "job": 1,
    "exception_case": 1,
    "audit_entry": 2,
    "audit_pending": 2,
    "idempotency_record": 1,
}


def added(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {table: n - before.get(table, 0) for table, n in after.items() if n != before.get(table)}


def crash_everywhere(
    runtime: Runtime, database: Cluster, strike: Strike, verb: Callable[[], object]
) -> int:
    """Crash after each statement in turn, find nothing each time; return how many there were."""
    before = rows(database)
    for number in count(1):
        with struck_after(runtime, number, strike) as reached:
            try:
                verb()
            except (PowerCut, DBAPIError):
                assert added(before, rows(database)) == {}, f"left after {reached[-1]}"
            else:
                return number - 1
    raise AssertionError("counting never ends")


@pytest.mark.parametrize("cause", ["the process dies", "the database ends the session"])
def test_nothing_is_left_whichever_statement_was_the_last(
    runtime: Runtime, database: Cluster, cause: str
) -> None:
    """REL-01: row, event, job, audit entry, pending entry and stored answer are one commit."""
    strike = power_cut if cause == "the process dies" else connection_lost(database)
    before = rows(database)

    statements = crash_everywhere(runtime, database, strike, lambda: make_a_mug(runtime))

    assert statements >= 12
    assert added(before, rows(database)) == WHOLE
    assert make_a_mug(runtime) == CREATED
    assert added(before, rows(database)) == WHOLE
    with runtime.unit_of_work(ACME, ANA, work_class="batch") as uow:
        assert verify(uow, runtime.seal).faults == []


def test_everything_is_there_where_the_process_dies_after_the_commit(
    runtime: Runtime, database: Cluster
) -> None:
    """REL-01, API-11: the retry finds the answer, and does nothing again."""
    before = rows(database)
    with pytest.raises(PowerCut), power_cut_after_commit():
        make_a_mug(runtime)
    assert added(before, rows(database)) == WHOLE

    assert make_a_mug(runtime) == CREATED

    assert added(before, rows(database)) == WHOLE


def test_an_order_is_taken_whole_or_not_at_all(runtime: Runtime, database: Cluster) -> None:
    """REL-01: a real verb of the product, with its reservations, movements and events."""
    merchant = a_merchant(runtime, ACME)
    merchant.stock(merchant.mug, merchant.berlin, 5)
    shop: Shop = a_shop(merchant)

    statements = crash_everywhere(runtime, database, power_cut, shop.place)

    assert statements >= 15
    assert merchant.buckets(merchant.mug, merchant.berlin)["committed"] > 0
    assert shop.proves_sound()
