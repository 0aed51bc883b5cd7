"""Every page of the portal: looked at, accessible, narrow, enlarged, in forced colours, at rest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.api.conftest import runtime as runtime
from tests.api.conftest import sign_in as sign_in
from tests.browser.accessibility import violations
from tests.browser.every_page import Pages
from tests.browser.every_page import pages as pages
from tests.browser.layout import animated, bare_controls, enlarge_text, overflowing, small_targets
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor
from tests.security.conftest import app as app
from tests.security.conftest import tenants as tenants
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_an_accessibility_fault_and_each_leaves_a_picture(
    pages: Pages, arrive: Arrive, scheme: Scheme, size: tuple[int, int]
) -> None:
    """A1, V1: var/screenshots/every holds what somebody looks at before each release."""
    visitor = arrive(pages.address, scheme=scheme, size=size)
    pages.sign_in(visitor)
    device = "desk" if size == DESK else "phone"

    found = []
    for name, path in pages.paths.items():
        page = visitor.open(path)
        expect(page.locator("p.chart-told", has_text="Laying")).to_have_count(0)
        visitor.screenshot(f"every/{device}-{scheme}/{name}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []


@pytest.mark.parametrize(
    ("size", "percent"),
    [
        pytest.param(SMALLEST, 100, id="320 pixels"),
        pytest.param((1280, 800), 200, id="text twice as large"),
    ],
)
def test_no_page_scrolls_sideways(
    pages: Pages, arrive: Arrive, size: tuple[int, int], percent: int
) -> None:
    """A2: WCAG 1.4.10 and 1.4.4."""
    visitor = arrive(pages.address, size=size)
    pages.sign_in(visitor)

    found = []
    for name, path in pages.paths.items():
        page = visitor.open(path)
        enlarge_text(page, percent)
        found += [f"{name}: {each}" for each in overflowing(page)]

    assert found == []


def test_help_opens_by_key_and_is_accessible(pages: Pages, arrive: Arrive) -> None:
    visitor = arrive(pages.address)
    pages.sign_in(visitor)
    page = visitor.open("/t/acme/orders")

    page.keyboard.press("h")
    help_of_page = page.get_by_role("dialog", name="About this page")
    expect(help_of_page).to_contain_text("Every order that channels sent")
    visitor.screenshot("help")
    faults = violations(page)
    page.keyboard.press("Escape")

    assert faults == []
    expect(help_of_page).to_be_hidden()


def test_in_forced_colours_every_control_of_every_page_has_an_edge(
    pages: Pages, arrive: Arrive
) -> None:
    """A3: colours of the person's own leave borders and words, nothing else."""
    visitor = arrive(pages.address, forced_colors=True)
    pages.sign_in(visitor)

    found = []
    for name, path in pages.paths.items():
        found += [f"{name}: {each}" for each in bare_controls(visitor.open(path))]

    assert found == []


def test_no_page_moves_for_whom_motion_is_reduced(pages: Pages, arrive: Arrive) -> None:
    """A3: nothing runs, and nothing would run when it changes."""
    visitor = arrive(pages.address, reduced_motion=True)
    pages.sign_in(visitor)

    found = []
    for name, path in pages.paths.items():
        found += [f"{name}: {each}" for each in animated(visitor.open(path))]

    assert found == []
