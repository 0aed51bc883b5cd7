"""Pages that stay open while others work: told at once, once, and never under anybody's hands."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from kernel.clock import monotonic_seconds
from tests.browser.accessibility import violations
from tests.browser.chart_geometry import await_chart
from tests.browser.layout import overflowing, small_targets
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, Scheme, Visitor
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task

Arrive = Callable[..., Visitor]
CHART = "/t/acme/workflows/buy-what-is-missing/v/1"
DASHBOARD = "/t/acme/dashboards/operations"


@pytest.fixture
def lea(arrive: Arrive, site: Site) -> Visitor:
    visitor = arrive(site.address)
    sign_in(visitor)
    return visitor


def listening(page: Page) -> Page:
    """Wait until somebody hears the stream for this page."""
    expect(page.locator("html[data-stream=open]")).to_have_count(1)
    return page


def numbers_of(page: Page) -> list[str]:
    return page.locator("[data-row-link]").all_inner_texts()


def test_a_list_tells_of_newer_orders_and_shows_them_when_asked(lea: Visitor, site: Site) -> None:
    """B10: the rows stay where they are; by keyboard; after that it counts from the start."""
    page = listening(lea.open("/t/acme/orders"))
    before = numbers_of(page)
    link = page.locator(".list-news a")
    expect(link).to_be_hidden()

    site.trade.order("N-1")
    expect(page.get_by_role("link", name="1 newer order: show")).to_be_visible(timeout=2_000)
    site.trade.order("N-2")
    expect(page.get_by_role("link", name="2 newer orders: show")).to_be_visible(timeout=2_000)
    assert numbers_of(page) == before
    lea.screenshot("newer-orders")
    assert violations(page) == []

    page.locator(".list-news a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row-link]")).to_have_count(len(before) + 2)
    expect(link).to_be_hidden()
    site.trade.order("N-3")
    expect(page.get_by_role("link", name="1 newer order: show")).to_be_visible(timeout=2_000)


def test_work_that_is_opened_is_told_where_work_is_listed(lea: Visitor, site: Site) -> None:
    page = listening(lea.open("/t/acme/tasks"))

    site.trade.order("N-1", quantity=6)

    page.get_by_role("link", name="1 newer task: show").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_all_tabs_share_one_stream_and_none_misses_anything(lea: Visitor, site: Site) -> None:
    """P9: one tab listens for all; when it goes, the next one takes over where it stopped."""
    asked: list[str] = []
    first = listening(lea.open("/t/acme/orders"))
    lea.context.on("request", lambda each: asked.append(each.url.split("?")[0].rsplit("/", 1)[1]))
    second = lea.context.new_page()
    second.goto("/t/acme/orders")
    second.wait_for_timeout(500)

    site.trade.order("N-1")
    for page in (first, second):
        expect(page.get_by_role("link", name="1 newer order: show")).to_be_visible()
    assert asked.count("stream") == 0

    first.close()
    site.trade.order("N-2")

    expect(second.get_by_role("link", name="2 newer orders: show")).to_be_visible()
    assert asked.count("stream") == 1
    lea.page = second


def test_a_chart_follows_its_runs_within_two_seconds(lea: Visitor, site: Site) -> None:
    """B10: the counts on the chart and in the outline equal those of the database."""
    page = listening(lea.open(CHART))
    await_chart(page)
    place = page.locator("[data-runs-of=approving]")
    expect(place).to_contain_text("2 runs")

    site.trade.order("N-1", quantity=6)
    began = monotonic_seconds()
    expect(place).to_contain_text("3 runs", timeout=2_000)

    assert monotonic_seconds() - began < 2
    with site.trade.shop.merchant.work() as uow:
        open_runs = uow.session.scalar(
            select(func.count()).select_from(Run).where(Run.state != "finished")
        )
        waiting = uow.session.scalar(
            select(func.count()).select_from(Task).where(Task.state == "open")
        )
    assert (open_runs, waiting) == (3, 3)
    expect(page.locator(".state-runs").filter(has_text="3")).not_to_have_count(0)


def test_the_dashboard_counts_on_unless_it_is_held_still(lea: Visitor, site: Site) -> None:
    """B10, P8: figures follow; who reads them off can stop that (WCAG 2.2.2)."""
    page = listening(lea.open(DASHBOARD))
    orders = page.locator(".kpi", has_text="Orders").first
    before = int(orders.locator(".kpi-value").inner_text())

    site.trade.order("N-1")
    expect(orders).to_contain_text(str(before + 1), timeout=4_000)

    still = page.get_by_role("button", name="Hold still")
    still.focus()
    page.keyboard.press("Space")
    expect(still).to_have_attribute("aria-pressed", "true")
    site.trade.order("N-2")
    page.wait_for_timeout(2_500)
    expect(orders).to_contain_text(str(before + 1))
    page.keyboard.press("Space")
    expect(orders).to_contain_text(str(before + 2), timeout=4_000)
    assert violations(page) == []


def test_who_gets_no_stream_asks_every_half_minute(arrive: Arrive, site: Site) -> None:
    """P9: a proxy or a full process refuses the stream: nothing is missed, only later told."""
    visitor = arrive(site.address)
    visitor.watch.expected_statuses.add(503)
    visitor.context.route("**/stream?*", lambda route: route.fulfill(status=503))
    sign_in(visitor)
    visitor.page.clock.install()
    page = visitor.open("/t/acme/orders")
    expect(page.locator("html[data-stream=broken]")).to_have_count(1)

    site.trade.order("N-1")
    page.clock.fast_forward(31_000)

    expect(page.get_by_role("link", name="1 newer order: show")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_news_of_a_list_is_accessible(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1, A2: it is said politely, lies over nothing that is needed, and can be hit."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    sign_in(visitor)
    page = listening(visitor.open("/t/acme/orders"))
    top = page.locator("tbody tr").first.bounding_box()

    site.trade.order("N-1")
    expect(page.get_by_role("link", name="1 newer order: show")).to_be_visible()

    assert page.locator("tbody tr").first.bounding_box() == top
    assert violations(page) == []
    assert small_targets(page) == []
    assert overflowing(page) == []
