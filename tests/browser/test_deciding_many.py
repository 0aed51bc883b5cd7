"""Several approvals are decided at once by keyboard, and each row tells what became of it."""

from collections.abc import Callable

from playwright.sync_api import expect

from kernel.access import Actor
from tests.browser.accessibility import violations
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import Visitor
from tests.builder_ui.portal.trading import Trade
from tests.conftest import ACME
from tests.tenants.conftest import House
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.task_tables import Task
from workflow_engine.runtime.voting import Decision, vote

Arrive = Callable[..., Visitor]


def decide(trade: Trade, house: House, actor: Actor, task: Task) -> None:
    with house.open(ACME, actor) as uow:
        vote(uow, engine_of(uow), task.id, Decision("reject", "Too dear.", task.digest))
    trade.runtime.drain_all()


def test_of_three_chosen_the_one_decided_meanwhile_is_told_and_nothing_is_half_done(
    arrive: Arrive, site: Site, house: House
) -> None:
    """P2: batch approve with one failure."""
    leo = house.member("leo@acme.example", "buyer_lead")
    site.trade.order("A-9")
    visitor = arrive(site.address)
    sign_in(visitor)
    page, keys = visitor.page, visitor.page.keyboard
    first, second, third = site.trade.tasks()

    for key in ("j", "x", "j", "x", "j", "x"):
        keys.press(key)
    expect(page.locator("[data-count]")).to_have_text("3")
    visitor.screenshot("work-chosen")
    faults = violations(page)
    decide(site.trade, house, leo, second)
    keys.press("Shift+A")
    expect(page.get_by_text("2 of 3 approved.")).to_be_visible()
    visitor.screenshot("work-decided-many")
    faults += violations(page)

    assert faults == []
    rows = page.locator("tbody tr")
    assert [rows.nth(at).locator(".badge").inner_text() for at in range(3)] == [
        "Approved",
        "Not approved",
        "Approved",
    ]
    expect(rows.nth(1)).to_contain_text("decided before your answer came in")
    site.trade.runtime.drain_all()
    phases = {order.id: order.phase for order in site.trade.purchases()}
    assert phases == {
        first.subject_id: "sent",
        second.subject_id: "voided",
        third.subject_id: "sent",
    }


def test_several_are_rejected_only_with_a_reason(arrive: Arrive, site: Site) -> None:
    """P2: the reason goes to every row."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page, keys = visitor.page, visitor.page.keyboard

    for key in ("j", "x", "j", "x"):
        keys.press(key)
    keys.press("Shift+R")
    dialog = page.get_by_role("dialog", name="Reject the chosen")
    dialog.get_by_role("button", name="Reject all of them").click()
    expect(dialog).to_be_visible()
    visitor.screenshot("work-reject-many")
    faults = violations(page)
    dialog.get_by_label("Reason").fill("Not this month.")
    dialog.get_by_role("button", name="Reject all of them").click()

    expect(page.get_by_text("2 of 2 rejected.")).to_be_visible()
    assert faults == []
    assert site.trade.tasks() == []


def test_a_key_for_many_does_nothing_while_none_is_chosen(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)

    visitor.page.keyboard.press("j")
    visitor.page.keyboard.press("Shift+A")
    visitor.page.wait_for_timeout(200)

    expect(visitor.page).to_have_url(f"{site.address}/t/acme/tasks")
    assert len(site.trade.tasks()) == 2


def test_a_task_says_what_either_answer_leads_to(arrive: Arrive, site: Site) -> None:
    """P1: why it is here, what it costs, and what happens next."""
    visitor = arrive(site.address)
    sign_in(visitor)

    page = visitor.open(f"/t/acme/tasks/{site.trade.tasks()[0].id}")

    follows = page.get_by_role("region", name="What happens next")
    expect(follows).to_contain_text("If you approve")
    expect(follows).to_contain_text("Goes on to “Sending the purchase order”.")
    expect(follows).to_contain_text("Goes on to “Voiding what was not approved”.")
