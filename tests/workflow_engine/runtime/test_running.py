"""Runs live in PostgreSQL: started by events, moved by steps, people, time, and nothing twice."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from kernel.access import system_actor
from kernel.audit import Subject
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.exceptions import ExceptionCase
from kernel.outbox import OutboxEvent
from kernel.verification import verify
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.interpreter import Event
from workflow_engine.runtime import queries
from workflow_engine.runtime.errors import (
    DefinitionRejected,
    NotYours,
    ReasonMissing,
    TaskClosedAlready,
)
from workflow_engine.runtime.inbox import lock_run, receive
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.sources import ATTEMPTS_MAX
from workflow_engine.runtime.tables import Run, RunStep, RunTimer
from workflow_engine.runtime.voting import Decision

ANA, BOB, CLEO = member("mem_ana"), member("mem_bob"), member("mem_cleo")
SHOP = system_actor("shop")

Compose = Callable[[str], Shop]


@pytest.fixture
def compose(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Compose]:
    opened: list[Shop] = []

    def make(send_effect: str) -> Shop:
        shop = Shop(config, clock, send_effect)
        opened.append(shop)
        # Sandboxes: their business time, by which the database judges timers, stands still.
        found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
        found_tenant(shop.runtime, GLOBEX, "Globex Grocery", starts_at=MONDAY)
        shop.publish()
        return shop

    yield make
    for shop in opened:
        shop.runtime.close()


@pytest.fixture
def shop(compose: Compose) -> Shop:
    return compose("local")


APPROVE = Decision("approve")


def test_an_event_starts_a_run_that_goes_as_far_as_it_can_by_itself(shop: Shop) -> None:
    shop.run_low("north", 4)

    run = shop.run()
    assert (run.state, run.subject_id, shop.states()) == ("active", "north", ["waiting"])


def test_the_event_that_a_run_waits_for_ends_it(shop: Shop) -> None:
    shop.run_low("north", 4)

    shop.arrive("south")
    assert shop.run().state == "active"
    shop.arrive("north")

    assert (shop.run().state, shop.run().outcome) == ("finished", "stocked")


def test_the_same_event_twice_starts_one_run(shop: Shop) -> None:
    """REL-02: dedupe by the definition's own key."""
    shop.run_low("north", 4)
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        event = uow.session.scalars(
            select(OutboxEvent).where(OutboxEvent.name == "mugs.run_low")
        ).one()
        event.settled_at = None
        uow.record("tests.again", Subject("event", event.id))

    shop.runtime.drain_all()

    assert len(shop.runs()) == 1


def test_the_same_letter_twice_is_one_event(shop: Shop) -> None:
    """REL-02: the inbox of a run knows what it has received."""
    shop.run_low("north", 4)
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        run = lock_run(uow, shop.run().id)
        told = [receive(uow, run, Event("mugs.arrived"), "evt_1") is None for _ in range(2)]
        uow.record("tests.tell", Subject("run", run.id))

    assert told == [False, True]


def test_one_subject_has_one_active_run_where_the_definition_says_so(shop: Shop) -> None:
    shop.run_low("north", 4)
    shop.run_low("north", 5)
    assert len(shop.runs()) == 1

    shop.arrive("north")
    shop.run_low("north", 6)

    assert sorted(run.state for run in shop.runs()) == ["active", "finished"]


def test_an_event_of_one_tenant_moves_nothing_of_another(shop: Shop) -> None:
    """TEN-05: GLOBEX has the same definition, the same shelf, and its own runs."""
    shop.publish(GLOBEX)
    shop.run_low("north", 40)
    shop.run_low("north", 4, tenant_id=GLOBEX)

    shop.arrive("north", tenant_id=GLOBEX)

    assert [run.state for run in shop.runs(ACME)] == ["active"]
    assert [run.state for run in shop.runs(GLOBEX)] == ["finished"]
    assert shop.tasks_of(BOB, GLOBEX) == []


def test_a_large_order_waits_for_somebody_other_than_its_requester(shop: Shop) -> None:
    shop.run_low("north", 40)

    assert shop.states() == ["approving"]
    assert shop.tasks_of(ANA) == []
    assert shop.tasks_of(BOB) == [shop.task().subject_id]
    shop.vote(BOB, APPROVE)

    assert (shop.states(), shop.task().outcome) == (["waiting"], "approved")
    assert shop.tasks_of(BOB) == []


def test_the_requester_cannot_approve_even_as_a_candidate(shop: Shop) -> None:
    """The requester is whoever caused the run, not the system that ran the step."""
    shop.run_low("north", 40)

    with pytest.raises(NotYours) as refusal:
        shop.vote(ANA, APPROVE)

    assert refusal.value.reason == "approval.requester"
    assert shop.states() == ["approving"]


def test_a_rejection_needs_a_reason_and_ends_the_run_otherwise(shop: Shop) -> None:
    shop.run_low("north", 40)

    with pytest.raises(ReasonMissing):
        shop.vote(BOB, Decision("reject", "  "))
    shop.vote(BOB, Decision("reject", "We have cups."))

    assert (shop.run().outcome, shop.task().outcome) == ("given_up", "rejected")


def test_a_decided_task_takes_no_more_votes(shop: Shop) -> None:
    shop.run_low("north", 40)
    shop.vote(BOB, APPROVE)

    with pytest.raises(TaskClosedAlready):
        shop.vote(CLEO, APPROVE)


def test_a_timer_is_due_by_the_business_time_of_its_own_tenant(shop: Shop) -> None:
    shop.publish(GLOBEX)
    for tenant_id in (ACME, GLOBEX):
        shop.run_low("north", 4, tenant_id=tenant_id)

    shop.pass_days(9)
    assert shop.run().state == "active"
    shop.pass_days(10)

    assert [run.outcome for run in shop.runs(ACME)] == ["given_up"]
    assert [run.state for run in shop.runs(GLOBEX)] == ["active"]


def test_a_timer_of_a_state_that_was_left_is_cleared(shop: Shop) -> None:
    shop.run_low("north", 4)
    shop.arrive("north")

    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        assert [timer.state for timer in uow.session.scalars(select(RunTimer))] == ["cleared"]


def test_a_refused_step_leaves_nothing_of_what_its_action_did(shop: Shop) -> None:
    shop.pottery.moods = ["closed"]

    shop.run_low("north", 4)

    assert shop.run().outcome == "given_up"
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        states = [step.state for step in uow.session.scalars(select(RunStep).order_by(RunStep.id))]
        assert states == ["done", "failed"]
        assert verify(uow, shop.runtime.seal).faults == []


def test_a_step_that_is_not_local_is_done_by_a_worker_once(compose: Compose) -> None:
    """REL-04, REL-05: its row is leased; a worker whose lease was taken over commits nothing."""
    shop = compose("idempotent")

    shop.run_low("north", 4)

    assert shop.states() == ["waiting"]
    assert len(shop.pottery.calls) == 1


def test_a_transient_failure_is_tried_again_after_a_pause(compose: Compose) -> None:
    """REL-07: retries live in PostgreSQL."""
    shop = compose("idempotent")
    shop.pottery.moods = ["busy", "busy"]

    shop.run_low("north", 4)
    assert shop.states() == ["sending"]
    for _ in range(2):
        hurry(shop, RunStep)
        shop.runtime.drain_all()

    assert (shop.states(), len(shop.pottery.calls)) == (["waiting"], 3)


def test_a_step_whose_retries_are_used_up_fails_its_run_by_its_definition(
    compose: Compose,
) -> None:
    shop = compose("idempotent")
    shop.pottery.moods = ["busy"] * 9

    shop.run_low("north", 4)
    for _ in range(4):
        hurry(shop, RunStep)
        shop.runtime.drain_all()

    assert (shop.run().outcome, len(shop.pottery.calls)) == ("given_up", 3)


def test_a_step_that_keeps_breaking_halts_its_run_and_asks_a_person(compose: Compose) -> None:
    """Nothing fails silently, and no other run is stopped by it (REL-24)."""
    shop = compose("idempotent")
    shop.pottery.moods = ["broken"] * 99

    shop.run_low("north", 4)
    for _ in range(ATTEMPTS_MAX):
        hurry(shop, RunStep)
        shop.runtime.drain_all()
    shop.pottery.moods = []
    shop.run_low("south", 4)

    states = {run.subject_id: run.state for run in shop.runs()}
    assert states == {"north": "incident", "south": "active"}
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        (case,) = uow.session.scalars(select(ExceptionCase)).all()
        assert (case.kind, "kiln" in case.cause) == ("run.incident", True)


def test_a_run_stays_with_the_version_it_started_with(shop: Shop) -> None:
    shop.run_low("north", 4)
    shop.publish(name="Buy mugs, renamed")
    shop.run_low("south", 4)

    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        versions = {
            run.subject_id: queries.definition_of(uow, run).number
            for run in uow.session.scalars(select(Run))
        }

    assert versions == {"north": 1, "south": 2}


def test_publishing_what_is_published_changes_nothing(shop: Shop) -> None:
    with shop.runtime.unit_of_work(ACME, ANA) as uow:
        assert publish(uow, shop.engine, definition()).number == 1


def test_a_faulty_definition_is_rejected_with_the_place_of_every_fault(shop: Shop) -> None:
    faulty = definition(initial="nowhere")
    faulty["states"][0]["invoke"]["action"] = "mugs.drfat"

    with (
        pytest.raises(DefinitionRejected) as refusal,
        shop.runtime.unit_of_work(ACME, ANA) as uow,
    ):
        publish(uow, shop.engine, faulty)

    assert {fault.pointer for fault in refusal.value.errors} >= {"/initial"}


def test_every_row_of_the_engine_is_proven_by_the_audit_log(shop: Shop) -> None:
    """AUD-01: a whole story leaves no row that the log does not know."""
    shop.run_low("north", 40)
    shop.vote(BOB, APPROVE)
    shop.arrive("north")

    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.runtime.seal).faults == []


def hurry(shop: Shop, table: type[RunStep]) -> None:
    """Forget the pause before the next attempt of the steps that wait."""
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        for row in uow.session.scalars(select(table).where(table.state == "waiting")):
            row.next_at = None
        uow.record("tests.hurry", Subject("step", "all"))
