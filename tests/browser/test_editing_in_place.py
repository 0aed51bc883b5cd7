"""P7: a value of a list is changed where it stands; of two people at once, nobody overwrites."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from commerce.catalog import queries
from commerce.catalog.tables import Product
from commerce.keyset import PageWish
from kernel.clock import StoppedClock
from kernel.config import Config
from tests.browser.accessibility import violations
from tests.browser.layout import focused
from tests.browser.merchant_site import MerchantSite, merchant_site, sign_in
from tests.browser.visiting import PHONE, SCREENSHOTS, Visitor
from tests.commerce import builders
from tests.conftest import ACME
from tests.tenants.conftest import PASSWORD, House
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]
PRODUCTS = "/t/acme/catalog/products"


@pytest.fixture
def site(house: House, config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """ACME with Ana and Ben, a mug, and a lamp."""
    house.member("ana@acme.example", "administrator")
    house.member("ben@acme.example", "administrator")
    with merchant_site(config, clock) as served:
        with served.runtime.unit_of_work(ACME, builders.ANA) as uow:
            builders.a_product(uow, builders.MUG, category="Kitchen")
            builders.a_product(uow, builders.LAMP)
        clock.pass_time(timedelta(minutes=1))
        yield served


def at_products(arrive: Arrive, site: MerchantSite, email: str, **wishes: object) -> Page:
    visitor = arrive(site.address, **wishes)
    sign_in(visitor, email)
    visitor.watch.expected_statuses |= {412, 422}
    return visitor.open(PRODUCTS)


def cell(page: Page, row: str, column: str) -> Locator:
    return page.locator("tr").filter(has_text=row).locator(f"[data-column={column}]")


def shown(page: Page, row: int, column: str) -> Locator:
    return page.locator("tbody tr").nth(row).locator(f"[data-column={column}] [data-shown]")


def write(page: Page, words: str) -> None:
    """Type over what stands in the open editor."""
    expect(page.locator(".cell-editor input")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def names(site: MerchantSite) -> dict[str, str | None]:
    with site.runtime.unit_of_work(ACME, builders.ANA) as uow:
        rows = queries.products(uow, PageWish(), order="name").rows
        return {row.name: row.category for row in rows if isinstance(row, Product)}


def test_f2_edits_enter_keeps_and_escape_restores(arrive: Arrive, site: MerchantSite) -> None:
    """By keyboard alone; Tab goes on to the next value, and the row has the focus afterwards."""
    page = at_products(arrive, site, "ana@acme.example")

    page.keyboard.press("j")
    page.keyboard.press("F2")
    write(page, "Never kept")
    page.keyboard.press("Escape")
    expect(shown(page, 0, "name")).to_have_text("Coffee mug")
    page.keyboard.press("F2")
    write(page, "Tea mug")
    page.keyboard.press("Tab")
    write(page, "Gifts")
    page.keyboard.press("Enter")

    expect(page.locator("#announce")).to_have_text("Saved.")
    expect(shown(page, 0, "category")).to_have_text("Gifts")
    expect(page.locator("[data-edit][aria-busy]")).to_have_count(0)
    assert "tr" in focused(page).lower()
    assert names(site) == {"Tea mug": "Gifts", "Desk lamp": "Office"}
    page.reload()
    expect(shown(page, 0, "name")).to_have_text("Desk lamp")
    expect(shown(page, 1, "name")).to_have_text("Tea mug")


def test_a_refused_value_goes_back_and_may_be_mended(arrive: Arrive, site: MerchantSite) -> None:
    page = at_products(arrive, site, "ana@acme.example")

    page.keyboard.press("j")
    page.keyboard.press("F2")
    write(page, " ")
    page.keyboard.press("Enter")

    field = page.locator(".cell-editor input")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".cell-editor [role=alert]")).to_contain_text("must not be empty")
    assert violations(page) == []
    write(page, "Tea mug")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_have_text("Saved.")
    assert "Tea mug" in names(site)


@pytest.mark.parametrize("choice", ["Keep theirs", "Save mine"])
def test_of_two_at_once_the_slower_sees_both_values_and_chooses(
    arrive: Arrive, site: MerchantSite, choice: str
) -> None:
    """P7: two browsers, one cell. The value goes back, the other's is told, both are offered."""
    ana = at_products(arrive, site, "ana@acme.example")
    ben = at_products(arrive, site, "ben@acme.example")
    cell(ana, "Coffee mug", "category").dblclick(position={"x": 8, "y": 8})
    write(ana, "Offices")

    cell(ben, "Coffee mug", "category").dblclick(position={"x": 8, "y": 8})
    write(ben, "Gifts")
    ben.keyboard.press("Enter")
    expect(ben.locator("#announce")).to_have_text("Saved.")
    ana.keyboard.press("Enter")

    told = ana.locator(".cell-conflict [role=alert]")
    expect(told).to_have_text(re.compile(r"^Ben wrote “Gifts” .* You wrote “Offices”\.$"))
    expect(shown(ana, 0, "category")).to_have_text("Gifts")
    assert names(site)["Coffee mug"] == "Gifts"
    expect(ana.get_by_role("button", name="Keep theirs")).to_be_focused()
    assert violations(ana) == []
    ana.screenshot(path=SCREENSHOTS / "editing-conflict.png", caret="initial")
    if choice == "Save mine":
        ana.keyboard.press("Tab")
    ana.keyboard.press("Enter")
    kept = "Gifts" if choice == "Keep theirs" else "Offices"
    expect(shown(ana, 0, "category")).to_have_text(kept)
    expect(ana.locator("[data-edit][aria-busy]")).to_have_count(0)
    expect(ana.locator(".cell-conflict")).to_have_count(0)
    assert names(site)["Coffee mug"] == kept


def test_two_values_of_one_row_are_in_nobodys_way(arrive: Arrive, site: MerchantSite) -> None:
    ana = at_products(arrive, site, "ana@acme.example")
    ben = at_products(arrive, site, "ben@acme.example")
    for page, presses, words in ((ben, ("F2", "Tab"), "Gifts"), (ana, ("F2",), "Tea mug")):
        page.keyboard.press("j")
        for key in presses:
            page.keyboard.press(key)
        write(page, words)
        page.keyboard.press("Enter")
        expect(page.locator("#announce")).to_have_text("Saved.")

    assert names(site) == {"Tea mug": "Gifts", "Desk lamp": "Office"}


def test_a_finger_uses_the_pencil(arrive: Arrive, site: MerchantSite) -> None:
    visitor = arrive(site.address, size=PHONE)
    sign_in(visitor, "ana@acme.example")
    page = visitor.open(PRODUCTS)

    page.get_by_role("button", name="Change Name: Desk lamp").click()
    write(page, "Floor lamp")
    page.keyboard.press("Enter")

    expect(page.locator("#announce")).to_have_text("Saved.")
    assert "Floor lamp" in names(site)
    assert violations(page) == []


def test_without_scripts_there_is_the_form(arrive: Arrive, site: MerchantSite) -> None:
    visitor = arrive(site.address, scripts=False)
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill("ana@acme.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation(url=re.compile("tasks$")):
        page.keyboard.press("Enter")
    page = visitor.open(PRODUCTS)

    expect(page.get_by_role("button", name=re.compile("^Change "))).to_have_count(0)
    page.get_by_role("link", name="Coffee mug").click()
    expect(page.get_by_role("link", name=re.compile("Change|Edit"))).to_be_visible()
