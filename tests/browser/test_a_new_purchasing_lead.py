"""A new purchasing lead's first three minutes, with a keyboard and without help.

The pictures of docs/tour-for-operators.md are taken here:
`WAREFLOW_TOUR_PICTURES=1 make test T=tests/browser/test_a_new_purchasing_lead.py`.
"""

import re
from collections.abc import Callable, Iterator
from time import monotonic

import pytest
from playwright.sync_api import expect

from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.browser.merchant_site import heading
from tests.browser.newcomer import WIDE, Newcomer
from tests.browser.purchasing_site import Purchasing, purchasing_site
from tests.browser.visiting import Visitor
from tests.builder_ui.portal.trading import whole_runtime
from tests.conftest import MONDAY, Cluster
from tests.tenants.conftest import PASSWORD, House
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]
THREE_MINUTES_SECONDS = 180
READ = ("Why it is needed", "What it costs", "What happens next")


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Everything composed, over sandboxes in which it is Monday until somebody moves the clock."""
    composed = whole_runtime(config, clock, starts_at=MONDAY)
    yield composed
    composed.close()


@pytest.fixture
def purchasing(house: House, config: Config, clock: StoppedClock) -> Iterator[Purchasing]:
    """Three purchases of ACME wait for a lead buyer, and three of GLOBEX for another."""
    with purchasing_site(house, config, clock) as served:
        yield served


def test_a_new_lead_decides_three_purchases_by_keyboard_and_sees_what_follows(
    arrive: Arrive, purchasing: Purchasing
) -> None:
    """P1: from the sign-in page to the changes in stock, orders and messages, in three minutes."""
    lea = Newcomer(arrive(purchasing.address, size=WIDE))
    began_at = monotonic()

    sign_in(lea)
    find_what_waits(lea)
    approve_two_and_reject_one(lea)
    see_what_the_rejection_did(lea)
    see_what_the_approvals_did(lea)
    purchasing.goods_come()
    see_that_the_goods_are_here(lea)

    assert monotonic() - began_at < THREE_MINUTES_SECONDS
    assert lea.seconds < THREE_MINUTES_SECONDS
    assert lea.pointers == []
    print(f"{lea.keys} keys, {lea.thoughts} pages, {lea.words} words: {lea.seconds:.0f} s")


def sign_in(lea: Newcomer) -> None:
    lea.visitor.open("/t/acme/sign-in")
    lea.look("01-sign-in")
    lea.tab_to("email")
    lea.write("lea@acme.example")
    lea.press("Tab")
    lea.write(PASSWORD)
    lea.follow("Enter")


def find_what_waits(lea: Newcomer) -> None:
    heading(lea.page, "My work")
    rows = lea.page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Purchase order 1")
    expect(rows.nth(0)).to_contain_text("Potters of Delft, for order 1")
    expect(rows.nth(1)).to_contain_text("Lighthouse of Bergen, for order 2")
    lea.look("02-what-waits")


def approve_two_and_reject_one(lea: Newcomer) -> None:
    page = lea.page
    lea.press("j")
    lea.follow("Enter")
    told = lea.read(*READ)
    lea.look("03-why-and-what-it-costs")
    for fact in (
        "Order 1, line 1: 180 × MUG-BLUE for Carla (gold), who pays €2,160.00",
        "170 of them missing since",
        "Warehouse Berlin can promise none of MUG-BLUE now.",
        "At least 12, in packs of 12, here in 7 days",
        "€756.00",
        "Send a purchase order as it was approved.",
        "Comes to “On order” if every step succeeds.",
        "Void a purchase order that was never sent.",
        "Then: give an order line up and its units back.",
        "Then: write to the customer of an order line.",
    ):
        assert fact in told

    lea.follow("a")
    expect(page.get_by_text("You approved it. Here is the next one.")).to_be_visible()
    assert "20 of them missing" in lea.read(*READ)
    lea.follow("a")
    assert "€1,110.00" in lea.read(*READ)

    lea.press("r")
    dialog = page.get_by_role("dialog", name="Reject")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    lea.write("Ask for a second offer first.")
    lea.look("04-rejecting-with-a-reason")
    lea.press("Tab", "Tab")
    lea.follow("Enter")
    expect(page.get_by_text("You rejected it. Nothing else waits for you.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you", exact=True)).to_be_visible()
    lea.look("05-all-decided")


def see_what_the_rejection_did(lea: Newcomer) -> None:
    page = lea.page
    lea.skip_to("Order 3")
    lea.follow("Enter")
    heading(page, "Order 3")
    expect(page.locator(".page-head")).to_contain_text("Cancelled")
    assert "Buying it was not approved." in lea.read("Lines")
    expect(page.locator("#main")).to_contain_text("Ask for a second offer first.")
    messages = page.get_by_role("region", name="Messages to the customer")
    expect(messages).to_contain_text("Your order SHOP-1003 at Acme Mugs: a delay")
    expect(messages).to_contain_text("Your order SHOP-1003 at Acme Mugs: not available")
    lea.look("06-the-order-that-was-given-up")
    lea.skip_to("at Acme Mugs: not")
    lea.follow("Enter")
    expect(page.get_by_role("region", name="Text of the message")).to_contain_text("we are sorry")
    expect(page.get_by_role("link", name="Order 3")).to_be_visible()
    lea.look("07-what-its-customer-reads")


def see_what_the_approvals_did(lea: Newcomer) -> None:
    page = lea.page
    lea.follow("g", "u")
    heading(page, "Purchase orders")
    expect(page.locator("tbody")).to_contain_text(re.compile("Voided.*Sent.*Sent", re.DOTALL))
    lea.look("08-purchase-orders")
    lea.follow("g", "i")
    lea.skip_to("MUG-BLUE")
    lea.follow("Enter")
    assert _levels_of_berlin(lea)["Incoming"] == "180"
    lea.look("09-mugs-on-their-way")


def see_that_the_goods_are_here(lea: Newcomer) -> None:
    page = lea.page
    lea.follow("g", "i")
    lea.skip_to("MUG-BLUE")
    lea.follow("Enter")
    levels = _levels_of_berlin(lea)
    assert (levels["Incoming"], levels["On hand"], levels["Committed"]) == ("0", "190", "180")
    expect(page.locator("#main")).to_contain_text("Purchase order 1")
    lea.look("10-mugs-that-arrived")
    lea.follow("g", "o")
    expect(page.locator("tbody")).to_contain_text(
        re.compile("Cancelled.*Allocated.*Allocated", re.DOTALL)
    )
    lea.look("11-orders")
    lea.follow("g", "e")
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("tbody tr").first).to_contain_text("not available")
    lea.look("12-messages")


def _levels_of_berlin(lea: Newcomer) -> dict[str, str]:
    """Read the row of Berlin by its column headings."""
    table = lea.page.get_by_role("region", name="Table of levels")
    names = table.locator("thead th").all_inner_texts()
    row = table.locator("tbody tr", has_text="BERLIN").locator("th, td").all_inner_texts()
    return dict(zip(names, row, strict=True))
