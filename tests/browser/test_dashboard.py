"""The dashboard in a real browser: drawn, read as tables, followed to its rows, printed."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from builder_ui.shell.assets import STATIC
from tests.browser.accessibility import violations
from tests.browser.layout import overflowing, small_targets
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import DESK, PHONE, SCREENSHOTS, Scheme, Visitor

Arrive = Callable[..., Visitor]
PATH = "/t/acme/dashboards/operations?range=7"
CHARTS_BYTES_MAX = 230 * 1024


def drawn(visitor: Visitor) -> Page:
    page = visitor.open(PATH)
    expect(page.locator(".figure-canvas svg")).to_have_count(4)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_dashboard_has_no_accessibility_fault(
    arrive: Arrive, site: Site, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1, and S1: drawing needs no weaker policy."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    sign_in(visitor)
    page = drawn(visitor)
    page.wait_for_timeout(1200)  # Figures grow into place; the picture is of the end.
    visitor.screenshot(f"dashboard-{'desk' if size == DESK else 'phone'}-{scheme}")

    assert violations(page) == []
    assert small_targets(page) == []
    assert overflowing(page) == []


def test_a_tip_shows_the_value_and_a_bar_leads_to_its_orders(arrive: Arrive, site: Site) -> None:
    """P8: drill-through, with real clicks."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page = drawn(visitor)
    page.wait_for_timeout(1200)
    canvas = page.locator('[data-figure="orders"] .figure-canvas')
    box = canvas.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] - 60)
    expect(canvas).to_contain_text("2 Mar 2026: 5")
    visitor.screenshot("dashboard-tip")
    page.mouse.click(box["x"] + box["width"] - 40, box["y"] + box["height"] - 60)
    page.wait_for_url("**/orders?from=2026-03-02*")

    expect(page.locator("tbody tr")).to_have_count(5)


def test_every_figure_is_a_table_too_and_filters_stay_in_the_address(
    arrive: Arrive, site: Site
) -> None:
    visitor = arrive(site.address)
    sign_in(visitor)
    page = drawn(visitor)

    page.get_by_text("View as table").first.click()
    row = page.get_by_role("row").filter(has_text="2 Mar 2026").first
    expect(row).to_contain_text("5")
    faults = violations(page)
    page.get_by_label("Orders placed in the last").select_option("90")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**range=90*")

    expect(page.get_by_label("Orders placed in the last")).to_have_value("90")
    assert faults == []


def test_the_theme_redraws_and_paper_keeps_text(arrive: Arrive, site: Site) -> None:
    """P8: print to PDF, with the four figures as text."""
    visitor = arrive(site.address)
    sign_in(visitor)
    page = drawn(visitor)
    before = page.locator('[data-figure="orders"] svg').inner_html()

    page.emulate_media(color_scheme="dark")
    expect(page.locator('[data-figure="orders"] svg [fill*="141"]').first).to_be_attached()
    after = page.locator('[data-figure="orders"] svg').inner_html()
    page.emulate_media(color_scheme="light", media="print")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    paper = Path(SCREENSHOTS / "dashboard.pdf")
    page.pdf(path=paper, format="A4")

    assert before != after
    assert page.locator(".figure-canvas svg text").count() > 8
    assert b"/Font" in paper.read_bytes()


def test_charts_weigh_what_they_may_and_no_other_page_loads_them(
    arrive: Arrive, site: Site
) -> None:
    """S2: at most 230 kB, on dashboards only."""
    visitor = arrive(site.address)
    loaded: list[str] = []
    visitor.context.on("request", lambda request: loaded.append(request.url))
    sign_in(visitor)
    visitor.open("/t/acme/orders")
    elsewhere = [url for url in loaded if "drawing" in url]
    drawn(visitor)
    (chunk,) = {url.rsplit("/", 1)[1] for url in loaded if "/drawing-" in url}

    assert elsewhere == []
    assert len(gzip.compress((STATIC / chunk).read_bytes(), 9)) <= CHARTS_BYTES_MAX
