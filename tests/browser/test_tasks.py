"""Tasks are decided by key, beside the list, and a rejection has a reason."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.layout import focused
from tests.browser.visiting import PHONE, Visitor


def test_a_task_opens_beside_the_list_which_keeps_its_row(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/task")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**?task=2")
    expect(page.get_by_role("heading", name="Refund for order 2210")).to_be_visible()
    row = focused(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**?task=3")

    assert row.startswith("tr Refund for order 2210")
    expect(page.get_by_role("heading", name="Supplier Nordic Ceramics")).to_be_visible()


def test_a_approves(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/task?task=1")

    page.keyboard.press("a")

    expect(page.get_by_text("The task was approved.")).to_be_visible()


def test_u_takes_the_decision_back(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/task?task=1")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    visitor.screenshot("approved")

    with page.expect_request("**/dev/ui/undo"):
        page.keyboard.press("u")

    page.wait_for_url("**/dev/ui/task")


def test_r_asks_for_the_reason_and_insists(visitor: Visitor) -> None:
    visitor.watch.expected_statuses.add(422)
    page = visitor.open("/dev/ui/task?task=1")

    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reject")
    dialog.get_by_role("button", name="Reject").click()
    reason = page.get_by_role("dialog", name="Reject").get_by_label("Reason")
    expect(reason).to_be_focused()
    expect(dialog).to_contain_text("Say why")
    visitor.screenshot("reject")
    faults = violations(page)
    reason.fill("Ask for a second offer first.")
    dialog.get_by_role("button", name="Reject").click()

    assert faults == []
    expect(page.get_by_text("The task was rejected.")).to_be_visible()


def test_a_phone_shows_the_list_or_the_task(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    visitor = arrive(gallery_site, size=PHONE)
    page = visitor.open("/dev/ui/task")

    page.get_by_role("link", name="Refund for order 2210").click()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    hidden = page.get_by_role("link", name="Purchase order 1042").is_hidden()
    page.get_by_role("link", name="Back to the list").click()

    assert hidden
    expect(page.get_by_role("link", name="Purchase order 1042")).to_be_visible()


def test_progress_asks_again_until_it_is_done(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/steps")

    expect(page.locator("#import-progress")).to_contain_text("1000 of 1000", timeout=8000)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.wait_for_timeout(1500)

    assert calls == []
