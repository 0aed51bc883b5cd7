"""Dialogs, tips, copying and news in the corner."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.visiting import Visitor


def test_a_dialog_and_a_menu_open_without_scripts(
    arrive: Callable[..., Visitor], gallery_site: str
) -> None:
    page = arrive(gallery_site, scripts=False).open("/dev/ui")

    page.get_by_role("button", name="Open the dialog").click()
    dialog = page.get_by_role("dialog", name="Invite a member")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Menu", exact=True).click()

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("menuitem", name="Open the list")).to_be_visible()


def test_open_dialogs_drawers_and_menus_are_accessible(visitor: Visitor) -> None:
    """A1: also what is hidden until somebody asks for it."""
    page = visitor.open("/dev/ui")

    found = []
    for opener, closes in [
        ("Open the dialog", "Escape"),
        ("Open the drawer", "Escape"),
        ("Menu", "Escape"),
        ("Help", "Escape"),
    ]:
        page.get_by_role("button", name=opener, exact=True).click()
        page.wait_for_timeout(100)
        found += [f"{opener}: {fault}" for fault in violations(page)]
        visitor.screenshot(f"open-{opener.lower().replace(' ', '-')}")
        page.keyboard.press(closes)

    assert found == []


def test_copying_is_told(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open("/dev/ui")

    page.get_by_role("button", name="Copy ord_01jd3w8m4t").click()

    expect(page.locator("#toasts")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "ord_01jd3w8m4t"


def test_news_in_the_corner_goes_away_when_dismissed(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open("/dev/ui")
    page.get_by_role("button", name="Copy ord_01jd3w8m4t").click()

    page.locator("#toasts").get_by_role("button", name="Dismiss").click()

    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_a_tip_shows_on_focus_and_escape_puts_it_away(visitor: Visitor) -> None:
    """WCAG 1.4.13."""
    page = visitor.open("/dev/ui")
    tip = page.get_by_role("tooltip", name="On hand minus what is promised")

    page.get_by_role("button", name="What available means").focus()
    expect(tip).to_be_visible()
    faults = violations(page)
    page.keyboard.press("Escape")

    assert faults == []
    expect(tip).to_be_hidden()


def test_a_refusal_of_the_server_is_told_with_its_request(visitor: Visitor) -> None:
    visitor.watch.expected_statuses.add(503)
    page = visitor.open("/dev/ui/list")
    page.route(
        "**/dev/ui/list?*",
        lambda route: route.fulfill(
            status=503,
            headers={"X-Request-Id": "req_7", "Content-Type": "text/html"},
            body="<h1>Wareflow is not available right now</h1>",
        ),
    )

    page.get_by_role("link", name="Next").click()

    expect(page.locator("#toasts")).to_contain_text("not available right now. Request req_7.")
    expect(page.locator("tbody tr")).to_have_count(25)


def test_no_connection_is_told(visitor: Visitor) -> None:
    page = visitor.open("/dev/ui/list")
    page.route("**/dev/ui/list?*", lambda route: route.abort())

    page.get_by_role("link", name="Next").click()

    expect(page.locator("#toasts")).to_contain_text("No connection.")
    visitor.watch.faults.clear()  # Chromium writes the failed request into its console.
