"""Members let others answer for them: for a while, or one task; the rules of tasks stay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.errors import Forbidden, Invalid, NotFound, StaleWrite
from kernel.verification import verify
from tests.conftest import ACME, GLOBEX, MONDAY, Cluster, found_tenant
from tests.workflow_engine.runtime.lending import (
    DAY,
    MorePeople,
    lend,
    lendable,
    person,
    take_back,
)
from tests.workflow_engine.runtime.shop import Shop
from workflow_engine.runtime.delegated_tasks import (
    chains_of,
    stand_ins_of,
    tasks_on_behalf,
    tasks_waiting,
    waiting_count,
)
from workflow_engine.runtime.delegating import NewDelegation, delegate, end_delegation
from workflow_engine.runtime.delegation_queries import delegation, delegations, handings_of
from workflow_engine.runtime.errors import (
    DelegatedAlready,
    HandingForbidden,
    NotYours,
    TaskClosedAlready,
)
from workflow_engine.runtime.handing_on import takers, why_not_handed_on
from workflow_engine.runtime.task_tables import TaskVote
from workflow_engine.runtime.voting import Decision

APPROVE = Decision("approve")


class LendingShop(Shop):
    """A shop of five people, where approvals may be handed on."""

    def __init__(self, config: Config, clock: StoppedClock) -> None:
        self.people = MorePeople()
        super().__init__(config, clock, "local", directory=self.people)


@pytest.fixture
def shop(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[LendingShop]:
    """Ana's large order waits for one of the leads, Bob and Cleo; Dan and Eve are clerks."""
    composed = LendingShop(config, clock)
    for tenant_id, name in ((ACME, "Acme Mugs"), (GLOBEX, "Globex Grocery")):
        found_tenant(composed.runtime, tenant_id, name, starts_at=MONDAY)
        composed.publish_document(lendable(), tenant_id)
    composed.run_low("north", 40)
    yield composed
    composed.runtime.close()


def refusal(shop: Shop, name: str) -> str:
    with pytest.raises(NotYours) as refused:
        shop.vote(person(name), APPROVE)
    return refused.value.reason


def codes(shop: Shop, of: str, to: str, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        lend(shop, of, to, **more)
    return [(fault.pointer, fault.code) for fault in refused.value.errors]


def waiting_for(shop: Shop, name: str) -> tuple[int, int, int]:
    """How many tasks one may answer for others, in all, and by the count of the navigation."""
    with shop.runtime.unit_of_work(ACME, person(name)) as uow:
        return len(tasks_on_behalf(uow)), len(tasks_waiting(uow)), waiting_count(uow)


def test_a_stand_in_votes_for_the_principal_and_both_are_named(shop: Shop) -> None:
    assert (refusal(shop, "dan"), waiting_for(shop, "dan")) == (
        "approval.not_a_candidate", (0, 0, 0),
    )  # fmt: skip
    lend(shop, "bob", "dan")
    with shop.runtime.unit_of_work(ACME, person("dan")) as uow:
        task = shop.task()
        assert chains_of(uow, [task]) == {task.id: ("mem_bob",)}
        assert stand_ins_of(uow, task) == {"mem_dan"}
    assert waiting_for(shop, "dan") == (1, 1, 1)

    shop.vote(person("dan"), APPROVE)

    assert (shop.states(), shop.task().outcome) == (["waiting"], "approved")
    with shop.runtime.unit_of_work(ACME, person("dan"), work_class="batch") as uow:
        (cast,) = uow.session.scalars(select(TaskVote))
        assert (cast.voter_id, cast.chain) == ("mem_dan", ["mem_bob", "mem_dan"])
        assert verify(uow, shop.runtime.seal).faults == []
    assert waiting_for(shop, "dan") == (0, 0, 0)


def test_who_may_answer_themselves_still_finds_the_task_among_their_own(shop: Shop) -> None:
    lend(shop, "bob", "cleo")

    assert waiting_for(shop, "cleo") == (0, 1, 1)
    assert waiting_for(shop, "bob") == (0, 1, 1)


def test_a_delegation_counts_from_its_beginning_until_its_end(shop: Shop) -> None:
    lend(shop, "bob", "dan", starts_at=MONDAY + 2 * DAY, days=2)

    assert refusal(shop, "dan") == "approval.not_a_candidate"
    shop.pass_days(4)
    assert refusal(shop, "dan") == "approval.not_a_candidate"
    lend(shop, "bob", "dan", days=1)
    shop.vote(person("dan"), APPROVE)

    assert shop.task().outcome == "approved"


def test_the_requester_lends_and_borrows_nothing_that_helps(shop: Shop) -> None:
    lend(shop, "bob", "ana")
    lend(shop, "ana", "dan")

    assert [refusal(shop, name) for name in ("ana", "dan")] == [
        "approval.requester", "approval.not_a_candidate",
    ]  # fmt: skip


def test_a_ring_of_delegations_leads_no_further_than_its_definition_says(shop: Shop) -> None:
    for of, to in (("bob", "dan"), ("dan", "eve"), ("eve", "bob")):
        lend(shop, of, to)

    assert refusal(shop, "eve") == "approval.not_a_candidate"
    shop.vote(person("dan"), APPROVE)
    assert shop.task().outcome == "approved"


def test_what_a_definition_does_not_let_be_handed_on_is_not(shop: Shop) -> None:
    shop.publish_document(lendable({"allowed": False}))
    shop.run_low("south", 50)
    lend(shop, "bob", "dan")
    with shop.runtime.unit_of_work(ACME, person("dan")) as uow:
        assert [task.subject_id for task in tasks_on_behalf(uow)] == [shop_order(shop, "40")]
    with shop.runtime.unit_of_work(ACME, person("bob")) as uow:
        (other,) = [each for each in tasks_waiting(uow) if each.digest == "digest-of-50"]
        assert why_not_handed_on(uow, other, "mem_bob") == HandingForbidden.__doc__
        with pytest.raises(HandingForbidden):
            delegate(uow, NewDelegation("mem_eve", uow.now + DAY, task_id=other.id))


def shop_order(shop: Shop, quantity: str) -> str:
    with shop.runtime.unit_of_work(ACME, person("bob")) as uow:
        return next(
            each.subject_id for each in tasks_waiting(uow) if each.digest == f"digest-of-{quantity}"
        )


def test_an_absence_counts_where_the_definition_takes_it_by_itself(shop: Shop) -> None:
    shop.publish_document(lendable({"allowed": True, "max_depth": 1}))
    shop.run_low("south", 50)
    lend(shop, "bob", "dan", absence=True)

    with shop.runtime.unit_of_work(ACME, person("dan")) as uow:
        assert [task.digest for task in tasks_on_behalf(uow)] == ["digest-of-40"]


def test_a_single_task_is_handed_on_and_no_other_with_it(shop: Shop) -> None:
    task = shop.task()
    lend(shop, "bob", "dan", task_id=task.id, reason="I am on the train.")
    shop.run_low("south", 50)

    with shop.runtime.unit_of_work(ACME, person("dan")) as uow:
        assert [each.id for each in tasks_on_behalf(uow)] == [task.id]
        (row,) = handings_of(uow, [task.id])[task.id]
        assert (row.of_id, row.to_id, row.reason) == ("mem_bob", "mem_dan", "I am on the train.")


def test_it_is_said_of_everybody_why_a_task_cannot_go_to_them(shop: LendingShop) -> None:
    task = shop.task()
    lend(shop, "cleo", "eve")
    with shop.runtime.unit_of_work(ACME, person("bob")) as uow:
        found = {each.id: each.why_not for each in takers(uow, task, "mem_bob")}
    assert found == {
        "mem_ana": "approval.requester",
        "mem_cleo": "delegation.candidate",
        "mem_dan": None,
        "mem_eve": "delegation.stands_in",
    }
    assert codes(shop, "bob", "ana", task_id=task.id) == [("/to_id", "approval.requester")]
    assert codes(shop, "eve", "dan", task_id=task.id) == [("/to_id", "delegation.too_deep")]
    with pytest.raises(NotYours):
        lend(shop, "dan", "eve", task_id=task.id)


def test_a_closed_task_is_not_handed_on(shop: Shop) -> None:
    task = shop.task()
    shop.vote(person("cleo"), APPROVE)

    with pytest.raises(TaskClosedAlready):
        lend(shop, "bob", "dan", task_id=task.id)


def test_wrong_persons_and_dates_are_each_named(shop: LendingShop) -> None:
    shop.people.mute.add("mem_eve")

    assert codes(shop, "bob", "bob", days=-1) == [
        ("/to_id", "delegation.oneself"), ("/ends_at", "delegation.end"),
    ]  # fmt: skip
    assert codes(shop, "bob", "nobody", days=400) == [
        ("/to_id", "delegation.person_unknown"), ("/ends_at", "delegation.too_long"),
    ]  # fmt: skip
    assert codes(shop, "bob", "eve", starts_at=MONDAY - DAY) == [
        ("/to_id", "delegation.cannot_vote"), ("/starts_at", "delegation.past"),
    ]  # fmt: skip
    assert codes(shop, "bob", "dan", task_id=shop.task().id, absence=True) == [
        ("/task_id", "delegation.task_at_once")
    ]


def test_the_same_two_have_one_at_a_time(shop: Shop) -> None:
    first = lend(shop, "bob", "dan", days=7)

    with pytest.raises(DelegatedAlready) as refused:
        lend(shop, "bob", "dan", starts_at=MONDAY + 6 * DAY)
    assert refused.value.delegation_id == first
    lend(shop, "bob", "dan", starts_at=MONDAY + 7 * DAY)
    lend(shop, "bob", "eve")


def test_somebody_absent_is_stood_in_for_by_whoever_writes_members(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        lend(shop, "ana", "dan", of_id="mem_bob")
    with shop.runtime.unit_of_work(ACME, person("ana", "members:write")) as uow:
        row = delegate(uow, NewDelegation("mem_dan", uow.now + DAY, of_id="mem_bob"))
        assert (row.of_id, row.made_by) == ("mem_bob", "mem_ana")

    shop.vote(person("dan"), APPROVE)


def test_either_person_ends_it_and_nobody_else_without_the_right(shop: Shop) -> None:
    first, second = lend(shop, "bob", "dan"), lend(shop, "cleo", "dan")
    for who in ("eve", "cleo"):
        with pytest.raises(NotFound):
            take_back(shop, who, first)
    with pytest.raises(Forbidden):
        take_back(shop, "eve", first, "members:read")
    with shop.runtime.unit_of_work(ACME, person("bob")) as uow, pytest.raises(StaleWrite):
        end_delegation(uow, first, expected_version=9)

    ended = take_back(shop, "dan", first)
    again = take_back(shop, "bob", first)

    assert (ended.ended_by, again.ended_by) == ("mem_dan", "mem_dan")
    take_back(shop, "eve", second, "members:read", "members:write")
    assert refusal(shop, "dan") == "approval.not_a_candidate"


def test_what_leads_to_or_from_somebody_deactivated_does_not_count(shop: LendingShop) -> None:
    lend(shop, "bob", "dan")
    for gone in ("mem_dan", "mem_bob"):
        shop.people.gone = {gone}
        with shop.runtime.unit_of_work(ACME, person("eve")) as uow:
            assert stand_ins_of(uow, shop.task()) == frozenset()
    shop.people.gone = {"mem_bob"}
    assert (refusal(shop, "dan"), waiting_for(shop, "dan")) == (
        "approval.not_a_candidate", (0, 0, 0),
    )  # fmt: skip


def test_another_tenant_knows_nothing_of_it(shop: Shop) -> None:
    """TEN-05."""
    made = lend(shop, "bob", "dan")
    task_id = shop.task().id

    with shop.runtime.unit_of_work(GLOBEX, person("bob", "members:read")) as uow:
        assert delegations(uow) == []
        assert handings_of(uow, [task_id]) == {}
        for attempt in (delegation, end_delegation):
            with pytest.raises(NotFound):
                attempt(uow, made)
        with pytest.raises(NotFound):
            delegate(uow, NewDelegation("mem_dan", uow.now + DAY, task_id=task_id))


def test_a_member_lists_their_own_and_who_reads_members_lists_all(shop: Shop) -> None:
    ours = lend(shop, "bob", "dan")
    theirs = lend(shop, "cleo", "eve")
    take_back(shop, "eve", theirs)

    def listed(name: str, *rights: str, **only: Any) -> set[str]:
        with shop.runtime.unit_of_work(ACME, person(name, *rights)) as uow:
            return {row.id for row in delegations(uow, **only)}

    assert (listed("dan"), listed("eve"), listed("ana")) == ({ours}, {theirs}, set())
    assert listed("ana", "members:read") == {theirs, ours}
    assert listed("ana", "members:read", is_over=False) == {ours}
    assert listed("ana", "members:read", is_over=True) == {theirs}
    assert listed("ana", "members:read", member_id="mem_bob") == {ours}
    with pytest.raises(Forbidden):
        listed("ana", member_id="mem_bob")


def test_tasks_of_a_principal_come_page_by_page(shop: Shop) -> None:
    for number in range(3):
        shop.run_low(f"shelf-{number}", 20 + number)
    lend(shop, "bob", "dan")

    with shop.runtime.unit_of_work(ACME, person("dan")) as uow:
        first = tasks_waiting(uow, limit=2)
        rest = tasks_waiting(uow, after=(first[-1].opened_at, first[-1].id))
        none = tasks_on_behalf(uow, due_before=MONDAY - timedelta(days=9))
    assert len({task.id for task in (*first, *rest)}) == 4
    assert list(none) == []
