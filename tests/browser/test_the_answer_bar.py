"""The bar with the answers stays in sight and hides nothing for good, however low the window."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import violations
from tests.browser.layout import overflowing
from tests.browser.trade_site import Site, sign_in
from tests.browser.trade_site import house as house
from tests.browser.trade_site import runtime as runtime
from tests.browser.trade_site import site as site
from tests.browser.visiting import Visitor

Arrive = Callable[..., Visitor]

# Every line of text of the task, and the bar, as they stand in the window now.
PLACES = """() => {
  const bar = document.querySelector(".decide").getBoundingClientRect();
  const task = document.querySelector(".split-detail");
  const lines = [];
  const walker = document.createTreeWalker(task, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const within = node.parentElement;
    if (!node.textContent.trim() || within.closest(".decide, .sr-only, details")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.height > 4) lines.push([node.textContent.trim().slice(0, 40), box.top, box.bottom]);
  }
  return { top: bar.top, bottom: bar.bottom, window: innerHeight, lines };
}"""


def places(page: Page) -> dict[str, Any]:
    return dict(page.evaluate(PLACES))


def covered(found: dict[str, Any], *, upto: str) -> list[list[Any]]:
    """Return the lines up to some words that the bar or the end of the window cuts or hides."""
    lines = found["lines"]
    last = max(at for at, line in enumerate(lines) if line[0].startswith(upto))
    edge = min(found["top"], found["window"])
    return [line for line in lines[: last + 1] if line[2] > edge + 0.5]


def scroll_to_the_end(page: Page) -> None:
    """Turn the wheel over the task until nothing moves any more."""
    box = page.locator(".split-detail").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, 300)
    before = None
    while before != (before := places(page)["lines"][-1]):
        page.mouse.wheel(0, 2_000)
        page.wait_for_timeout(150)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((1440, 800), id="a laptop"),
        pytest.param((1366, 768), id="a small laptop"),
        pytest.param((1024, 768), id="a tablet"),
    ],
)
def test_what_follows_from_either_answer_is_seen_at_rest_and_all_in_the_end(
    arrive: Arrive, site: Site, size: tuple[int, int]
) -> None:
    """The last line of "If you reject" stands above the bar before anybody scrolls."""
    visitor = arrive(site.address, size=size)
    sign_in(visitor)
    page = visitor.open(site.pages["task"])

    at_rest = places(page)
    scroll_to_the_end(page)
    in_the_end = places(page)

    assert covered(at_rest, upto="Comes to “Given up”") == []
    assert at_rest["bottom"] <= at_rest["window"]
    assert covered(in_the_end, upto="Nobody has answered yet.") == []
    assert in_the_end["bottom"] - in_the_end["top"] < 80
    assert violations(page) == []


@pytest.mark.parametrize("size", [(390, 844), (390, 664), (320, 640)], ids=str)
def test_on_a_phone_the_answers_stand_below_what_they_are_about(
    arrive: Arrive, site: Site, size: tuple[int, int]
) -> None:
    visitor = arrive(site.address, size=size)
    sign_in(visitor)
    page = visitor.open(site.pages["task"])

    page.get_by_role("button", name="Approve").scroll_into_view_if_needed()

    found = places(page)
    last = max(line[2] for line in found["lines"] if line[0].startswith("Nobody has answered"))
    assert last <= found["top"]
    assert overflowing(page) == []
