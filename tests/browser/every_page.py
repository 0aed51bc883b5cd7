"""Every page of the portal, found in the application itself, with one of everything to show."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser.serving import serve
from tests.browser.visiting import Visitor
from tests.security.conftest import Tenant, is_named
from tests.tenants.conftest import PASSWORD

# What an address names besides things: filled in here, so that each such page is seen once.
_WORDS = {"key": "display.locale", "token": "x" * 43, "number": "1"}
PAGES_MIN = 60
_BEFORE_SIGN_IN = ("/sign-in", "/reset", "/invite")


class Pages:
    """The pages of one tenant by name, as whoever administers it may open them."""

    def __init__(self, app: Flask, tenant: Tenant, address: str) -> None:
        """Ask every address of the portal once: what answers with a page is one."""
        self.address = address
        self.paths: dict[str, str] = {}
        for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
            if not rule.rule.startswith("/t/") or "GET" not in (rule.methods or ()):
                continue
            if rule.rule.removeprefix("/t/<slug>").startswith(_BEFORE_SIGN_IN):
                continue
            path = _filled(rule.rule, tenant)
            answer = tenant.walker.open(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                name = rule.rule.removeprefix("/t/<slug>/").replace("/", "-")
                self.paths[re.sub(r"[<>]", "", name) or "home"] = path
        assert len(self.paths) >= PAGES_MIN, sorted(self.paths)

    def sign_in(self, visitor: Visitor) -> None:
        """Sign in as the administrator."""
        page = visitor.open("/t/acme/sign-in")
        page.get_by_label("E-mail").fill("ana@acme.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)


def _filled(rule: str, tenant: Tenant) -> str:
    def value(found: re.Match[str]) -> str:
        part = found[1]
        if part == "slug":
            return tenant.slug
        return tenant.id(rule, part) if is_named(part) else _WORDS.get(part, "none")

    return re.sub(r"<(?:\w+:)?(\w+)>", value, rule)


@pytest.fixture
def pages(app: Flask, tenants: tuple[Tenant, Tenant]) -> Iterator[Pages]:
    """Serve the whole application, in which ACME has one of everything."""
    with serve(app) as address:
        yield Pages(app, tenants[0], address)
