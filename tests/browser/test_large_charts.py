"""Two hundred states: what is sent and what stands on the page stays small."""

import gzip
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page

from builder_ui.shell.assets import STATIC, Assets
from tests.browser.chart_geometry import await_chart
from tests.browser.chart_site import ChartSite, publish_in, sign_in
from tests.browser.chart_site import charts as charts
from tests.browser.chart_site import house as house
from tests.browser.chart_site import runtime as runtime
from tests.browser.visiting import Visitor
from tests.workflow_engine.charts.charting import a_document

CHART_BYTES_MAX = 160 * 1024
CHART_STYLE_BYTES_MAX = 6 * 1024
ELEMENTS_MAX = 6_000
ELEMENTS_OF_CHART_MAX = 1_500

STAGES, STEPS = 18, 10


def stage(number: int) -> dict[str, Any]:
    """Return a group of ten steps; each may go on, back, or out to the next group."""
    names = [f"s{number}_{step}" for step in range(STEPS)]
    following = f"g{number + 1}" if number + 1 < STAGES else "sent"
    states = [
        {
            "id": name,
            "label": f"Step {step} of stage {number}",
            "transitions": [
                {
                    "id": f"t_{name}",
                    "event": "mug.moved",
                    "target": names[step + 1] if step + 1 < STEPS else following,
                },
                {"id": f"b_{name}", "event": "mug.broken", "target": names[max(step - 2, 0)]},
            ],
        }
        for step, name in enumerate(names)
    ]
    return {"id": f"g{number}", "label": f"Stage {number}", "initial": names[0], "states": states}


def large() -> dict[str, Any]:
    """Return a definition of two hundred states."""
    sent = {"id": "sent", "type": "final", "outcome": "success"}
    return a_document(*(stage(number) for number in range(STAGES)), sent, initial="g0")


def weight(source: str) -> int:
    path = STATIC / Assets.read().url(source).removeprefix("/static/")
    return len(gzip.compress(path.read_bytes(), 9))


def test_what_a_page_with_a_chart_loads_is_bounded() -> None:
    """S2: at most 160 kB of script and 6 kB of style, compressed, on these pages alone."""
    assert weight("pages/statechart.ts") <= CHART_BYTES_MAX
    assert weight("styles/statechart.css") <= CHART_STYLE_BYTES_MAX


def test_two_hundred_states_are_shown_without_being_on_the_page(
    arrive: Callable[..., Visitor], charts: ChartSite
) -> None:
    """B14: with a kept layout nothing is laid out, and what is out of sight is no element."""
    href = f"/t/acme/workflows/{publish_in(charts.house, large())}"
    visitor = arrive(charts.address)
    sign_in(visitor)
    page = visitor.page
    with page.expect_response("**/layout", timeout=30_000):
        visitor.open(href)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    kept = await_chart(visitor.open(href))
    ready_ms = page.evaluate("performance.now()")
    on_chart = page.locator("#chart *").count()
    on_page = page.locator("*").count()
    visitor.screenshot("chart-of-two-hundred")

    print(f"200 states, kept layout: ready after {ready_ms:.0f} ms, {on_chart} elements")
    assert kept == "kept"
    assert not [url for url in asked if "elk" in url]
    assert (on_chart <= ELEMENTS_OF_CHART_MAX, on_page <= ELEMENTS_MAX) == (True, True)


_FRAMES = """() => new Promise((done) => {
  const times = [];
  let before = performance.now();
  const next = (now) => {
    times.push(now - before);
    before = now;
    if (times.length < 60) requestAnimationFrame(next);
    else done(times.sort((one, other) => one - other));
  };
  requestAnimationFrame(next);
})"""


def frames_while_panning(page: Page) -> list[float]:
    """Return the lengths of sixty frames, shortest first, while somebody drags the chart."""
    box = page.locator(".chart-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + 30, box["y"] + box["height"] - 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(f"() => {{ window.frames60 = ({_FRAMES})() }}")
    for step in range(60):
        page.mouse.move(x + step * 4, y - step * 5)
    page.mouse.up()
    found: list[float] = page.evaluate("window.frames60")
    return found


@pytest.mark.soak
def test_how_long_two_hundred_states_take(
    arrive: Callable[..., Visitor], charts: ChartSite
) -> None:
    """B14, as figures: made and kept layouts, panning, memory. Only kept layouts have a bound."""
    href = f"/t/acme/workflows/{publish_in(charts.house, large())}"
    visitor = arrive(charts.address)
    sign_in(visitor)
    page = visitor.page
    with page.expect_response("**/layout", timeout=30_000):
        visitor.open(href)
        await_chart(page)
        made_ms = page.evaluate("performance.now()")
    ready_ms = []
    for _ in range(5):
        await_chart(visitor.open(href))
        ready_ms.append(page.evaluate("performance.now()"))
    frames = frames_while_panning(page)
    heap_mb = page.evaluate("performance.memory.usedJSHeapSize") / 2**20

    print(
        f"200 states: made {made_ms:.0f} ms, kept {median(ready_ms):.0f} ms (median of 5), "
        f"frames p50 {frames[30]:.0f} ms p95 {frames[57]:.0f} ms, heap {heap_mb:.0f} MB"
    )
    assert median(ready_ms) <= 3_000
