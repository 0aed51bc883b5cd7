"""Every page in a language that is longer, and in one that runs from right to left."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import available_timezones

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from builder_ui.shell.languages import Languages
from kernel.config import Config
from kernel.settings import declarations
from tests.api.conftest import runtime as runtime
from tests.api.conftest import sign_in as sign_in
from tests.browser.every_page import Pages
from tests.browser.layout import overflowing
from tests.browser.serving import serve
from tests.browser.translated import cut, overlapping, untranslated, values_of
from tests.browser.visiting import DESK, PHONE, Visitor
from tests.conftest import Cluster
from tests.security.conftest import Tenant
from tests.security.conftest import app as app
from tests.security.conftest import tenants as tenants
from tests.tenants.conftest import house as house

Arrive = Callable[..., Visitor]
LONGER, RIGHT_TO_LEFT = "en_XA", "ar_XB"

# What no translation reaches yet, and why. It may only become shorter.
STILL_ENGLISH = {
    "(not shown)": "stands in the entries of the audit trail themselves",
    "Operator (tests)": "the name that the directory gives to whoever runs the installation",
    "operator": "the authority that an entry of the audit trail names",
    "– Operator (tests),": "the same, in a list",
    "Wareflow (tests)": "the name that the directory gives to the product itself",
}


@pytest.fixture
def config(config: Config) -> Config:
    """An installation that offers the pseudo-languages."""
    return replace(config, with_pseudo_languages=True)


@pytest.fixture
def pages(app: Flask, tenants: tuple[Tenant, Tenant]) -> Iterator[Pages]:
    """Every page of ACME, whose administrator has not chosen a language yet."""
    with serve(app) as address:
        yield Pages(app, tenants[0], address)


def speak(tenants: tuple[Tenant, Tenant], locale: str) -> None:
    """Choose a language on the page of one's preferences."""
    kept = tenants[0].walker.send(
        "me/preferences", density="standard", single_keys="yes", locale=locale
    )
    assert kept.status_code == 303, kept.text


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_text_is_cut_and_no_page_scrolls_sideways_in_a_longer_language(
    pages: Pages, tenants: tuple[Tenant, Tenant], arrive: Arrive, size: tuple[int, int]
) -> None:
    """A5: every sentence 40 % longer, at a desk and on a phone."""
    visitor = arrive(pages.address, size=size)
    pages.sign_in(visitor)
    speak(tenants, LONGER)

    found = []
    for name, path in pages.paths.items():
        page = visitor.open(path)
        visitor.screenshot(f"longer/{'desk' if size == DESK else 'phone'}/{name}")
        found += [f"{name}: {each}" for each in (*cut(page), *overflowing(page))]

    assert found == []


def test_every_sentence_of_every_page_is_translated(
    pages: Pages, tenants: tuple[Tenant, Tenant], arrive: Arrive, database: Cluster
) -> None:
    """A5: what is neither inside a translated sentence nor a value of the tenant was forgotten."""
    visitor = arrive(pages.address)
    pages.sign_in(visitor)
    speak(tenants, LONGER)
    known = values_of(database) | available_timezones()
    known |= {each.key for each in declarations()} | {"en"}  # What was never set is no row.
    known |= _words_of_tests()
    known |= {name for _, name in Languages(with_pseudo=True).offered()}

    found: dict[str, str] = {}
    for name, path in pages.paths.items():
        for each in untranslated(visitor.open(path), known):
            found.setdefault(each, name)
    for each in _in_scripts(visitor.open("/t/acme/orders"), known):
        found.setdefault(each, "what scripts say")

    assert sorted(set(found) - set(STILL_ENGLISH)) == [], found


def test_pages_run_from_right_to_left(
    pages: Pages, tenants: tuple[Tenant, Tenant], arrive: Arrive
) -> None:
    """A5: the navigation is on the right, nothing lies on anything or scrolls sideways."""
    visitor = arrive(pages.address)
    pages.sign_in(visitor)
    speak(tenants, RIGHT_TO_LEFT)

    found = []
    for name, path in pages.paths.items():
        page = visitor.open(path)
        visitor.screenshot(f"right-to-left/{name}")
        found += [f"{name}: {each}" for each in (*_misplaced(page), *overlapping(page))]
        found += [f"{name}: {each}" for each in overflowing(page)]

    assert found == []


def _words_of_tests() -> set[str]:
    """Return what the page of settings says of those that other tests declare, of mugs."""
    theirs = [each for each in declarations() if each.key.startswith("mug_")]
    return {str(word) for each in theirs for word in (each.label, each.help, each.default)}


def _in_scripts(page: Page, known: set[str]) -> list[str]:
    page.keyboard.press("?")
    expect(page.locator("#shortcut-sheet .shortcuts")).not_to_be_empty()
    told = untranslated(page, known)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    return told + untranslated(page, known)


def _misplaced(page: Page) -> list[str]:
    direction, nav_start, main_end = page.evaluate(
        """() => [document.documentElement.dir,
          document.querySelector("#nav").getBoundingClientRect().left,
          document.querySelector("#main").getBoundingClientRect().right]"""
    )
    faults = [] if direction == "rtl" else [f"runs {direction}"]
    return faults if nav_start >= main_end - 1 else [*faults, "the navigation is not on the right"]
