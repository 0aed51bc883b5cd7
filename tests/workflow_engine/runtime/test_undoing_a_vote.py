"""A vote that waits eight seconds before it counts, and may be taken back until then."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kernel.access import Actor
from kernel.audit import AuditEntry
from kernel.canonical import read_json
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Forbidden, NotFound, Refusal
from kernel.outbox import OutboxEvent
from kernel.tenancy import move_clock
from kernel.verification import verify
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.buying import definition, member
from tests.workflow_engine.runtime.shop import SHOP, Shop
from workflow_engine.runtime.cancelling import cancel
from workflow_engine.runtime.errors import (
    DefinitionRejected,
    NotYours,
    NoVoteWaits,
    TaskClosedAlready,
    VoteCounted,
)
from workflow_engine.runtime.task_tables import TaskVote, WaitingVote
from workflow_engine.runtime.voting import Decision
from workflow_engine.runtime.withdrawing import withdraw_vote

ANA, BOB, CLEO = member("mem_ana"), member("mem_bob"), member("mem_cleo")
MENDER = member("mem_ana", "workflows:write", "exceptions:write")
APPROVE, REJECT = Decision("approve"), Decision("reject", "We have cups.")


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Shop]:
    shop = Shop(config, clock, "local")
    found_tenant(shop.runtime, ACME, "Acme Mugs", starts_at=MONDAY)
    found_tenant(shop.runtime, GLOBEX, "Globex", starts_at=MONDAY)
    yield shop
    with shop.runtime.unit_of_work(ACME, SHOP, work_class="batch") as uow:
        assert verify(uow, shop.runtime.seal).faults == []
    shop.runtime.close()


def with_undo(**stage: Any) -> dict[str, Any]:
    """The definition, its votes waiting eight seconds; an error of the approval ends the run."""
    document = definition()
    for state in document["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0].update({"undo": "PT8S", **stage})
            state["transitions"].append(
                {"id": "t_failed", "event": "error.invoke.approval", "target": "given_up"}
            )
    return document


def asked(shop: Shop, **stage: Any) -> None:
    shop.publish_document(with_undo(**stage))
    shop.run_low("north", 40)


def pass_seconds(shop: Shop, seconds: float) -> None:
    """It is so many seconds after MONDAY for ACME, and what is due happens."""
    set_clock(shop, seconds)
    shop.runtime.drain_all()


def set_clock(shop: Shop, seconds: float) -> None:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        move_clock(uow, MONDAY + timedelta(seconds=seconds))


def take_back(shop: Shop, actor: Actor) -> None:
    with shop.runtime.unit_of_work(ACME, actor) as uow:
        withdraw_vote(uow, shop.task().id)


def counted(shop: Shop) -> list[tuple[str, str]]:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        rows = uow.session.scalars(select(TaskVote).order_by(TaskVote.voter_id))
        return [(row.voter_id, row.decision) for row in rows]


def waiting(shop: Shop) -> list[str]:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        rows = uow.session.scalars(select(WaitingVote).order_by(WaitingVote.voter_id))
        return [row.voter_id for row in rows]


def audited(shop: Shop, prefix: str = "task.") -> list[str]:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        entries = uow.session.scalars(select(AuditEntry))
        return sorted(each.action for each in entries if each.action.startswith(prefix))


def closed_events(shop: Shop) -> int:
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        return len(uow.session.scalars(select(OutboxEvent).filter_by(name="task.closed")).all())


def test_a_vote_moves_nothing_until_its_time_is_over(shop: Shop) -> None:
    asked(shop)

    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 7)
    assert (shop.states(), counted(shop), waiting(shop)) == (["approving"], [], ["mem_bob"])
    assert (shop.pottery.calls, shop.tasks_of(BOB)) == ([], [])
    pass_seconds(shop, 8)

    assert (shop.states(), shop.task().outcome) == (["waiting"], "approved")
    assert (counted(shop), waiting(shop)) == ([("mem_bob", "approve")], [])
    assert len(shop.pottery.calls) == 1
    assert audited(shop) == ["task.count_vote", "task.vote"]


def test_a_vote_that_was_taken_back_never_was_and_the_person_may_vote_again(shop: Shop) -> None:
    """P1: the state and the audit rows are right."""
    asked(shop)

    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 3)
    take_back(shop, BOB)
    pass_seconds(shop, 60)
    assert (shop.states(), counted(shop), waiting(shop)) == (["approving"], [], [])
    assert (closed_events(shop), len(shop.tasks_of(BOB))) == (0, 1)
    shop.vote(BOB, REJECT)
    pass_seconds(shop, 68)

    assert (shop.run().outcome, counted(shop)) == ("given_up", [("mem_bob", "reject")])
    assert shop.pottery.calls == []
    assert audited(shop) == ["task.count_vote", "task.vote", "task.vote", "task.withdraw_vote"]
    with shop.runtime.unit_of_work(ACME, SHOP) as uow:
        entry = uow.session.scalars(select(AuditEntry).filter_by(action="task.withdraw_vote")).one()
    facts = read_json(entry.body)["facts"]
    assert (facts["vote"]["by"], facts["vote"]["decision"]) == ("mem_bob", "approve")


def test_who_votes_again_at_once_waits_the_whole_time_again(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 6)
    take_back(shop, BOB)
    shop.vote(BOB, APPROVE)

    pass_seconds(shop, 9)
    assert (shop.states(), waiting(shop)) == (["approving"], ["mem_bob"])
    pass_seconds(shop, 14)

    assert (shop.states(), len(shop.pottery.calls)) == (["waiting"], 1)


def test_nobody_else_takes_a_vote_back(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)

    with pytest.raises(NoVoteWaits):
        take_back(shop, CLEO)
    with pytest.raises(Forbidden):
        take_back(shop, replace(BOB, permissions=frozenset()))
    task_id = shop.task().id
    with pytest.raises(NotFound), shop.runtime.unit_of_work(GLOBEX, BOB) as uow:
        withdraw_vote(uow, task_id)

    assert waiting(shop) == ["mem_bob"]


def test_what_counts_is_not_taken_back_however_late_the_worker_is(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)

    set_clock(shop, 8)
    with pytest.raises(VoteCounted):
        take_back(shop, BOB)
    shop.runtime.drain_all()
    with pytest.raises(VoteCounted):
        take_back(shop, BOB)

    assert counted(shop) == [("mem_bob", "approve")]


def test_a_vote_that_waits_bars_its_person_and_what_it_decides(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)

    for voter, reason in ((BOB, "approval.already_voted"), (CLEO, "approval.vote_waits")):
        with pytest.raises(NotYours) as refusal:
            shop.vote(voter, REJECT)
        assert refusal.value.reason == reason
    take_back(shop, BOB)
    shop.vote(CLEO, REJECT)
    pass_seconds(shop, 8)

    assert counted(shop) == [("mem_cleo", "reject")]


@pytest.mark.parametrize(
    ("on_expire", "decision", "outcome"),
    [
        ("reject", APPROVE, "approved"),
        ("approve", REJECT, "rejected"),
        ("fault", APPROVE, "approved"),
    ],
)
def test_a_vote_cast_in_time_counts_before_the_definition_decides(
    shop: Shop, on_expire: str, decision: Decision, outcome: str
) -> None:
    asked(shop, due={"delay": "PT1M"}, on_expire=on_expire)

    pass_seconds(shop, 57)
    shop.vote(BOB, decision)
    pass_seconds(shop, 61)
    assert (shop.task().outcome, waiting(shop)) == (outcome, [])
    pass_seconds(shop, 90)

    assert (len(counted(shop)), len(shop.pottery.calls)) == (1, int(outcome == "approved"))


def test_a_vote_cast_in_time_counts_before_more_people_are_asked(shop: Shop) -> None:
    rung = {"id": "boss", "after": "PT1M", "to": {"role": "buyer"}}
    asked(shop, quorum={"approve": 2, "reject": 1}, escalate=[rung])

    pass_seconds(shop, 57)
    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 60)

    assert (counted(shop), waiting(shop)) == ([("mem_bob", "approve")], [])
    assert shop.task().escalated == [["lead", "boss"]]


def test_two_votes_that_wait_count_one_after_the_other(shop: Shop) -> None:
    asked(shop, quorum={"approve": 2, "reject": 1})

    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 5)
    shop.vote(CLEO, APPROVE)
    pass_seconds(shop, 8)
    assert (counted(shop), waiting(shop)) == ([("mem_bob", "approve")], ["mem_cleo"])
    pass_seconds(shop, 13)

    assert (shop.states(), len(counted(shop))) == (["waiting"], 2)


def test_the_next_stage_is_asked_when_the_vote_counts(shop: Shop) -> None:
    document = with_undo()
    for state in document["states"]:
        if state["id"] == "approving":
            second = {**state["invoke"]["stages"][0], "id": "money"}
            second["candidates"] = [{"role": "finance"}]
            state["invoke"]["stages"].append(second)
            state["invoke"]["separation"] = ["not_requester", "distinct_across_stages"]
    shop.publish_document(document)
    shop.run_low("north", 40)

    shop.vote(BOB, APPROVE)
    assert shop.task().stage == "lead"
    pass_seconds(shop, 8)
    assert shop.task().stage == "money"
    shop.vote(CLEO, APPROVE)
    pass_seconds(shop, 16)

    assert (shop.states(), len(counted(shop))) == (["waiting"], 2)


def test_a_vote_on_a_run_that_is_cancelled_never_counts(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)

    with shop.runtime.unit_of_work(ACME, MENDER) as uow:
        cancel(uow, shop.engine, shop.run().id, "Ordered by mistake.")
    pass_seconds(shop, 60)
    with pytest.raises(VoteCounted):
        take_back(shop, BOB)

    assert (shop.task().state, counted(shop), shop.pottery.calls) == ("cancelled", [], [])


def that_pauses() -> dict[str, Any]:
    """The definition, its approval put aside when mugs arrive, and taken up at the next arrival."""
    document = with_undo(due={"delay": "PT1M"}, on_expire="reject")
    for state in document["states"]:
        if state["id"] == "approving":
            state["invoke"]["on_reentry"] = "reattach"
            state["transitions"].append(
                {"id": "t_pause", "event": "mugs.arrived", "target": "paused"}
            )
    resumes = {"id": "t_resume", "event": "mugs.arrived", "target": "approving"}
    document["states"].append({"id": "paused", "transitions": [resumes]})
    return document


def test_a_vote_whose_time_ends_while_its_task_is_parked_counts_afterwards(shop: Shop) -> None:
    """The due time passes meanwhile as well: the vote was cast in time."""
    shop.publish_document(that_pauses())
    shop.run_low("north", 40)
    shop.vote(BOB, APPROVE)
    shop.arrive("north")

    pass_seconds(shop, 90)
    assert (shop.task().state, counted(shop), shop.states()) == ("parked", [], ["paused"])
    shop.arrive("north")

    assert (shop.task().outcome, counted(shop)) == ("approved", [("mem_bob", "approve")])
    assert len(shop.pottery.calls) == 1


def test_a_vote_is_taken_back_while_its_task_is_parked(shop: Shop) -> None:
    shop.publish_document(that_pauses())
    shop.run_low("north", 40)
    shop.vote(BOB, APPROVE)
    shop.arrive("north")

    take_back(shop, BOB)
    shop.arrive("north")
    pass_seconds(shop, 50)

    assert (counted(shop), waiting(shop), shop.states()) == ([], [], ["approving"])


@pytest.mark.parametrize("span", ["PT0.5S", "PT6M", "P1D"])
def test_a_vote_waits_a_second_at_least_and_five_minutes_at_most(shop: Shop, span: str) -> None:
    with pytest.raises(DefinitionRejected) as refusal:
        shop.publish_document(with_undo(undo=span))

    (fault,) = refusal.value.errors
    assert (fault.code, fault.pointer.endswith("/stages/0/undo")) == ("approval.undo", True)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_cast_and_taken_back_what_counts_is_what_was_left(
    shop: Shop, seed: int
) -> None:
    """A withdrawn vote never counts, and one that waits counts exactly once."""
    dice = random.Random(seed)
    asked(shop, quorum={"approve": 2, "reject": 2}, due={"delay": "PT90S"}, on_expire="reject")
    cast: dict[str, str] = {}
    now = 0
    for _ in range(40):
        actor = dice.choice([BOB, CLEO])
        name = str(actor.id)
        move = dice.choice(["vote", "vote", "take back", "wait", "wait"])
        with suppress(Refusal):
            if move == "vote":
                answer = dice.choice([APPROVE, APPROVE, REJECT])
                shop.vote(actor, answer)
                cast[name] = answer.answer
            elif move == "take back":
                take_back(shop, actor)
                del cast[name]
        if move == "wait":
            now += dice.choice([1, 4, 9])
            pass_seconds(shop, now)
        assert {*(voter for voter, _ in counted(shop)), *waiting(shop)} == cast.keys()
        assert not {voter for voter, _ in counted(shop)} & set(waiting(shop))
    pass_seconds(shop, now + 100)

    assert dict(counted(shop)) == cast
    assert waiting(shop) == []
    approvals = sum(decision == "approve" for decision in cast.values())
    assert (shop.task().outcome == "approved") == (approvals == 2)
    assert len(shop.pottery.calls) == (approvals == 2)
    votes = audited(shop, "task.vote")
    assert len(votes) == len(cast) + len(audited(shop, "task.withdraw_vote"))


def test_a_closed_task_takes_no_vote_back_that_is_not_there(shop: Shop) -> None:
    asked(shop)
    shop.vote(BOB, APPROVE)
    pass_seconds(shop, 8)

    with pytest.raises(NoVoteWaits):
        take_back(shop, CLEO)
    with pytest.raises(TaskClosedAlready):
        shop.vote(CLEO, APPROVE)
