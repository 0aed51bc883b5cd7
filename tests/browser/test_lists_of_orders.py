"""Lists of orders in a real browser: columns, views, and actions over all that match."""

from collections.abc import Callable

from playwright.sync_api import expect
from sqlalchemy import select

from commerce.orders.tables import SalesOrder
from tests.browser.accessibility import violations
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import Visitor
from tests.commerce.order_builders import mugs

Arrive = Callable[..., Visitor]


def phases(site: Site) -> list[str]:
    with site.trade.shop.merchant.work() as uow:
        return list(uow.session.scalars(select(SalesOrder.phase).order_by(SalesOrder.number)))


def test_all_that_match_but_one_are_held(arrive: Arrive, site: Site) -> None:
    """P4: select all matching, unselect one, act: n - 1 changed."""
    for number in range(60):
        site.trade.shop.place(mugs(1, sku="LAMP-RED"), number=f"P4-{number}")
    site.trade.runtime.drain_all()
    before = phases(site).count("held")
    visitor = arrive(site.address)
    sign_in(visitor, "ada@acme.example")
    page = visitor.open("/t/acme/orders?q=P4-")

    page.get_by_label("Choose every row of this page").check()
    page.get_by_label("All 60 matching").check()
    page.locator("tbody tr").nth(3).get_by_role("checkbox").uncheck()
    expect(page.locator("[data-count]")).to_have_text("59")
    visitor.screenshot("orders-all-but-one")
    page.get_by_role("button", name="Hold or cancel").click()
    dialog = page.get_by_role("dialog", name="Hold or cancel the chosen orders")
    visitor.screenshot("orders-hold-many")
    faults = violations(page)
    dialog.get_by_label("Reason").fill("Stocktaking.")
    dialog.get_by_role("button", name="Do it").click()
    page.wait_for_url("**/orders/bulk/blk_*")
    site.trade.runtime.drain_all()

    expect(page.get_by_text("59 done, 0 refused, of 59")).to_be_visible()
    expect(page.locator("#bulk-report .badge").first).to_have_text("Done")
    visitor.screenshot("orders-held-many")
    faults += violations(page)
    assert faults == []
    assert phases(site).count("held") == before + 59


def test_columns_and_a_shared_view_stay_for_who_comes_next(arrive: Arrive, site: Site) -> None:
    """P5: saved, reloaded, seen by another person."""
    visitor = arrive(site.address)
    sign_in(visitor, "ada@acme.example")
    page = visitor.open("/t/acme/orders?phase=allocated")

    page.get_by_text("Columns", exact=True).click()
    chooser = page.get_by_role("form", name="Columns")
    chooser.get_by_label("Country").check()
    visitor.screenshot("orders-columns")
    faults = violations(page)
    chooser.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Country")).to_be_visible()
    page.get_by_role("button", name="Save view").click()
    dialog = page.get_by_role("dialog", name="Save this view")
    dialog.get_by_label("Name").fill("Ready abroad")
    dialog.get_by_label("Everybody in the company sees it").check()
    faults += violations(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The view was saved.")).to_be_visible()
    visitor.screenshot("orders-view-saved")

    other = arrive(site.address)
    sign_in(other)
    seen = other.open("/t/acme/orders")
    seen.get_by_role("link", name="Ready abroad").click()
    expect(seen.get_by_role("columnheader", name="Country")).to_be_visible()
    expect(seen.get_by_role("link", name="Ready abroad")).to_have_attribute("aria-current", "page")
    assert faults == []
