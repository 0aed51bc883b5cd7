"""An administrator connects a system by keyboard: a client, its scope, its secret."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.merchant_site import enter, heading, press, tab_to
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import Visitor


def test_a_client_is_created_by_keyboard_and_its_secret_copied(
    arrive: Callable[..., Visitor], site: Site
) -> None:
    """OA-12: from the list to a secret on the clipboard, and never a second time."""
    visitor = arrive(site.address)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(visitor, "ada@acme.example")
    page = visitor.open("/t/acme/api-clients")

    with page.expect_navigation():
        page.keyboard.press("n")
    tab_to(page, "f-name")
    page.keyboard.type("Shop connector")
    page.get_by_label("catalog:read").focus()
    page.keyboard.press("Space")
    press(page, "Create and show the secret")
    heading(page, "The secret, this once")
    secret = page.locator("#client-secret").inner_text()
    tab_to(page, f"Copy {secret[:30]}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied.").first).to_be_visible()
    visitor.screenshot("api-client-secret")

    assert violations(page) == []
    assert page.evaluate("navigator.clipboard.readText()") == secret
    tab_to(page, "I have copied it")
    enter(page)
    heading(page, "Shop connector")
    assert secret not in page.content()
