"""Every route of the whole application, as it is served: no face and no page is forgotten."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kernel.ids import new_id
from tests.api.factories import MARK
from tests.builder_ui.portal.conftest import OURS
from tests.conftest import MONDAY
from tests.security.conftest import Tenant, is_named
from web.access import access_of

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


class Route(NamedTuple):
    """A method of an address."""

    method: str
    rule: Rule

    def address(self, **parts: str) -> str:
        """Return the address with these parts in it, `x` for the others."""
        return _PART.sub(lambda found: parts.get(found[1], "1"), self.rule.rule)

    def named(self) -> list[str]:
        """Return the parts that name something which a tenant owns."""
        return [part for part in _PART.findall(self.rule.rule) if is_named(part)]


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, rule)


def pages(app: Flask) -> Iterator[Route]:
    """Yield the routes of the portal that ask who calls."""
    for route in routes(app):
        marked = access_of(app.view_functions[route.rule.endpoint], route.method)
        if route.rule.rule.startswith("/t/") and marked is not None and not marked.is_public:
            yield route


def ask(tenant: Tenant, route: Route, address: str) -> TestResponse:
    form: dict[str, str] | None = {} if route.method == "POST" else None
    # Read to its end: a file that is left half read keeps its request open.
    return tenant.walker.client.open(
        address, method=route.method, headers=OURS, data=form, buffered=True
    )


def essence(answer: TestResponse, *said: str) -> tuple[int, str, dict[str, str]]:
    """Return what is seen, but for the request's own id and what the request itself said."""
    text = re.sub(r"req_\w+", "", answer.text)
    headers = {name: value for name, value in answer.headers if name != "X-Request-Id"}
    headers.pop("Content-Length", None)
    for each in said:
        text = text.replace(each, "…")
        headers = {name: value.replace(each, "…") for name, value in headers.items()}
    return answer.status_code, text, headers


def test_who_signed_in_at_one_tenant_is_a_stranger_at_another(
    app: Flask, tenants: tuple[Tenant, Tenant]
) -> None:
    """TEN-01, TEN-05: at ACME's addresses a session of GLOBEX is answered like none at all."""
    _, globex = tenants
    stranger = app.test_client()
    for route in pages(app):
        address = route.address(slug="acme")
        form: dict[str, str] | None = {} if route.method == "POST" else None
        as_gus = ask(globex, route, address)
        as_nobody = stranger.open(address, method=route.method, headers=OURS, data=form)
        assert essence(as_gus) == essence(as_nobody), route
        assert as_gus.status_code in (303, 401, 404), (route, as_gus.status_code)


def test_an_id_of_another_tenant_is_like_one_that_nobody_has(
    app: Flask, tenants: tuple[Tenant, Tenant]
) -> None:
    """TEN-05: every page that names a thing; a new one fails until it is known how to make it."""
    acme, globex = tenants
    for route in pages(app):
        ids = {part: acme.id(route.rule.rule, part) for part in route.named()}
        if not ids:
            continue
        nobodys = {part: new_id(each.split("_")[0], MONDAY) for part, each in ids.items()}
        foreign = ask(globex, route, route.address(slug="globex", **ids))
        random = ask(globex, route, route.address(slug="globex", **nobodys))
        assert essence(foreign, *ids.values()) == essence(random, *nobodys.values()), route
        assert foreign.status_code == 404, route
        assert MARK not in foreign.text, route


def test_the_owner_finds_every_page_and_nobody_else_sees_the_mark(
    app: Flask, tenants: tuple[Tenant, Tenant]
) -> None:
    """TEN-05: everything of ACME's is made; ACME opens every page, GLOBEX none of it."""
    acme, globex = tenants
    opened = [route for route in pages(app) if route.method == "GET"]
    for route in opened:
        ids = {part: acme.id(route.rule.rule, part) for part in route.named()}
        if "key" not in route.rule.arguments and "path" not in route.rule.arguments:
            own = ask(acme, route, route.address(slug="acme", **ids))
            assert own.status_code in (200, 303), (route, own.status_code)
    for route in opened:
        if not route.named():
            assert MARK not in ask(globex, route, route.address(slug="globex")).text, route


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_every_answer_of_every_route_carries_the_headers(
    app: Flask, tenants: tuple[Tenant, Tenant]
) -> None:
    """S1, API-06: pages, files, the API, health, refusals of each; and never a trace."""
    acme, _ = tenants
    for route in routes(app):
        for client in (acme.walker.client, app.test_client()):
            address = route.address(slug="acme")
            answer = client.open(address, method=route.method, headers=OURS)
            assert answer.status_code < 500, (route, answer.text)
            assert HEADERS.items() <= dict(answer.headers).items(), route
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], route
            assert answer.headers["X-Request-Id"].startswith("req_"), route
            assert "Cache-Control" in answer.headers, route
            assert "Server" not in answer.headers, route
            for leak in ("Traceback", "psycopg", "SELECT "):
                assert leak not in answer.text, route


def test_no_route_takes_trace_and_every_405_says_what_it_takes(app: Flask) -> None:
    """API-25: on both faces."""
    client = app.test_client()
    for route in routes(app):
        address = route.address(slug="acme")
        for method in ("TRACE", "PROPFIND"):
            answer = client.open(address, method=method)
            assert answer.status_code == 405, route
            assert route.method in answer.headers["Allow"].split(", "), route


FORM = "application/x-www-form-urlencoded"
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", FORM),
    "NUL everywhere": (b"name=a%00b&email=%00&code=%00&version=%00&reason=%00", FORM),
    "no UTF-8": (b"name=%ff%fe&email=%ff&code=%ed%a0%80&version=%ff", FORM),
    "surrogates": ("name=\ud83d&code=\udc00".encode("utf-8", "surrogatepass"), FORM),
    "a field a thousand times": (b"&".join([b"name=x"] * 1500), FORM),
    "ten thousand fields": (b"&".join(b"f%d=1" % number for number in range(10_000)), FORM),
    "an essay": (b"name=" + b"x" * 600_000 + b"&code=" + b"y" * 400_000, FORM),
    "more than is taken": (b"name=" + b"x" * (1024 * 1024 + 10), FORM),
    "huge numbers": (b"version=" + b"9" * 5000 + b"&quantity=1e999999999&price=NaN", FORM),
    "JSON": (b'{"name": "a"}', "application/json"),
    "JSON without end": (b"[" * 100_000, "application/json"),
    "a broken multipart": (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data"),
    "a multipart without end": (
        b"--x\r\n\r\n" * 2000,
        "multipart/form-data; boundary=x",
    ),
    "no media type": (b"name=x", ""),
}


def test_no_body_whatever_breaks_a_page(app: Flask, tenants: tuple[Tenant, Tenant]) -> None:
    """API-16: every unsafe route but the API's, which has a test of its own."""
    acme, _ = tenants
    unsafe = [each for each in routes(app) if each.method in ("POST", "PUT", "PATCH")]
    addresses = []
    for route in unsafe:
        if route.rule.rule.startswith("/api/"):
            continue
        named = route.named() if route.rule.rule.startswith("/t/") else []
        addresses.append((route, {part: acme.id(route.rule.rule, part) for part in named}))
    broken = []
    for route, ids in addresses:
        # Some of these end a session, and then nothing behind the sign-in would be tried.
        acme.walker.sign_in("ana@acme.example")
        for what, (raw, media_type) in HOSTILE.items():
            answer = acme.walker.client.open(
                route.address(slug="acme", **ids),
                method=route.method,
                data=raw,
                headers=OURS | {"Content-Type": media_type},
            )
            if answer.status_code >= 500:
                broken.append(f"{what}: {route.method} {route.rule.rule}")
    assert broken == []
