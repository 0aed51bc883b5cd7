"""The command palette: commands at once, things from the server, all of it by keyboard."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import violations
from tests.browser.layout import focused, overflowing
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, Scheme, Visitor

Arrive = Callable[..., Visitor]
KEPT = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"


def opened(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Commands")).to_be_visible()


def test_a_command_is_found_by_its_words_and_enter_goes_there(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    opened(page)
    page.keyboard.type("sto")
    expect(page.get_by_role("option", name="Stock", exact=False).first).to_be_visible()
    page.keyboard.press("Enter")

    page.wait_for_url("**/t/acme/stock")


def test_letters_typed_at_once_are_not_lost_and_are_no_shortcuts(
    arrive: Arrive, site: Site
) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    page.keyboard.press("Control+k")
    with page.expect_response("**/search/quick?q=g*"):
        page.keyboard.type("g o purchase")

    expect(page.get_by_role("combobox")).to_have_value("g o purchase")
    assert page.url.endswith("/tasks")


def test_an_order_is_found_by_its_number_and_opened_with_enter(arrive: Arrive, site: Site) -> None:
    """P10, in the palette."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    opened(page)
    page.keyboard.type("order:A-2")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("Order 1")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [data-told]")).to_have_text("0 commands, 1 thing found.")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/{site.orders[0]}")

    # Looked at, so it is offered again; what is kept here is its id alone.
    opened(page)
    expect(page.get_by_role("group", name="Recent").get_by_role("option")).to_contain_text(
        "Order 1"
    )
    kept = page.evaluate(KEPT)
    assert site.orders[0] in kept
    assert "Carla" not in kept
    assert "Order" not in kept
    assert page.evaluate("localStorage.length") == 0


def test_arrows_walk_the_list_and_escape_gives_the_focus_back(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open("/t/acme/orders")
    page.keyboard.press("j")
    row = focused(page)

    opened(page)
    page.keyboard.type("or")
    options = page.get_by_role("option")
    expect(options.filter(has_text="Orders").first).to_be_visible()
    chosen = page.locator("#palette [role=option][aria-selected=true]")
    stops = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        assert page.locator("#palette-q").get_attribute("aria-activedescendant") == (
            chosen.get_attribute("id")
        )
        stops.append(chosen.inner_text())
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stops[0] == stops[2]
    assert stops[1] != stops[0] != stops[3]
    assert stops[4] == options.last.inner_text() or stops[4].startswith("Search everything")
    assert focused(page) == row


def test_what_is_unknown_goes_to_the_search_page(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    opened(page)
    page.keyboard.type("zzzz")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search?q=zzzz")
    expect(page.get_by_role("heading", name="Nothing found for “zzzz”")).to_be_visible()


def test_the_theme_is_a_command(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page

    opened(page)
    page.keyboard.type("dark")
    expect(page.get_by_role("option", name="Theme: dark")).to_be_visible()
    with page.expect_request("**/me/theme"):
        page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert urlsplit(page.url).path == "/t/acme/tasks"


def test_an_older_answer_never_takes_the_place_of_a_newer_one(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.page
    opened(page)

    # The answer for the first word comes after that for the second.
    def answer_late(route: Route) -> None:
        page.wait_for_timeout(900)
        route.continue_()

    page.route("**/quick?q=po%3A1", answer_late)
    page.keyboard.type("po:1")
    page.wait_for_timeout(250)
    page.locator("#palette-q").fill("order:A-3")
    expect(page.get_by_role("option").first).to_contain_text("Order 2")
    page.wait_for_timeout(1200)

    expect(page.get_by_role("option").first).to_contain_text("Order 2")
    expect(page.get_by_role("option").filter(has_text="Purchase order")).to_have_count(0)


def test_a_stranger_s_page_forgets_what_was_looked_at(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open(site.pages["order"])
    assert site.orders[0] in page.evaluate(KEPT)

    opened(page)
    page.keyboard.type("sign out")
    expect(page.get_by_role("option", name="Sign out", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in*")

    assert "ord_" not in page.evaluate(KEPT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_palette_has_no_accessibility_fault(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1: open with commands, and with what was found; a pointer opens it too."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    sign_in(visitor)
    page = visitor.open(site.pages["order"])
    device = "desk" if size == DESK else "phone"

    page.get_by_role("button", name="Help").click()
    page.get_by_role("menuitem", name="Commands").click()
    expect(page.get_by_role("group", name="Recent")).to_be_visible()
    visitor.screenshot(f"palette-{device}-{scheme}")
    faults = violations(page) + overflowing(page)
    page.keyboard.type("A-")
    expect(page.get_by_role("group", name="Found")).to_be_visible()
    visitor.screenshot(f"palette-found-{device}-{scheme}")
    faults += violations(page) + overflowing(page)

    assert faults == []


def test_the_top_bar_searches_everything_and_a_slash_goes_there(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open(site.pages["order"])

    page.keyboard.press("/")
    page.keyboard.type("A-3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=A-3")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/orders/{site.orders[1]}")


def test_a_list_s_own_search_comes_before_that_of_the_top_bar(arrive: Arrive, site: Site) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open("/t/acme/orders")

    page.keyboard.press("/")

    expect(page.get_by_label("Search by number or the channel's own number")).to_be_focused()
