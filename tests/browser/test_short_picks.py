"""A picker notes by keyboard what was not found."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.layout import overflowing, small_targets
from tests.browser.merchant_site import press, tab_to
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import PHONE, Visitor


def test_a_picker_notes_what_was_not_found_by_keyboard(
    arrive: Callable[..., Visitor], site: Site
) -> None:
    """The key s opens the form; a fault takes the focus; then the page says what is noted."""
    visitor = arrive(site.address, size=PHONE)
    sign_in(visitor, "ada@acme.example")
    page = visitor.open(site.pages["fulfilment"])
    visitor.watch.expected_statuses.add(422)

    page.keyboard.press("s")
    tab_to(page, "f-found")
    page.keyboard.type("9")
    press(page, "Note what is missing")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("How many were found")).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    assert small_targets(page) == []
    assert overflowing(page) == []
    visitor.screenshot("short-pick-refused-phone")
    tab_to(page, "f-found")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    tab_to(page, "f-why-1")
    page.keyboard.press("ArrowDown")
    press(page, "Note what is missing")

    expect(page.get_by_text("It is noted what was not found")).to_be_visible()
    expect(
        page.get_by_role("region", name="Table of lines").get_by_role("row").nth(1)
    ).to_contain_text("1")
    page.keyboard.press("s")
    expect(page.locator("#f-line")).to_contain_text("2 asked for")
    assert violations(page) == []
