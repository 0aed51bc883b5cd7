"""People step in: what failed is tried again, what is wanted no more is cancelled and undone."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from kernel.access import Actor
from kernel.audit import AuditEntry, Subject
from kernel.canonical import read_json
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.outbox import OutboxEvent
from kernel.verification import verify
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member, undoable
from tests.workflow_engine.runtime.peer import Peer
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime import queries
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.errors import EffectUndecided, EndedAlready, NothingToRetry
from workflow_engine.runtime.explaining import explain
from workflow_engine.runtime.retrying import Verdict, retry
from workflow_engine.runtime.sources import ATTEMPTS_MAX
from workflow_engine.runtime.stuck import find_stuck_runs

MENDER = member("mem_ana", "exceptions:write")
WHY = "The pottery answers again."


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    yield from a_shop(config, clock, "local")


@pytest.fixture
def caller(database: Cluster, config: Config, clock: StoppedClock, peer: Peer) -> Iterator[Shop]:
    """A shop whose orders are sent at most once."""
    yield from a_shop(config, clock, "at_most_once", peer)


def a_shop(
    config: Config, clock: StoppedClock, effect: str, peer: Peer | None = None
) -> Iterator[Shop]:
    shop = Shop(config, clock, effect, outside=None if peer is None else peer.outside())
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(shop.runtime, GLOBEX, "Globex Grocery", starts_at=MONDAY)
    shop.publish_document(undoable())
    yield shop
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.runtime.seal).faults == []
    shop.runtime.close()


def hurry_runs(shop: Shop) -> None:
    """As if the pauses before the next attempts at runs were over."""
    with shop.runtime.database.engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT set_config('app.tenant_id', '{ACME}', true)")
        connection.exec_driver_sql("UPDATE run SET next_at = NULL, lease_until = NULL")
    shop.runtime.drain_all()


def try_again(shop: Shop, verdict: Verdict | None = None, *, who: Actor = MENDER) -> None:
    with shop.runtime.unit_of_work(ACME, who) as uow:
        retry(uow, shop.engine, shop.run().id, WHY, verdict)
    shop.runtime.drain_all()


def call_off(shop: Shop, reason: str = "Nobody wants mugs.") -> None:
    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        cancel(uow, shop.engine, shop.run().id, reason)
    shop.runtime.drain_all()


def told(shop: Shop) -> str:
    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        return "\n".join(explain(uow, shop.engine, queries.run(uow, shop.run().id)))


def unhandled() -> dict[str, Any]:
    """The definition, without an answer to an order that could not be sent."""
    document = definition()
    for state in document["states"]:
        if state["id"] == "sending":
            state["transitions"] = state["transitions"][:1]
    return document


def test_a_failure_that_nothing_handles_is_tried_again_in_its_state(shop: Shop) -> None:
    shop.publish_document(unhandled())
    shop.pottery.moods = ["closed", "closed"]
    shop.run_low("north", 4)
    assert (shop.run().incident, shop.states()) == ("unhandled:mugs.pottery_closed", ["sending"])

    try_again(shop)
    assert shop.run().incident == "unhandled:mugs.pottery_closed"
    try_again(shop)

    assert (shop.run().incident, shop.states(), shop.cases()) == (None, ["waiting"], [])


def test_a_run_that_breaks_stops_neither_its_event_nor_other_runs(shop: Shop) -> None:
    """REL-24: a local step that breaks is its own run's incident, and is tried again."""
    shop.pottery.moods = ["broken"] * (1 + ATTEMPTS_MAX)
    shop.run_low("north", 4)
    for _ in range(ATTEMPTS_MAX):
        hurry_runs(shop)
    shop.run_low("south", 4)

    runs = {run.subject_id: (run.state, run.incident) for run in shop.runs()}
    assert runs == {"north": ("incident", "run.cannot_go_on"), "south": ("active", None)}
    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        (broken,) = queries.runs(uow, queries.RunFilter(has_incident=True))
        retry(uow, shop.engine, broken.id, WHY)
    shop.runtime.drain_all()
    assert {run.state for run in shop.runs()} == {"active"}
    assert shop.cases() == []


@pytest.mark.parametrize("happened", [True, False])
def test_a_person_says_whether_a_doubtful_effect_happened(
    caller: Shop, peer: Peer, happened: bool
) -> None:
    peer.moods = ["mute" if happened else "deaf"]
    caller.run_low("north", 4)
    assert caller.run().incident == "effect.unknown"

    with pytest.raises(EffectUndecided):
        try_again(caller)
    order = caller.step().request or {}
    try_again(caller, Verdict(happened, order if happened else {}))

    assert (caller.states(), caller.run().incident) == (["waiting"], None)
    assert (len(peer.calls), len(peer.effects)) == (1 if happened else 2, 1)
    assert caller.cases() == []


def test_an_answer_that_cannot_be_taken_in_changes_nothing(caller: Shop, peer: Peer) -> None:
    peer.moods = ["mute"]
    caller.run_low("north", 4)

    with pytest.raises(EffectUndecided):
        try_again(caller, Verdict(happened=True))

    assert (caller.run().state, caller.step().state) == ("incident", "doubtful")


def test_a_run_that_did_not_fail_is_not_tried_again(shop: Shop) -> None:
    shop.run_low("north", 4)

    with pytest.raises(NothingToRetry):
        try_again(shop)


def test_who_may_not_mend_runs_neither_retries_nor_cancels(shop: Shop) -> None:
    shop.run_low("north", 4)

    with pytest.raises(Forbidden):
        try_again(shop, who=member("mem_bob"))
    with pytest.raises(Forbidden), shop.runtime.unit_of_work(ACME, member("mem_bob")) as uow:
        cancel(uow, shop.engine, shop.run().id, "No.")


def test_another_tenants_run_does_not_exist(shop: Shop) -> None:
    """TEN-05."""
    shop.run_low("north", 4)
    identity = shop.run().id

    for verb in (retry, cancel):
        with pytest.raises(NotFound), shop.runtime.unit_of_work(GLOBEX, MENDER) as uow:
            verb(uow, shop.engine, identity, "Ours?")


def test_a_cancelled_run_is_undone_latest_first(shop: Shop) -> None:
    shop.run_low("north", 4)

    call_off(shop)

    assert (shop.run().state, shop.run().outcome) == ("finished", "cancelled")
    assert shop.pottery.undone == ["send", "draft"]
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        ended = uow.session.scalars(select(OutboxEvent).filter_by(name="run.finished")).all()
        entry = uow.session.scalars(select(AuditEntry).filter_by(action="run.cancel")).one()
    assert (len(ended), read_json(entry.body)["reason"]) == (1, "Nobody wants mugs.")


def test_undoing_by_workers_goes_one_step_at_a_time(shop: Shop) -> None:
    shop.publish_document(undoable("mugs.undo_later"))
    shop.run_low("north", 4)
    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        cancel(uow, shop.engine, shop.run().id, "Nobody wants mugs.")
    assert (shop.run().state, shop.pottery.undone) == ("undoing", [])

    shop.runtime.drain_all()

    assert (shop.run().state, shop.pottery.undone) == ("finished", ["send", "draft"])


def test_an_undoing_that_fails_is_an_incident_and_the_others_are_undone(shop: Shop) -> None:
    """Never skipped: it is tried again until it is done."""
    shop.run_low("north", 4)
    shop.pottery.undo_moods = ["closed", "open", "closed"]

    call_off(shop)
    assert shop.pottery.undone == ["draft"]
    assert (shop.run().state, shop.run().incident) == (
        "incident",
        "compensation.failed:mugs.undo",
    )
    try_again(shop)
    assert shop.run().state == "incident"
    try_again(shop)

    assert shop.pottery.undone == ["draft", "send"]
    assert (shop.run().state, shop.run().incident, shop.cases()) == ("finished", None, [])


def test_a_call_under_way_when_its_run_is_cancelled_is_undone_when_it_succeeds(
    caller: Shop, peer: Peer
) -> None:
    def cancel_meanwhile(call: Any) -> Any:
        with caller.runtime.unit_of_work(ACME, MENDER) as uow:
            cancel(uow, caller.engine, caller.run().id, "Too late.")
        return Peer.call(peer, call)

    object.__setattr__(caller.engine.catalogue["mugs.send"].outside, "call", cancel_meanwhile)

    caller.run_low("north", 4)

    assert (caller.run().outcome, len(peer.effects)) == ("cancelled", 1)
    assert caller.pottery.undone == ["draft", "send"]


def test_a_cancelled_run_is_not_cancelled_again(shop: Shop) -> None:
    shop.run_low("north", 4)
    call_off(shop)

    with pytest.raises(EndedAlready):
        call_off(shop)


def test_whoever_steps_in_says_why(shop: Shop) -> None:
    shop.run_low("north", 4)

    with pytest.raises(Invalid):
        call_off(shop, "   ")


def test_a_run_that_waits_for_nothing_is_found_and_given_to_a_person(shop: Shop) -> None:
    """REL-11: no instance is stuck without timer, task or error; GLOBEX's run waits, and is not."""
    shop.publish(GLOBEX)
    shop.run_low("north", 4)
    shop.run_low("north", 4, tenant_id=GLOBEX)
    assert find_stuck_runs(shop.runtime) == 0
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        hand = queries.in_hand(uow, queries.runs(uow, queries.RunFilter())[0].id)
        for wait in hand.waits:
            uow.session.delete(wait)
        hand.timers[0].state = "cleared"
        uow.record("tests.break", Subject("run", "north"))

    assert find_stuck_runs(shop.runtime) == 1
    assert find_stuck_runs(shop.runtime) == 0

    assert (shop.run().incident, [kind for kind, _ in shop.cases()]) == (
        "run.stuck",
        ["run.stuck"],
    )


def test_a_waiting_run_is_explained_in_words(shop: Shop) -> None:
    shop.run_low("north", 4)

    said = told(shop)

    assert "about shelf north" in said
    assert "It would take the event mugs.arrived with the key north." in said
    assert "It waits for a time, 2026-03-12 09:00 UTC" in said


def test_an_approval_is_explained_by_whom_it_waits_for(shop: Shop) -> None:
    shop.run_low("north", 40)

    said = told(shop)

    assert "Rule t_large applied: context.order.quantity > 10" in said
    assert "anybody with the role buyer_lead to answer “Approve mug order”" in said


def test_a_doubt_is_explained_with_what_to_do(caller: Shop, peer: Peer) -> None:
    peer.moods = ["mute"]
    caller.run_low("north", 4)

    said = told(caller)

    assert "Nobody knows whether “Send an order”" in said
    assert "--happened" in said


def test_runs_are_listed_page_by_page_and_narrowed(shop: Shop) -> None:
    for shelf in ("north", "south", "west"):
        shop.run_low(shelf, 4)
    shop.arrive("west")

    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        first = queries.runs(uow, queries.RunFilter(), limit=2)
        rest = queries.runs(uow, queries.RunFilter(), limit=2, before=first[-1].id)
        active = queries.runs(uow, queries.RunFilter(state="active", key="buy-mugs"))
    listed = [*first, *rest]
    assert [run.id for run in listed] == sorted((run.id for run in listed), reverse=True)
    assert {run.subject_id for run in listed} == {"north", "south", "west"}
    assert {run.subject_id for run in active} == {"north", "south"}
