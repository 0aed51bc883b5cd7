"""Reports of policy violations are logged short, once, and never answered with anything."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from web.csp_reports import BYTES_MAX, DISTINCT_REPORTS_MAX, csp_reports


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("reports", static_folder=None)
    app.register_blueprint(csp_reports())
    return app.test_client()


def a_report(**fields: str) -> bytes:
    report = {
        "effective-directive": "style-src-attr",
        "blocked-uri": "inline",
        "document-uri": "https://acme.example/t/acme/orders?q=Ana+Ruiz",
        "source-file": "https://acme.example/static/portal-1.js?v=1",
    }
    return json.dumps({"csp-report": report | fields}).encode()


def test_a_violation_is_logged_without_what_the_address_asked(client: FlaskClient) -> None:
    with capture_logs() as logs:
        response = client.post("/csp-report", data=a_report())

    assert (response.status_code, response.data) == (204, b"")
    assert logs == [
        {
            "event": "csp.violated",
            "log_level": "warning",
            "directive": "style-src-attr",
            "blocked": "inline",
            "page": "acme.example/t/acme/orders",
            "source": "acme.example/static/portal-1.js",
        }
    ]


def test_the_same_violation_is_logged_once(client: FlaskClient) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            client.post("/csp-report", data=a_report())

    assert len(logs) == 1


def test_a_stranger_cannot_fill_the_log(client: FlaskClient) -> None:
    with capture_logs() as logs:
        for number in range(DISTINCT_REPORTS_MAX + 20):
            client.post("/csp-report", data=a_report(**{"blocked-uri": f"x{number}"}))

    assert len(logs) == DISTINCT_REPORTS_MAX


def test_one_logged_field_is_short_and_on_one_line(client: FlaskClient) -> None:
    with capture_logs() as logs:
        client.post("/csp-report", data=a_report(**{"blocked-uri": "a\n" * 3000}))

    assert logs[0]["blocked"] == "a" * 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"csp-report": ["x"]}', id="a list"),
        pytest.param(b"[" * 12_000, id="nested without end"),
        pytest.param(b'{"csp-report": {"blocked-uri": "http://[x"}}', id="no address"),
        pytest.param(b" " * (BYTES_MAX + 1) + a_report(), id="too long"),
    ],
)
def test_what_is_no_report_is_taken_and_forgotten(client: FlaskClient, body: bytes) -> None:
    response = client.post("/csp-report", data=body)

    assert response.status_code == 204
