"""A lead buyer's morning in a real browser: two approvals by keyboard, and what they lead to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from builder_ui.shell.assets import Assets
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.browser.accessibility import violations
from tests.browser.layout import overflowing, small_targets
from tests.browser.serving import serve
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor
from tests.builder_ui.portal.conftest import compose_portal
from tests.builder_ui.portal.trading import Trade, a_trade, whole_runtime
from tests.commerce.order_builders import mugs
from tests.conftest import MONDAY, Cluster
from tests.tenants.conftest import PASSWORD, House
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]


@dataclass(frozen=True)
class Site:
    """The served portal of a merchant with two approvals waiting, and its pages by name."""

    address: str
    trade: Trade
    orders: tuple[str, str]
    pages: dict[str, str]


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Everything composed, over sandboxes in which it stays Monday."""
    composed = whole_runtime(config, clock, starts_at=MONDAY)
    yield composed
    composed.close()


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    """Serve ACME with a lead buyer, two approvals that wait, and stock of lamps."""
    house.member("lea@acme.example", "buyer_lead")
    trade = a_trade(house.runtime)
    first, second = trade.order("A-2"), trade.order("A-3", quantity=3)
    merchant = trade.shop.merchant
    merchant.stock(merchant.lamp, merchant.oslo, 1_234)
    merchant.stock(merchant.lamp, merchant.berlin, 7)
    # Nobody sells lamps: each line that lacks some is given up by a run of its own.
    many = trade.shop.place(*(mugs(each, sku="LAMP-RED") for each in (3, 2000, 2001, 2002, 2003)))
    house.runtime.drain_all()
    task = trade.tasks()[0]
    pages = {
        "work": "/t/acme/tasks",
        "task": f"/t/acme/tasks/{task.id}",
        "orders": "/t/acme/orders",
        "orders-no-match": "/t/acme/orders?q=zzz",
        "order": f"/t/acme/orders/{first}",
        "stock": "/t/acme/stock",
        "position": f"/t/acme/stock/{merchant.lamp}",
        "position-empty": f"/t/acme/stock/{merchant.mug}",
        "order-of-many": f"/t/acme/orders/{many}",
        "purchasing": "/t/acme/purchasing",
        "purchase": f"/t/acme/purchasing/{task.subject_id}",
        "run": f"/t/acme/runs/{task.run_id}",
    }
    with serve(compose_portal(house.runtime, house, Assets.read())) as address:
        yield Site(address, trade, (first, second), pages)


def sign_in(visitor: Visitor) -> None:
    """Sign in as the lead buyer, whose first page is what waits for her."""
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill("lea@acme.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/acme/tasks")


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
    expect(page.get_by_text("Potters of Delft")).to_be_visible()
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
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_text("You approved it. Here is the next one.")).to_be_visible()
