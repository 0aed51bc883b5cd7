"""Every response carries the security headers, and says whether it may be kept."""

import pytest
from flask import Flask, Response
from werkzeug.exceptions import Forbidden

from web.headers import content_security_policy, install_headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; report-uri /csp-report"
)


def an_app(*, https: bool = True) -> Flask:
    app = Flask("headers", static_folder=None)
    install_headers(app, https=https)

    @app.get("/orders")
    def orders() -> str:
        return "orders"

    @app.get("/refused")
    def refused() -> str:
        raise Forbidden

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("a bug")

    @app.get("/file")
    def file() -> Response:
        return Response("x", headers={"Cache-Control": "public, max-age=60"})

    return app


@pytest.mark.parametrize("path", ["/orders", "/refused", "/broken", "/nowhere", "/file"])
def test_every_response_carries_the_security_headers(path: str) -> None:
    """S1, SEC-05: pages, refusals, bugs, unknown addresses and files alike."""
    headers = an_app().test_client().get(path).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_promise_of_https_is_not_made_where_there_is_none() -> None:
    response = an_app(https=False).test_client().get("/orders")

    assert "Strict-Transport-Security" not in response.headers


def test_a_page_is_kept_nowhere_unless_it_says_so() -> None:
    client = an_app().test_client()

    kept = [client.get(path).headers["Cache-Control"] for path in ("/orders", "/broken", "/file")]

    assert kept == ["no-store", "no-store", "public, max-age=60"]


def test_a_consent_page_may_name_the_one_origin_its_form_redirects_to() -> None:
    """OA-18: nothing else of the policy moves."""
    policy = content_security_policy(["https://shop.example"])

    assert policy == POLICY.replace("form-action 'self'", "form-action 'self' https://shop.example")
