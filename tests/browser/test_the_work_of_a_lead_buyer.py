"""A lead buyer's morning in a real browser: two approvals by keyboard, and what they lead to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.layout import overflowing, small_targets
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor

Arrive = Callable[..., Visitor]


def test_two_approvals_are_decided_by_keyboard_and_the_orders_tell(
    arrive: Arrive, site: Site
) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page, keys = visitor.page, visitor.page.keyboard
    expect(page.locator("a[aria-current=page] .nav-count")).to_contain_text("2")
    visitor.screenshot("work-waiting")

    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/tasks/tsk_*")
    expect(page.get_by_text("Potters of Delft", exact=True)).to_be_visible()
    keys.press("a")
    expect(page.get_by_text("You approved it. Here is the next one.")).to_be_visible()
    keys.press("r")
    dialog = page.get_by_role("dialog", name="Reject")
    dialog.get_by_label("Reason").focus()
    keys.type("Too dear for mugs.")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("You rejected it. Nothing else waits for you.")).to_be_visible()
    visitor.screenshot("work-done")

    told: list[str] = []
    for order_id in site.orders:
        visitor.open(f"/t/acme/orders/{order_id}")
        visitor.screenshot(f"order-decided-{len(told)}")
        told.append(page.locator(".timeline").inner_text())
    approved, rejected = sorted(told, key=lambda story: "Too dear for mugs." in story)
    assert "Approve purchase order: approved" in approved
    assert "On order" in approved
    assert "Approve purchase order: rejected" in rejected
    assert "Too dear for mugs." in rejected
    assert "Given up" in rejected


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_trade_has_an_accessibility_fault(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1: axe finds nothing, light and dark, wide and narrow."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    device = "desk" if size == DESK else "phone"
    sign_in(visitor)

    found = []
    for name, path in site.pages.items():
        page = visitor.open(path)
        visitor.screenshot(f"trade-{name}-{device}-{scheme}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []


def test_no_page_of_trade_scrolls_sideways(arrive: Arrive, site: Site) -> None:
    """A2: 320 pixels."""
    visitor = arrive(site.address, size=SMALLEST)
    sign_in(visitor)

    found = []
    for name, path in site.pages.items():
        found += [f"{name}: {each}" for each in overflowing(visitor.open(path))]

    assert found == []


def test_a_task_is_decided_without_scripts(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address, scripts=False)
    sign_in(visitor)
    page = visitor.page

    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("You approved it. Here is the next one.")).to_be_visible()
