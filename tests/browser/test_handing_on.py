"""A task is handed on by key and answered by who stands in; absences are kept by keyboard."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import PHONE, Visitor
from tests.tenants.conftest import House

Arrive = Callable[..., Visitor]


def test_d_hands_a_task_on_and_the_stand_in_decides_it(
    arrive: Arrive, site: Site, house: House
) -> None:
    house.member("sam@acme.example", "finance_approver")
    lea, sam = arrive(site.address), arrive(site.address)
    sign_in(lea)
    page = lea.open(site.pages["task"])

    page.keyboard.press("d")
    page.wait_for_url("**/handing")
    expect(page.get_by_label("Who answers")).to_be_focused()
    faults = violations(page)
    lea.screenshot("handing-on")
    page.keyboard.type("Sam")
    page.get_by_label("Why").fill("I am on the train.")
    page.get_by_role("button", name="Hand on").click()
    page.wait_for_url("**/tasks/tsk_*")
    expect(page.get_by_text("It is handed on.")).to_be_visible()
    expect(page.get_by_text("Sam may answer for Lea until")).to_be_visible()
    faults += violations(page)
    lea.screenshot("handed-on")
    house.runtime.drain_all()

    sign_in(sam, "sam@acme.example")
    theirs = sam.open("/t/acme/tasks?view=delegated")
    expect(theirs.get_by_text("for Lea")).to_be_visible()
    faults += violations(theirs)
    sam.screenshot("delegated")
    theirs.keyboard.press("j")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_text("You answer for Lea.")).to_be_visible()
    faults += violations(theirs)
    theirs.keyboard.press("a")
    expect(theirs.get_by_text("You approved it.")).to_be_visible()
    house.runtime.drain_all()

    page.goto(site.pages["task"])
    expect(page.locator("#votes + ul").get_by_text("for Lea approved")).to_be_visible()
    page.goto("/t/acme/notifications")
    expect(page.get_by_text("Sam approved for you")).to_be_visible()
    assert faults == []


def test_out_of_office_is_kept_and_ended_by_keyboard_and_on_a_phone(
    arrive: Arrive, site: Site, house: House
) -> None:
    house.member("sam@acme.example", "finance_approver")
    visitor = arrive(site.address, size=PHONE)
    visitor.watch.expected_statuses.add(422)
    sign_in(visitor)
    page = visitor.open("/t/acme/me/delegations")
    visitor.screenshot("out-of-office")
    faults = violations(page)

    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_label("Who answers")).to_have_attribute("aria-invalid", "true")
    faults += violations(page)
    page.get_by_label("Who answers").focus()
    page.keyboard.type("Sam")
    page.get_by_text("Only because of an absence").click()
    page.get_by_role("button", name="Keep").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The delegation is kept.")).to_be_visible()
    expect(page.get_by_text("Holds now")).to_be_visible()
    faults += violations(page)
    visitor.screenshot("out-of-office-kept")

    page.get_by_role("button", name="End that Sam answers for Lea").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The delegation has ended.")).to_be_visible()
    assert faults == []
