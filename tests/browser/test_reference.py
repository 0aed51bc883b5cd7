"""The reference of the API as people read it: any device, any theme, by keyboard, on paper."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from kernel.clock import StoppedClock
from kernel.config import Config
from tests.api.conftest import register
from tests.browser.accessibility import violations
from tests.browser.layout import enlarge_text, overflowing, small_targets
from tests.browser.merchant_site import MerchantSite, merchant_site, tab_to
from tests.browser.visiting import DESK, PHONE, SMALLEST, Scheme, Visitor
from tests.conftest import ACME, Cluster, found_tenant

PAGES = {
    "overview": "/docs/api",
    "problems": "/docs/api/problems",
    "resource": "/docs/api/orders",
    "operation": "/docs/api/orders/place",
    "list": "/docs/api/products/show-all",
    "search": "/docs/api/search?q=reservation",
    "search-without-match": "/docs/api/search?q=zebra",
    "explorer": "/docs/api/explorer",
}


@pytest.fixture
def site(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """The whole product, served."""
    assert database
    with merchant_site(config, clock) as served:
        found_tenant(served.runtime, ACME, "Acme Mugs")
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_the_reference_has_an_accessibility_fault(
    arrive: Callable[..., Visitor], site: MerchantSite, scheme: Scheme, size: tuple[int, int]
) -> None:
    """D1, A1: axe finds nothing, light and dark, wide and narrow."""
    visitor = arrive(site.address, scheme=scheme, size=size)
    device = "desk" if size == DESK else "phone"

    found = []
    for name, path in PAGES.items():
        page = visitor.open(path)
        if name == "explorer":
            expect(page.locator(".opblock-tag").first).to_be_visible(timeout=30_000)
        visitor.screenshot(f"reference-{name}-{device}-{scheme}")
        found += [f"{name}: {fault}" for fault in violations(page)]
        found += [f"{name}: {fault}" for fault in small_targets(page)]

    assert found == []


def test_no_page_of_the_reference_scrolls_sideways(
    arrive: Callable[..., Visitor], site: MerchantSite
) -> None:
    """A2: neither the smallest window nor text of 200 % makes a page scroll sideways."""
    found = []
    for size, percent in ((SMALLEST, 100), (DESK, 200)):
        visitor = arrive(site.address, size=size)
        for name, path in PAGES.items():
            page = visitor.open(path)
            enlarge_text(page, percent)
            found += [f"{name} {size[0]} {percent} %: {each}" for each in overflowing(page)]
            if size == SMALLEST:
                visitor.screenshot(f"reference-{name}-smallest")

    assert found == []


def test_an_integrator_finds_an_operation_and_copies_its_example_by_keyboard(
    arrive: Callable[..., Visitor], site: MerchantSite
) -> None:
    """D1: search, open, choose a language that stays chosen, copy."""
    visitor = arrive(site.address)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open("/docs/api")

    page.keyboard.press("/")
    page.keyboard.type("place order")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search the reference")
    tab_to(page, "Place an order")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Place an order")
    page.get_by_role("radio", name="curl").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#example-python")).to_be_visible()
    expect(page.locator("#example-curl")).to_be_hidden()
    page.get_by_role("button", name="Copy: Example in Python").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied.").first).to_be_visible()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import os")
    assert '"lines": [' in copied
    visitor.open("/docs/api/orders/hold")
    expect(page.get_by_role("radio", name="Python")).to_be_checked()


def test_the_reference_is_read_searched_and_chosen_from_without_scripts(
    arrive: Callable[..., Visitor], site: MerchantSite
) -> None:
    visitor = arrive(site.address, scripts=False)
    page = visitor.open("/docs/api")

    page.get_by_role("searchbox", name="Search the reference").fill("hold back")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Hold an order back").click()
    page.get_by_role("radio", name="JavaScript").check()

    expect(page.locator("#example-javascript")).to_be_visible()
    expect(page.locator("#example-curl")).to_be_hidden()


def test_an_operation_is_printed_with_every_example(
    arrive: Callable[..., Visitor], site: MerchantSite
) -> None:
    """P8: on paper nothing can be chosen, so everything is there."""
    page = arrive(site.address).open("/docs/api/orders/place")

    page.emulate_media(media="print")

    for language in ("curl", "python", "javascript"):
        expect(page.locator(f"#example-{language}")).to_be_visible()
    expect(page.locator("#nav")).to_be_hidden()
    assert len(page.pdf()) > 10_000


def test_a_token_is_pasted_into_the_explorer_and_an_operation_executed(
    arrive: Callable[..., Visitor], site: MerchantSite
) -> None:
    """D2: 200 from the served product, with nothing that the policy forbids."""
    visitor = arrive(site.address)
    page = visitor.open("/docs/api/products/show-all")

    page.get_by_role("link", name="Run in the explorer").click()
    # A megabyte and a half of script is read first.
    expect(page.get_by_role("button", name="Authorize").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_role("textbox", name="auth-bearer-value").fill(a_token(site))
    found = violations(page)
    page.get_by_role("button", name="Authorize").last.click()
    page.get_by_role("button", name="Close").first.click()
    operation = page.locator("#operations-products-products_show_all")
    expect(operation).to_have_class(re.compile("is-open"))
    with page.expect_response(lambda answer: "/api/products" in answer.url) as answered:
        operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"data"')
    visitor.screenshot("reference-explorer-executed")

    assert answered.value.status == 200
    assert found + violations(page) == []
    assert overflowing(page) == []
    expect(page.get_by_role("combobox", name="Server")).to_be_visible()


def a_token(site: MerchantSite) -> str:
    """Register a client and ask for its token, as its owner would."""
    client = register(site.runtime, ACME, "catalog:read")
    pair = f"{client.client_id}:{client.secret}"
    asked = Request(
        f"{site.address}/t/acme/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {b64encode(pair.encode()).decode()}"},
    )
    with urlopen(asked, timeout=10) as answer:
        return str(json.load(answer)["access_token"])
