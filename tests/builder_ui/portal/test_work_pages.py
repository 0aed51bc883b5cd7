"""My work: what waits for somebody is shown with all that a decision needs, and decided."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kernel.audit import Subject
from kernel.clock import StoppedClock
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade, a_trade
from tests.conftest import GLOBEX
from tests.tenants.conftest import House
from workflow_engine.runtime import queries
from workflow_engine.runtime.task_tables import TaskVote

Come = Callable[..., Walker]


@pytest.fixture
def trade(house: House) -> Trade:
    """ACME, where every mug must be bought first."""
    return a_trade(house.runtime)


@pytest.fixture
def lea(house: House, walker: Come) -> Walker:
    """A lead buyer of ACME, signed in."""
    house.member("lea@acme.example", "buyer_lead")
    return walker("lea@acme.example")


def digest_on(page: str) -> str:
    found = re.search(r'name="digest" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def votes_on(trade: Trade, task_id: str) -> list[tuple[str, str | None]]:
    with trade.shop.merchant.work() as uow:
        return [(each.decision, each.reason) for each in queries.votes(uow, task_id)]


def test_nothing_to_do_is_said_so(lea: Walker) -> None:
    page = lea.open("tasks")

    assert "Nothing waits for you" in words(page)
    assert "nav-count" not in page.text


def test_a_task_shows_what_is_bought_for_whom_and_why_it_is_here(trade: Trade, lea: Walker) -> None:
    trade.order(quantity=2)
    (task,) = trade.tasks()

    listed, shown = lea.open("tasks"), words(lea.open(f"tasks/{task.id}"))

    assert "Purchase order 1 Potters of Delft, for order 1 Waiting for an approval" in words(listed)
    assert re.search(r'nav-count">1<', listed.text)
    for told in (
        "Supplier Potters of Delft",
        "Delivered to Warehouse Berlin",
        "What it costs",
        "MUG-BLUE Coffee mug, blue At least 6, in packs of 6, here in 7 days 6 €4.20 €25.20",
        "Order 1 , line 1: 2 × MUG-BLUE for Carla (basic), who pays €10.00",
        "2 of them missing since",
        "Warehouse Berlin can promise none of MUG-BLUE now.",
        "Waiting for an approval. The purchase order total is more than 20.00 EUR.",
        "Requested by Wareflow (shop)",
        'Rule t_large applied: context.po.total > money("20.00","EUR")',
        "Nobody has answered yet.",
        "Draft a purchase order",
    ):
        assert told in shown


def test_approving_moves_the_run_and_leads_to_the_next_task(trade: Trade, lea: Walker) -> None:
    trade.order("A-1")
    trade.order("A-2")
    first, second = trade.tasks()
    digest = digest_on(lea.open(f"tasks/{first.id}").text)

    answer = lea.send(f"tasks/{first.id}/approval", digest=digest)

    assert answer.location == f"/t/acme/tasks/{second.id}?decided={first.id}&told=approved"
    shown = words(lea.open(answer.location))
    assert "You approved it. Here is the next one." in shown
    assert "See what follows: Purchase order" in shown
    assert {order.id: order.phase for order in trade.purchases()} == {
        first.subject_id: "sent",
        second.subject_id: "draft",
    }
    assert votes_on(trade, first.id) == [("approve", None)]


def test_the_last_task_leads_back_to_an_empty_list(trade: Trade, lea: Walker) -> None:
    trade.order()
    (task,) = trade.tasks()
    digest = digest_on(lea.open(f"tasks/{task.id}").text)

    answer = lea.send(f"tasks/{task.id}/rejection", digest=digest, reason="Too dear.")

    assert "You rejected it. Nothing else waits for you." in words(lea.open(answer.location))
    assert votes_on(trade, task.id) == [("reject", "Too dear.")]
    assert trade.purchases()[0].phase == "voided"


def test_a_rejection_without_a_reason_comes_back_with_its_fault(trade: Trade, lea: Walker) -> None:
    trade.order()
    (task,) = trade.tasks()
    digest = digest_on(lea.open(f"tasks/{task.id}").text)

    answer = lea.send(f"tasks/{task.id}/rejection", digest=digest, reason="  ")

    assert answer.status_code == 422
    assert "Write in a sentence why you reject" in words(answer)
    assert votes_on(trade, task.id) == []


@pytest.mark.parametrize("digest", ["", "sha256:of-something-else"])
def test_what_has_changed_since_it_was_shown_is_not_decided(
    trade: Trade, lea: Walker, digest: str
) -> None:
    trade.order()
    (task,) = trade.tasks()

    answer = lea.send(f"tasks/{task.id}/approval", digest=digest)

    assert answer.status_code == 409
    assert "has changed since: look again before you decide" in words(answer)
    assert votes_on(trade, task.id) == []


def test_two_decide_at_once_and_the_second_is_told(
    trade: Trade, lea: Walker, house: House, walker: Come
) -> None:
    house.member("leo@acme.example", "buyer_lead")
    leo = walker("leo@acme.example")
    trade.order()
    (task,) = trade.tasks()
    digest = digest_on(leo.open(f"tasks/{task.id}").text)
    lea.send(f"tasks/{task.id}/approval", digest=digest)

    late = leo.send(f"tasks/{task.id}/rejection", digest=digest, reason="Too dear.")

    assert late.status_code == 409
    assert "This was decided before your answer came in." in words(late)
    assert "Lea approved" in words(late)
    assert votes_on(trade, task.id) == [("approve", None)]


def test_whoever_asked_for_it_sees_why_they_cannot_decide(
    trade: Trade, house: House, walker: Come
) -> None:
    ana = house.member("ana@acme.example", "administrator", "buyer_lead")
    asker = walker("ana@acme.example")
    trade.order(actor=ana)
    (task,) = trade.tasks()

    page = asker.open(f"tasks/{task.id}")
    refused = asker.send(f"tasks/{task.id}/approval", digest=task.digest or "")

    assert "You cannot decide this one. Whoever asked for it cannot approve it" in words(page)
    assert 'name="digest"' not in page.text
    assert refused.status_code == 403
    assert "You may not decide this task." in words(refused)
    assert votes_on(trade, task.id) == []


def test_an_auditor_looks_and_cannot_vote(trade: Trade, house: House, walker: Come) -> None:
    house.member("otto@acme.example", "auditor")
    otto = walker("otto@acme.example")
    trade.order()
    (task,) = trade.tasks()

    page = otto.open(f"tasks/{task.id}")

    assert "your roles do not include deciding" in words(page)
    assert otto.send(f"tasks/{task.id}/approval", digest=task.digest or "").status_code == 403


def test_who_may_not_see_purchases_is_shown_none_of_their_content(
    trade: Trade, house: House, walker: Come
) -> None:
    house.member("ana@acme.example", "administrator")
    ana = walker("ana@acme.example")
    ana.send("roles", key="voter", name="Voter", description="",
             permissions=["tasks:read", "tasks:vote"])  # fmt: skip
    house.member("vic@acme.example", "voter")
    vic = walker("vic@acme.example")
    trade.order()
    (task,) = trade.tasks()

    page = vic.open(f"tasks/{task.id}")

    assert "You may not see purchase orders (procurement:read)" in words(page)
    assert "Potters of Delft" not in page.text
    assert "25.20" not in page.text


def test_tasks_of_another_tenant_neither_appear_nor_count(
    trade: Trade, lea: Walker, house: House
) -> None:
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.order()
    (task,) = theirs.tasks()

    page = lea.open("tasks")

    assert "Nothing waits for you" in words(page)
    assert "nav-count" not in page.text
    assert lea.open(f"tasks/{task.id}").status_code == 404


def test_the_fifty_first_task_is_a_page_away_and_stays_there_when_opened(
    trade: Trade, lea: Walker, clock: StoppedClock
) -> None:
    for number in range(51):
        clock.pass_time(timedelta(seconds=1))
        trade.order(f"A-{number}")
    page = lea.open("tasks").text

    following = re.search(r'id="page-next" href="([^"]+)"', page)
    assert following is not None
    last = lea.open(following[1])
    task_id = trade.tasks()[-1].id
    link = re.search(rf'href="(/t/acme/tasks/{task_id}[^"]*)"', last.text)
    assert link is not None

    assert page.count("data-row-link") == 50
    assert last.text.count("data-row-link") == 1
    assert lea.open(link[1]).text.count("data-row-link") == 1


def test_what_somebody_has_answered_no_longer_waits_for_them(
    trade: Trade, house: House, walker: Come
) -> None:
    """The number in the navigation and the list speak of the same tasks."""
    lea = house.member("lea@acme.example", "buyer_lead")
    trade.order()
    (task,) = trade.tasks()
    with trade.shop.merchant.work() as uow:
        uow.session.add(
            TaskVote(
                tenant_id=uow.tenant_id, task_id=task.id, stage=task.stage, voter_id=lea.id,
                decision="approve", chain=[], voted_at=uow.now,
            )
        )  # fmt: skip
        uow.record("tests.vote", Subject("task", task.id))

    page = walker("lea@acme.example").open("tasks")

    assert "Nothing waits for you" in words(page)
    assert "nav-count" not in page.text


def test_the_team_s_view_shows_what_others_are_asked_and_nothing_to_choose(
    trade: Trade, house: House, walker: Come
) -> None:
    house.member("otto@acme.example", "auditor")
    otto = walker("otto@acme.example")
    trade.order()

    mine, team = otto.open("tasks"), otto.open("tasks?view=team")

    assert "Nothing waits for you" in words(mine)
    assert "Purchase order 1" in words(team)
    assert "waits for Buyer lead" in words(team)
    assert 'name="id"' not in team.text


def test_what_is_due_today_or_overdue_is_a_view_of_its_own(trade: Trade, lea: Walker) -> None:
    trade.order("A-1")
    trade.order("A-2")
    overdue, _without = trade.tasks()
    with trade.shop.merchant.work() as uow:
        task = queries.task(uow, overdue.id)
        task.due_at = uow.now - timedelta(hours=1)
        uow.record("tests.due", Subject("task", task.id))

    due = lea.open("tasks?view=due")

    assert due.text.count("data-row-link") == 1
    assert overdue.id in due.text
    assert f"/t/acme/tasks/{overdue.id}?view=due" in due.text


def test_both_answers_say_what_they_lead_to(trade: Trade, lea: Walker) -> None:
    trade.order()
    (task,) = trade.tasks()

    shown = words(lea.open(f"tasks/{task.id}"))

    assert (
        "If you approve Goes on to “Sending the purchase order”."
        " Send a purchase order as it was approved." in shown
    )
    assert "If you reject Goes on to “Voiding what was not approved”." in shown


def test_a_task_of_another_tenant_is_unknown_among_many(
    trade: Trade, lea: Walker, house: House
) -> None:
    """TEN-05: it is told as any other id, and stays as it is."""
    theirs = a_trade(house.runtime, GLOBEX)
    theirs.order()
    (foreign,) = theirs.tasks()
    trade.order()
    (own,) = trade.tasks()

    answer = lea.send(
        "tasks/decisions",
        answer="approve",
        id=[foreign.id, own.id],
        **{f"digest-{own.id}": own.digest or "", f"digest-{foreign.id}": foreign.digest or ""},
    )

    assert "1 of 2 approved." in words(answer)
    assert "There is no such task." in words(answer)
    assert [each.id for each in theirs.tasks()] == [foreign.id]


def test_a_batch_decides_only_what_it_was_shown(trade: Trade, lea: Walker) -> None:
    trade.order()
    (task,) = trade.tasks()

    answer = lea.send("tasks/decisions", answer="approve", id=task.id, **{f"digest-{task.id}": "x"})

    assert "0 of 1 approved." in words(answer)
    assert "has changed since" in words(answer)
    assert votes_on(trade, task.id) == []


def test_an_empty_batch_asks_for_a_choice(lea: Walker) -> None:
    answer = lea.send("tasks/decisions", answer="approve")

    assert "Nothing was decided: choose tasks first." in words(lea.open(answer.location))
