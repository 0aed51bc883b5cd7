"""A vote given by key is taken back by key within its eight seconds, or counts after them."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kernel.audit import AuditEntry
from kernel.tenancy import move_clock
from tests.browser.accessibility import violations
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import PHONE, Visitor
from tests.builder_ui.portal.trading import FLOW
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish
from workflow_engine.runtime.task_tables import Task, TaskVote, WaitingVote

Arrive = Callable[..., Visitor]


@pytest.fixture
def asked(site: Site) -> Task:
    """An approval whose votes can be undone: the newest of three that wait."""
    flow = json.loads(FLOW.read_text())
    for state in flow["states"]:
        if state["id"] == "approving":
            state["invoke"]["stages"][0]["undo"] = "PT8S"
    merchant = site.trade.shop.merchant
    with merchant.work() as uow:
        publish(uow, engine_of(uow), flow)
    before = {task.id for task in site.trade.tasks()}
    site.trade.order("A-9")
    (task,) = (task for task in site.trade.tasks() if task.id not in before)
    return task


def pass_eight_seconds(site: Site) -> None:
    with site.trade.shop.merchant.work() as uow:
        move_clock(uow, uow.now + timedelta(seconds=8))
    site.trade.runtime.drain_all()


def kept(site: Site, task: Task) -> tuple[list[str], int, int, str]:
    """What the audit log tells of votes on it, how many count and wait, and its state."""
    with site.trade.shop.merchant.work() as uow:
        entries = uow.session.scalars(select(AuditEntry).filter_by(subject_id=task.id)).all()
        about = {"task_id": task.id}
        counts = len(uow.session.scalars(select(TaskVote).filter_by(**about)).all())
        waits = len(uow.session.scalars(select(WaitingVote).filter_by(**about)).all())
        state = uow.session.get_one(Task, (uow.tenant_id, task.id)).state
    return sorted(each.action for each in entries if "vote" in each.action), counts, waits, state


def test_approved_by_key_and_undone_by_key(arrive: Arrive, site: Site, asked: Task) -> None:
    """P1: the state and the audit rows are right."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open(f"/t/acme/tasks/{asked.id}")

    page.keyboard.press("a")
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Approved: Purchase order")
    expect(page.locator("#announce")).to_contain_text("Approved: Purchase order")
    visitor.screenshot("vote-undo")
    faults = violations(page)
    site.trade.runtime.drain_all()
    assert kept(site, asked) == (["task.vote"], 0, 1, "open")
    expect(page.get_by_role("table").first.locator("tbody tr")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.get_by_text("You took your answer back.")).to_be_visible()

    assert faults == []
    expect(page).to_have_url(f"{site.address}/t/acme/tasks/{asked.id}?told=taken-back")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    expect(page.get_by_role("table").first.locator("tbody tr")).to_have_count(3)
    pass_eight_seconds(site)
    assert kept(site, asked) == (["task.vote", "task.withdraw_vote"], 0, 0, "open")


def test_what_is_not_undone_counts_and_the_offer_goes(
    arrive: Arrive, site: Site, asked: Task
) -> None:
    """P1: the variant in which the time passes."""
    visitor = arrive(site.address)
    visitor.watch.expected_statuses.add(409)
    sign_in(visitor)
    page = visitor.open(f"/t/acme/tasks/{asked.id}")

    page.keyboard.press("a")
    expect(page.locator("#toasts .toast")).to_be_visible()
    late = page.context.new_page()
    late.goto(f"{site.address}/t/acme/tasks/{asked.id}")
    expect(late.get_by_text("You approved it. It counts at")).to_be_visible()
    faults = violations(late)
    pass_eight_seconds(site)
    late.keyboard.press("u")
    expect(
        late.get_by_text("The time in which your vote could be taken back is over")
    ).to_be_visible()
    late.close()
    expect(page.locator("#toasts .toast")).to_have_count(0, timeout=12_000)

    assert faults == []
    assert kept(site, asked) == (["task.count_vote", "task.vote"], 1, 0, "done")


def test_several_votes_offer_their_undo(arrive: Arrive, site: Site, asked: Task) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page, keys = visitor.page, visitor.page.keyboard
    for key in ("j", "x", "j", "x", "j", "x"):
        keys.press(key)
    keys.press("Shift+A")
    expect(page.get_by_text("3 of 3 approved.")).to_be_visible()
    faults = violations(page)

    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_text("You took your answer back.")).to_be_visible()
    assert faults == []
    assert kept(site, asked)[1:] == (0, 0, "open")


@pytest.mark.parametrize("size", [None, PHONE])
def test_c_writes_a_comment(arrive: Arrive, site: Site, asked: Task, size: object) -> None:
    visitor = arrive(site.address, **({"size": size} if size else {}))
    visitor.watch.expected_statuses.add(422)
    sign_in(visitor)
    page = visitor.open(f"/t/acme/tasks/{asked.id}")

    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Comment")
    words = dialog.get_by_label("Comment")
    expect(words).to_be_focused()
    dialog.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("dialog", name="Comment")).to_contain_text("Write what you want to say")
    visitor.screenshot("comment")
    faults = violations(page)
    words.fill("Why <b>so many</b>?")
    dialog.get_by_role("button", name="Send the comment").click()

    expect(page.get_by_text("Your comment is there.")).to_be_visible()
    expect(page.locator(".timeline").get_by_text("Why <b>so many</b>?")).to_be_visible()
    assert faults == []
