"""The portal on the test database, and people who walk through it without a browser's engine."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from builder_ui.portal.composition import install_portal
from builder_ui.portal.face import portal_face
from builder_ui.portal.stream.hub import Hub
from builder_ui.portal.stream.pages import HUB
from builder_ui.portal.stream.wire import Terms
from builder_ui.shell.assets import Assets
from builder_ui.shell.rendering import install_shell
from kernel.clock import StoppedClock
from kernel.config import Config
from kernel.runtime import Runtime
from tests.builder_ui.portal.trading import whole_runtime
from tests.conftest import Cluster
from tests.tenants.conftest import PASSWORD, House
from web.access import check_every_view
from web.application import new_application
from web.headers import install_headers
from web.json_provider import install_json

SOURCES = (
    "icon.svg",
    "styles/portal.css",
    "portal.ts",
    "styles/statechart.css",
    "pages/statechart.ts",
    "licences.txt",
    "styles/dashboard.css",
    "pages/dashboard.ts",
)
BRIEF = Terms(lifetime_seconds=0.05, look_every_seconds=0.05)
OURS = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}


@dataclass
class Walker:
    """Somebody with a browser that keeps cookies and sends what browsers send."""

    client: FlaskClient
    slug: str = "acme"
    last: TestResponse | None = field(default=None, repr=False)

    def open(self, path: str, **headers: str) -> TestResponse:
        """Open a page of the tenant."""
        return self.client.get(self.address(path), headers=OURS | headers)

    def send(self, path: str, **form: str | list[str]) -> TestResponse:
        """Send a form of the tenant."""
        return self.client.post(self.address(path), data=form, headers=OURS)

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        """Send the sign-in form."""
        return self.send("sign-in", email=email, password=password, **more)

    def address(self, path: str) -> str:
        """Return the address of a page; a path that begins with a slash is one already."""
        return path if path.startswith("/") else f"/t/{self.slug}/{path}"


def words(answer: TestResponse) -> str:
    """Return what a page says, without its markup."""
    text = re.sub(r"<(script|template)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def compose_portal(
    runtime: Runtime, house: House, assets: Assets, *, streams: Terms | None = None
) -> Flask:
    """Compose the portal alone on a runtime with a directory and a post office."""
    app = new_application(runtime, [portal_face()])
    install_json(app)
    install_headers(app, https=runtime.config.is_https)
    install_shell(app, assets)
    install_portal(app, runtime.config, hasher=house.hasher, streams=streams)
    check_every_view(app)
    return app


def close_streams(app: object) -> None:
    """End the streams of an application that has any, so that nothing reads the database."""
    hub: Hub | None = getattr(app, "extensions", {}).get(HUB)
    if hub is not None:
        hub.close()


@pytest.fixture
def runtime(database: Cluster, config: Config, clock: StoppedClock) -> Iterator[Runtime]:
    """Everything composed, with ACME and GLOBEX founded."""
    composed = whole_runtime(config, clock)
    yield composed
    composed.close()


@pytest.fixture
def app(house: House, tmp_path: Path) -> Iterator[Flask]:
    """The portal of both tenants. Its streams end by themselves, at once."""
    assets = Assets(tmp_path, {f"src/{name}": name for name in SOURCES})
    composed = compose_portal(house.runtime, house, assets, streams=BRIEF)
    yield composed
    close_streams(composed)


@pytest.fixture
def walker(app: Flask) -> Callable[..., Walker]:
    """Let somebody come to the portal: `walker()` a stranger, `walker("ana@…")` signed in."""

    def come(email: str | None = None, slug: str = "acme") -> Walker:
        somebody = Walker(app.test_client(), slug)
        if email is not None:
            assert somebody.sign_in(email).status_code == 303
        return somebody

    return come
