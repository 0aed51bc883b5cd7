"""The whole portal as it is composed for people, served with a worker beside it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from playwright.sync_api import Page, expect

from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.browser.layout import focused
from tests.browser.serving import serve
from tests.browser.visiting import Visitor
from tests.tenants.conftest import PASSWORD
from wareflow import compose, create_app

STOPS_MAX = 120


@dataclass(frozen=True)
class MerchantSite:
    """Where it is served, and what serves it."""

    address: str
    runtime: Runtime


@contextmanager
def merchant_site(config: Config, clock: StoppedClock) -> Iterator[MerchantSite]:
    """Serve the product on the tests' database; a worker does what the pages leave to it."""
    runtime, worker = compose(config, clock=clock), compose(config, clock=clock)
    ended = Event()

    def work() -> None:
        while not ended.wait(0.05):
            worker.drain()

    thread = Thread(target=work, name="worker-of-tests", daemon=True)
    with serve(create_app(runtime)) as address:
        thread.start()
        try:
            yield MerchantSite(address, runtime)
        finally:
            ended.set()
            thread.join(timeout=30)
    worker.close()
    runtime.close()


def sign_in(visitor: Visitor, email: str) -> Page:
    """Sign in to ACME by keyboard alone."""
    page = visitor.open("/t/acme/sign-in")
    tab_to(page, "email")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("sign-in"))
    return page


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is named so, or fail after a long walk."""
    walked = []
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        walked.append(focused(page))
        if words in walked[-1]:
            return
    raise AssertionError(f"no stop is named {words!r}: {walked}")


def press(page: Page, words: str) -> None:
    """Go to a link or button by Tab and press Enter, which leads to another page."""
    tab_to(page, words)
    enter(page)


def enter(page: Page) -> None:
    """Press Enter, and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def heading(page: Page, words: str) -> None:
    """Wait until the page says this in its first heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
