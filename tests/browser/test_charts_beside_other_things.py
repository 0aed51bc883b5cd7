"""The chart of a run on the pages of its order and its task: fetched when somebody opens it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.chart_geometry import await_chart, faults_of_drawing
from tests.browser.chart_site import ChartSite, sign_in
from tests.browser.chart_site import charts as charts
from tests.browser.chart_site import house as house
from tests.browser.chart_site import runtime as runtime
from tests.browser.layout import overflowing
from tests.browser.visiting import PHONE, Visitor

Arrive = Callable[..., Visitor]


@pytest.mark.parametrize("name", ["order", "task"])
def test_the_way_of_a_run_is_shown_where_it_is_asked_for(
    arrive: Arrive, charts: ChartSite, name: str
) -> None:
    visitor = arrive(charts.address)
    sign_in(visitor)
    page = visitor.open(charts.beside[name])
    assert page.locator("#chart").count() == 0

    page.get_by_text("Show it on the chart").focus()
    page.keyboard.press("Enter")

    await_chart(page)
    assert faults_of_drawing(page) == []
    expect(page.locator(".chart-frame [aria-current=step]")).not_to_have_count(0)
    visitor.screenshot(f"way-on-{name}")
    assert (violations(page), overflowing(page)) == ([], [])

    page.get_by_text("Show it on the chart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chart")).to_have_count(0)


def test_a_chart_opened_again_is_drawn_again(arrive: Arrive, charts: ChartSite) -> None:
    visitor = arrive(charts.address, size=PHONE, scheme="dark")
    sign_in(visitor)
    page = visitor.open(charts.beside["order"])
    summary = page.get_by_text("Show it on the chart")

    for _ in range(3):
        summary.click()
    await_chart(page)

    visitor.screenshot("way-on-order-phone-dark")
    assert (page.locator("#chart").count(), violations(page), overflowing(page)) == (1, [], [])


def test_without_a_connection_it_says_where_the_chart_is(arrive: Arrive, charts: ChartSite) -> None:
    visitor = arrive(charts.address)
    sign_in(visitor)
    page = visitor.open(charts.beside["order"])
    visitor.watch.expected_statuses.add(503)
    page.route("**/runs/*", lambda route: route.fulfill(status=503, body=""))

    page.get_by_text("Show it on the chart").click()

    expect(page.locator(".way-place")).to_have_text(
        "The chart could not be fetched. It is on the page of the run."
    )
