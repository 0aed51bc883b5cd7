"""Every page of the gallery is sound in both themes, on desk and phone; a picture is kept."""

from collections.abc import Callable

import pytest

from tests.browser.accessibility import violations
from tests.browser.layout import enlarge_text, overflowing, small_targets
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor

PAGES = {
    "components": "/dev/ui",
    "list": "/dev/ui/list?role=buyer&sort=-joined_on",
    "list-without-match": "/dev/ui/list?q=zzz",
    "form": "/dev/ui/form",
    "import": "/dev/ui/steps",
    "tasks": "/dev/ui/task",
    "task": "/dev/ui/task?task=1",
    "sign-in": "/dev/ui/sign-in",
}
FAILURES = (401, 403, 404, 409, 412, 422, 429, 500)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_an_accessibility_fault(
    arrive: Callable[..., Visitor], gallery_site: str, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1: axe finds nothing on any page, light and dark, at 1440 and 390 pixels."""
    visitor = arrive(gallery_site, scheme=scheme, size=size)
    device = "desk" if size == DESK else "phone"

    found = []
    for name, path in PAGES.items():
        page = visitor.open(path)
        visitor.screenshot(f"{name}-{device}-{scheme}")
        found += [f"{name}: {fault}" for fault in violations(page)]

    assert found == []


@pytest.mark.parametrize("where", ["", "?inside"], ids=["bare", "inside the shell"])
def test_no_error_page_has_an_accessibility_fault(
    arrive: Callable[..., Visitor], gallery_site: str, where: str
) -> None:
    """A1: the same for every error page."""
    visitor = arrive(gallery_site)

    found = []
    for status in FAILURES:
        page = visitor.open(f"/dev/ui/failures/{status}{where}", status=status)
        visitor.screenshot(f"failure-{status}{'-inside' if where else ''}")
        found += [f"{status}: {fault}" for fault in violations(page)]

    assert found == []


@pytest.mark.parametrize(
    ("size", "percent"),
    [
        pytest.param(SMALLEST, 100, id="the smallest window"),
        pytest.param((640, 900), 200, id="half a screen with text twice as large"),
        pytest.param(DESK, 200, id="a desk with text twice as large"),
    ],
)
def test_no_page_scrolls_sideways(
    arrive: Callable[..., Visitor], gallery_site: str, size: tuple[int, int], percent: int
) -> None:
    """A2: neither the smallest window nor text of 200 % makes a page scroll sideways."""
    visitor = arrive(gallery_site, size=size)

    found = []
    for name, path in PAGES.items():
        page = visitor.open(path)
        enlarge_text(page, percent)
        if size == SMALLEST:
            visitor.screenshot(f"{name}-smallest-{percent}")
        found += [f"{name}: {element}" for element in overflowing(page)]

    assert found == []


@pytest.mark.parametrize("size", [SMALLEST, DESK], ids=["the smallest window", "a desk"])
def test_a_language_written_from_the_right_turns_every_page_round(
    arrive: Callable[..., Visitor], gallery_site: str, size: tuple[int, int]
) -> None:
    """A5: nothing overflows, and the navigation stands on the other side."""
    visitor = arrive(gallery_site, size=size)

    found = []
    for name, path in PAGES.items():
        page = visitor.open(f"{path}{'&' if '?' in path else '?'}locale=ar")
        if name != "sign-in":
            found += [f"{name}: {element}" for element in overflowing(page)]
            visitor.screenshot(f"{name}-from-the-right-{size[0]}")

    assert found == []
    if size == DESK:
        box = visitor.open("/dev/ui/list?locale=ar").locator("#nav").bounding_box()
        assert box is not None
        assert box["x"] > DESK[0] / 2


def test_controls_are_large_enough_to_hit(visitor: Visitor) -> None:
    """A1: every control is at least 24 by 24 pixels."""
    found = [fault for path in PAGES.values() for fault in small_targets(visitor.open(path))]

    assert found == []
