"""Very many orders in a real browser: sorted, narrowed, leapt through, and come back to."""

from collections.abc import Callable
from time import perf_counter

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.layout import overflowing
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import PHONE, Visitor
from tests.commerce.many_orders import place_many
from tests.conftest import Cluster

Arrive = Callable[..., Visitor]


def numbers(page: Page) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def leap(page: Page, to: int) -> None:
    page.get_by_label("Go to page").fill(str(to))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**page={to}*")


def walk(arrive: Arrive, site: Site, database: Cluster, count: int) -> None:
    place_many(site.trade.shop, count)
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE sales_order, sales_order_line")
    far = count // 50 * 9 // 10
    visitor = arrive(site.address)
    sign_in(visitor)
    page = visitor.open("/t/acme/orders")
    took: dict[str, float] = {}

    def timed(what: str, act: Callable[[], object]) -> None:
        begun = perf_counter()
        act()
        took[what] = (perf_counter() - begun) * 1000

    def sort() -> None:
        page.get_by_role("link", name="Placed").click()
        page.wait_for_url("**sort=placed_at*")

    timed("sort", sort)
    timed(f"page {far}", lambda: leap(page, far))
    address, shown = page.url, numbers(page)
    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    visitor.screenshot("orders-far-page")
    # What lies half under the bar at the top is no small target: it moves out by scrolling.
    page.mouse.wheel(0, -100_000)
    while page.evaluate("window.scrollY") > 0:
        page.wait_for_timeout(50)
    faults = violations(page)

    page.locator("tbody th a").first.click()
    page.wait_for_url("**/orders/ord_*")
    timed("back", page.go_back)
    expect(page).to_have_url(address)
    expect(page.get_by_label("Go to page")).to_have_value(str(far))
    assert numbers(page) == shown

    def narrow() -> None:
        page.locator("#filter-phase").select_option("placed")
        page.wait_for_url("**phase=placed*")

    timed("filter", narrow)
    expect(page.locator("tbody tr")).to_have_count(50)
    assert "page=" not in page.url
    assert faults == []
    print(f"{count} orders:", ", ".join(f"{what} {each:.0f} ms" for what, each in took.items()))


def test_a_far_page_is_in_the_address_and_back_brings_it_again(
    arrive: Arrive, site: Site, database: Cluster
) -> None:
    """P3: sort, filter, a far page, Back: the address is the state."""
    walk(arrive, site, database, 5_000)


@pytest.mark.soak
def test_page_nine_hundred_of_fifty_thousand_orders(
    arrive: Arrive, site: Site, database: Cluster
) -> None:
    """P3, in full."""
    walk(arrive, site, database, 50_000)


def test_a_phone_turns_pages_without_scrolling_sideways(
    arrive: Arrive, site: Site, database: Cluster
) -> None:
    """A2."""
    place_many(site.trade.shop, 200)
    visitor = arrive(site.address, size=PHONE)
    sign_in(visitor)

    page = visitor.open("/t/acme/orders?page=3&columns=phase&columns=total")
    visitor.screenshot("orders-far-page-phone")

    assert overflowing(page) == []
    assert violations(page) == []
