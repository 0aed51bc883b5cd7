"""Charts of workflows in a real browser: drawn soundly, walked by key, true to the database."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from kernel.access import operator_actor
from tests.browser.accessibility import violations
from tests.browser.chart_geometry import await_chart, faults_of_drawing
from tests.browser.chart_site import ChartSite, keep_old, sign_in, the_example
from tests.browser.chart_site import charts as charts
from tests.browser.chart_site import house as house
from tests.browser.chart_site import runtime as runtime
from tests.browser.layout import focused, overflowing, small_targets
from tests.browser.merchant_site import tab_to
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor
from tests.conftest import ACME
from workflow_engine.charts.tables import DefinitionLayout
from workflow_engine.runtime.tables import DefinitionVersion, Run

Arrive = Callable[..., Visitor]


@pytest.fixture
def ana(arrive: Arrive, charts: ChartSite) -> Visitor:
    visitor = arrive(charts.address)
    sign_in(visitor)
    return visitor


def told(page: Page) -> str:
    return page.locator(".sr-only[role=status]", has_text=re.compile(".")).last.inner_text()


def test_every_state_and_way_is_drawn_and_nothing_lies_on_anything(
    ana: Visitor, charts: ChartSite
) -> None:
    """B1: the reference example, with regions, history and compensation, and the house's own."""
    for name in ("workflow", "workflow-example", "workflow-recovery"):
        page = ana.open(charts.pages[name])
        await_chart(page)
        ana.screenshot(f"chart-{name}")

        assert faults_of_drawing(page) == [], name

        page.keyboard.press("f")
        expect(page.locator(".react-flow")).to_have_attribute(
            "data-distance", re.compile("far|middle|near")
        )
        page.wait_for_timeout(300)
        ana.screenshot(f"chart-{name}-whole")


def shuffled(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state with those inside it in the opposite order of storage."""
    inside = state.get("states")
    if not inside:
        return state
    first = next(each["id"] for each in inside if each.get("type") != "history")
    begins = {} if state.get("type") == "parallel" else {"initial": state.get("initial", first)}
    return state | begins | {"states": [shuffled(each) for each in reversed(inside)]}


def kept_places(charts: ChartSite, key: str) -> dict[str, Any]:
    with charts.house.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        wanted = select(DefinitionVersion.id).where(DefinitionVersion.key == key)
        kept = uow.session.scalars(
            select(DefinitionLayout).where(DefinitionLayout.definition_id.in_(wanted))
        ).one()
    layout = json.loads(kept.body)
    return {part["id"]: part for name in ("nodes", "edges") for part in layout[name]}


def test_the_order_of_storage_does_not_change_the_chart(ana: Visitor, charts: ChartSite) -> None:
    """B2: every position is equal."""
    keep_old(charts.house, shuffled(the_example(key="every-feature-shuffled")))

    for key in ("every-feature", "every-feature-shuffled"):
        with ana.page.expect_response("**/layout"):
            ana.open(f"/t/acme/workflows/{key}/v/1")

    one, other = (kept_places(charts, f"every-feature{end}") for end in ("", "-shuffled"))
    moved = [name for name, part in one.items() if other[name] != part]
    assert (len(one), moved) == (len(other), [])


def test_a_layout_is_made_once_and_kept_for_everybody(
    arrive: Arrive, ana: Visitor, charts: ChartSite
) -> None:
    asked: list[str] = []
    with ana.page.expect_response("**/layout"):
        first = await_chart(ana.open(charts.pages["workflow"]))
    lea = arrive(charts.address)
    sign_in(lea, "lea@acme.example")
    lea.page.on("request", lambda request: asked.append(request.url))

    second = await_chart(lea.open(charts.pages["workflow"]))

    assert (first, second) == ("made", "kept")
    assert not [url for url in asked if "elk" in url or url.endswith("/layout")]


def test_the_counts_are_the_databases_and_are_asked_again(ana: Visitor, charts: ChartSite) -> None:
    """B10: the chart, the outline, the list behind them and SQL say the same, now and later."""
    page = ana.page
    page.clock.install()
    ana.open(charts.pages["workflow"])
    page.clock.run_for(2_000)
    await_chart(page)
    places = page.locator(".state-runs, [data-runs-of=approving]")
    expect(places.first).to_contain_text("2 runs")
    expect(places.last).to_contain_text("2 runs")

    charts.trade.order("A-3", quantity=4)
    page.clock.run_for(31_000)
    expect(places.first).to_contain_text("3 runs")
    expect(places.last).to_contain_text("3 runs")
    page.locator(".state-runs").click()
    page.clock.run_for(1_000)

    expect(page).to_have_url(re.compile(r"/runs\?definition=def_\w+&at=approving$"))
    expect(page.locator("tbody tr")).to_have_count(3)
    with charts.house.runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        standing = select(Run.snapshot).where(Run.key == "buy-what-is-missing")
        snapshots = uow.session.scalars(standing).all()
    assert [json.loads(each)["states"] for each in snapshots] == [["approving"]] * 3
    ana.screenshot("chart-runs-of-a-state")


def test_the_canvas_is_one_stop_and_arrows_walk_the_graph(ana: Visitor, charts: ChartSite) -> None:
    page = ana.open(charts.pages["workflow"])
    await_chart(page)
    keys = page.keyboard

    tab_to(page, "Chart of")
    walked = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"):
        keys.press(key)
        walked.append(told(page))
    keys.press("]")
    walked.append(told(page))
    ana.screenshot("chart-walked")

    assert [each.split(".")[0] for each in walked] == [
        "State Drafting the purchase order",
        "Way 1 of 2 from Drafting the purchase order to Large or small",
        "State Large or small",
        "Way 1 of 2 from Large or small to Waiting for an approval",
        "Way 2 of 2 from Large or small to Sending the purchase order",
        "State Large or small",
        "State Waiting for an approval",
    ]
    expect(page).to_have_url(re.compile("#s=approving$"))
    assert violations(page) == []
    keys.press("Tab")
    assert "Zoom out" in focused(page)
    keys.press("Shift+Tab")
    keys.press("Enter")
    page.wait_for_url("**/runs?definition=*&at=approving")


def test_an_address_leads_to_a_state_and_to_a_way(ana: Visitor, charts: ChartSite) -> None:
    page = ana.open(f"{charts.pages['workflow']}#s=on_order")
    await_chart(page)
    expect(page.locator(".state.chosen")).to_contain_text("On order")
    expect(page.locator(".state.chosen")).to_be_in_viewport()

    page.get_by_text("3 ways on").first.click()
    page.locator("#t\\=t_delivered").get_by_role("link", name="Taking the goods in").click()
    expect(page.locator(".state.chosen")).to_contain_text("Taking the goods in")
    page.locator(".way-label", has_text="After 60 days").click()
    expect(page).to_have_url(re.compile("#t=a_overdue$"))


def test_without_scripts_the_outline_says_everything(arrive: Arrive, charts: ChartSite) -> None:
    visitor = arrive(charts.address, scripts=False)
    page = visitor.open("/t/acme/sign-in")
    page.get_by_label("E-mail").fill("ana@acme.example")
    page.get_by_label("Password", exact=True).fill("nine purple lamps on a shelf")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")
    visitor.open(charts.pages["workflow"])

    expect(page.get_by_text("The chart needs scripts.")).to_be_visible()
    expect(page.locator("#s\\=approving")).to_contain_text("2 runs")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_with_a_chart_has_an_accessibility_fault(
    arrive: Arrive, charts: ChartSite, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1, A3: axe finds nothing, light and dark, wide and narrow; and little ones are large."""
    visitor = arrive(charts.address, scheme=scheme, size=size, reduced_motion=True)
    device = "desk" if size == DESK else "phone"
    sign_in(visitor)

    found = []
    for name, path in charts.pages.items():
        page = visitor.open(path)
        if name != "workflows":
            await_chart(page)
        visitor.screenshot(f"charts-{name}-{device}-{scheme}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {each}" for each in small_targets(page)]

    assert found == []


def test_charts_fit_the_smallest_screen_forced_colours_and_paper(
    arrive: Arrive, charts: ChartSite
) -> None:
    """A2, A3: nothing scrolls sideways, and what forced colours and paper show is kept."""
    visitor = arrive(charts.address, size=SMALLEST)
    sign_in(visitor)
    found = []
    for name, path in charts.pages.items():
        found += [f"{name}: {each}" for each in overflowing(visitor.open(path))]
    assert found == []

    forced = arrive(charts.address, forced_colors=True)
    sign_in(forced)
    await_chart(forced.open(charts.run_href))
    forced.screenshot("chart-forced-colours")


def test_paper_shows_the_whole_chart(ana: Visitor, charts: ChartSite) -> None:
    """A chart of which the screen shows a part is printed whole, with every word."""
    page = ana.open(charts.pages["workflow-recovery"])
    await_chart(page)
    before = page.locator(".react-flow__viewport").get_attribute("style")

    page.set_viewport_size({"width": 690, "height": 980})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    outside = page.evaluate(
        """() => { const paper = document.querySelector("#chart").getBoundingClientRect();
          return [...document.querySelectorAll(".react-flow__node")].filter((node) => {
            const box = node.getBoundingClientRect();
            return box.left < paper.left - 1 || box.right > paper.right + 1
              || box.top < paper.top - 1 || box.bottom > paper.bottom + 1;
          }).map((node) => node.dataset.id); }"""
    )
    ana.screenshot("chart-on-paper")
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert outside == []
    expect(page.locator(".chart-buttons")).to_be_hidden()
    expect(page.locator(".react-flow__viewport")).to_have_attribute("style", before or "")
