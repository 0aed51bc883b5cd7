"""A real Chromium, a served application, and visitors who fail on anything forbidden."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from builder_ui.shell.assets import Assets
from builder_ui.shell.gallery import gallery
from builder_ui.shell.rendering import install_shell
from tests.browser.serving import serve
from tests.browser.visiting import Visitor
from web.csp_reports import csp_reports
from web.headers import install_headers
from web.json_provider import install_json

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test below this folder as one that drives a browser."""
    here = os.path.dirname(__file__)
    for test in items:
        if str(test.path).startswith(here):
            test.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start CHROMIUM_PATH, else the system's Chromium, else Playwright's own, once."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def gallery_app() -> Flask:
    """Compose the design system alone: no database, no sign-in."""
    app = Flask("gallery", static_folder=None)
    app.testing = True  # A fault of a page shows its traceback in the failing test.
    install_json(app)
    install_headers(app, https=False)
    install_shell(app, Assets.read())
    app.register_blueprint(gallery)
    app.register_blueprint(csp_reports())
    return app


@pytest.fixture(scope="session")
def gallery_site(gallery_app: Flask) -> Iterator[str]:
    """Serve the gallery and yield its address."""
    with serve(gallery_app) as address:
        yield address


@pytest.fixture
def arrive(chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Let a test send visitors to a site: `arrive(address, size=PHONE, scheme="dark")`."""
    visitors: list[Visitor] = []

    def send(address: str, **wishes: Any) -> Visitor:
        visitor = Visitor.arrive(chromium, address, **wishes)
        visitors.append(visitor)
        return visitor

    yield send
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def visitor(arrive: Callable[..., Visitor], gallery_site: str) -> Visitor:
    """Stand in front of the gallery at a desk."""
    return arrive(gallery_site)
