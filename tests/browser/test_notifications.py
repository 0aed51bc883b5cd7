"""The bell: counted and said while somebody works elsewhere, read by keyboard, chosen by kind."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.layout import overflowing, small_targets
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, Scheme, Visitor

Arrive = Callable[..., Visitor]


@pytest.fixture
def lea(arrive: Arrive, site: Site) -> Visitor:
    visitor = arrive(site.address)
    sign_in(visitor)
    return visitor


def listening(page: Page) -> Page:
    expect(page.locator("html[data-stream=open]")).to_have_count(1)
    return page


def all_read(visitor: Visitor, site: Site) -> Page:
    site.trade.runtime.drain_all()
    page = visitor.open("/t/acme/notifications")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Everything is marked as read.")).to_be_visible()
    return page


def test_what_is_asked_of_somebody_reaches_them_on_another_page(lea: Visitor, site: Site) -> None:
    """Said once, counted at the bell, kept on its page until it is opened, by keyboard alone."""
    all_read(lea, site)
    page = listening(lea.open("/t/acme/stock"))
    bell = page.locator("[data-bell]")
    expect(bell).to_have_accessible_name("Notifications, all read")

    site.trade.order("N-1", quantity=6)

    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("Approve")
    expect(bell).to_have_accessible_name("Notifications, 1 unread")
    lea.screenshot("bell")
    assert violations(page) == []

    bell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    expect(page.get_by_text("One is unread.")).to_be_visible()
    page.locator(".notification.new").get_by_role("button", name="Open: Approve").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/tsk_*")
    expect(page.locator("[data-bell]")).to_have_accessible_name("Notifications, all read")


def test_who_does_not_want_a_kind_hears_nothing_of_it(lea: Visitor, site: Site) -> None:
    all_read(lea, site)
    page = lea.open("/t/acme/notifications/preferences")
    page.get_by_label("Something is asked of me").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is kept.")).to_be_visible()
    page = listening(lea.open("/t/acme/tasks"))

    site.trade.order("N-1", quantity=6)

    expect(page.get_by_role("link", name="1 newer task: show")).to_be_visible()
    page.wait_for_timeout(1_000)
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("[data-bell]")).to_have_accessible_name("Notifications, all read")


def test_a_list_that_is_open_says_that_there_is_more(lea: Visitor, site: Site) -> None:
    site.trade.runtime.drain_all()
    page = listening(lea.open("/t/acme/notifications"))
    before = page.locator(".notification").count()

    site.trade.order("N-1", quantity=6)

    page.get_by_role("link", name="1 newer notification: show").click()
    expect(page.locator(".notification")).to_have_count(before + 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_of_notifications_are_accessible(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1, A2, V1: with something to read, and with a choice to make."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    sign_in(visitor)
    device = "desk" if size == DESK else "phone"
    for name in ("notifications", "notifications/preferences"):
        page = visitor.open(f"/t/acme/{name}")
        visitor.screenshot(f"{name.replace('/', '-')}-{device}-{scheme}")
        assert violations(page) == [], name
        assert small_targets(page) == [], name
        assert overflowing(page) == [], name
