"""What every request gets and what every request must pass."""

from collections.abc import Callable

import psycopg
import pytest
import structlog
from flask import Flask, request
from flask.views import MethodView

from kernel.audit import Subject
from kernel.ids import TenantId
from tests.conftest import ACME, Cluster
from tests.web.conftest import told
from web.access import (
    UnmarkedView,
    accepts_body,
    access_of,
    check_every_view,
    public,
    requires,
    signed_in,
)
from web.request import current_actor, current_caller, current_request_id, current_unit_of_work

MakeApp = Callable[..., Flask]
FROM_ACME = {"Caller": "acme"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_route_without_a_mark_stops_the_application(make_app: MakeApp) -> None:
    app = make_app()
    app.get("/t/<slug>/open")(public()(lambda slug: slug))
    app.post("/t/<slug>/forgotten", endpoint="forgotten")(lambda slug: slug)

    with pytest.raises(UnmarkedView, match="POST /t/<slug>/forgotten"):
        check_every_view(app)


def test_each_method_of_a_class_of_views_is_marked_for_itself(make_app: MakeApp) -> None:
    class Mugs(MethodView):
        @requires("catalog:read")
        def get(self, slug: str) -> str:
            return slug

        def post(self, slug: str) -> str:
            return slug

    app = make_app()
    app.add_url_rule("/t/<slug>/mugs", view_func=Mugs.as_view("mugs"))

    with pytest.raises(UnmarkedView, match="POST"):
        check_every_view(app)
    assert access_of(app.view_functions["mugs"], "HEAD") is not None


def test_an_unmarked_view_is_never_run(make_app: MakeApp) -> None:
    app = make_app()
    app.get("/t/<slug>/forgotten", endpoint="forgotten")(lambda slug: "secret")

    answer = app.test_client().get("/t/acme/forgotten", headers=FROM_ACME)

    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_a_stranger_is_asked_who_calls(make_app: MakeApp) -> None:
    app = make_app()
    app.get("/t/<slug>/mine")(signed_in()(lambda slug: current_actor().name))
    client = app.test_client()

    assert client.get("/t/acme/mine").status_code == 401
    assert client.get("/t/acme/mine", headers=FROM_ACME).text == "Ana"


def test_who_lacks_a_permission_is_refused_and_the_attempt_is_kept(
    make_app: MakeApp, database: Cluster
) -> None:
    """AUD-02: a denied attempt always leaves an entry, under the request's id (API-06)."""
    app = make_app()
    app.post("/t/<slug>/mugs")(requires("catalog:read", "catalog:write")(lambda slug: "made"))

    answer = app.test_client().post("/t/acme/mugs", headers=FROM_ACME)

    assert (answer.status_code, told(answer)["permission"]) == (403, "catalog:write")
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute("SELECT tenant_id, actor_id, outcome, request_id FROM audit_entry"
                                 " WHERE action = 'access.denied'").fetchone()  # fmt: skip
    assert row == (ACME, "mem_ana", "denied", answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("caller", "slug", "status"),
    [
        pytest.param("acme", "acme", 200, id="the caller's own tenant"),
        pytest.param("acme", "globex", 404, id="another tenant is not there"),
        pytest.param("acme", "nobody", 404, id="nor is one that does not exist"),
        pytest.param(None, "acme", 401, id="a stranger is asked who calls"),
    ],
)
def test_the_tenant_of_the_address_and_of_the_caller_agree(
    make_app: MakeApp, caller: str | None, slug: str, status: int
) -> None:
    """TEN-01: the tenant of the caller is the only one whose rows are seen."""
    app = make_app()
    app.get("/t/<slug>/whose")(signed_in()(lambda slug: current_caller().tenant_id))

    answer = app.test_client().get(
        f"/t/{slug}/whose?tenant_id=ten_globex",
        headers={"X-Tenant-Id": "ten_globex"} | ({"Caller": caller} if caller else {}),
    )

    assert answer.status_code == status
    assert TenantId(answer.text) == ACME or status != 200


def test_a_request_carries_one_id_everywhere(make_app: MakeApp, database: Cluster) -> None:
    """API-06: ours in response, log and audit; a client's is recorded, its trace is continued."""
    app = make_app()
    bound = {}

    @app.post("/t/<slug>/mugs")
    @signed_in()
    def make_mug(slug: str) -> str:
        bound.update(structlog.contextvars.get_contextvars())
        with current_unit_of_work() as uow:
            uow.record("mug.make", Subject("mug", slug))
        return current_request_id()

    answer = app.test_client().post(
        "/t/acme/mugs",
        headers=FROM_ACME
        | {"X-Request-Id": "theirs\x01", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )

    with psycopg.connect(database.superuser_url) as connection:
        audited = connection.execute("SELECT request_id FROM audit_entry"
                                     " WHERE action = 'mug.make'").fetchone()  # fmt: skip
    ours = answer.headers["X-Request-Id"]
    assert audited == (ours,)
    assert (answer.text, bound["request_id"]) == (ours, ours)
    assert ours.startswith("req_")
    assert (bound["trace_id"], bound["client_request_id"]) == (TRACE, "theirs")
    assert (bound["tenant_id"], bound["actor_id"]) == (ACME, "mem_ana")
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize("path", ["/nowhere", "/t/acme/nowhere", "/t/acme/%00"])
def test_even_what_is_not_there_has_a_request_id(make_app: MakeApp, path: str) -> None:
    answer = make_app().test_client().get(path)

    assert answer.status_code == 404
    assert told(answer)["request_id"] == answer.headers["X-Request-Id"]


def test_a_method_that_is_not_taken_is_refused_with_those_that_are(make_app: MakeApp) -> None:
    """API-25: Allow is always there, TRACE never works."""
    app = make_app()
    app.get("/t/<slug>/mugs")(public()(lambda slug: slug))
    client = app.test_client()

    for method in ("POST", "TRACE"):
        answer = client.open("/t/acme/mugs", method=method)
        allowed = set(answer.headers["Allow"].split(", "))
        assert (answer.status_code, allowed) == (405, {"GET", "HEAD", "OPTIONS"})
    assert client.options("/t/acme/mugs").status_code == 200


def test_an_unknown_host_is_refused(make_app: MakeApp) -> None:
    """ID-02: only the names of this installation are answered."""
    app = make_app(public_url="https://shop.example", trusted_hosts=("inside.example",))
    app.get("/livez")(public()(lambda: "well"))
    client = app.test_client()

    statuses = [
        client.get("/livez", headers={"Host": host}).status_code
        for host in ("shop.example", "inside.example:8080", "evil.example", "localhost")
    ]

    assert statuses == [200, 200, 400, 400]


@pytest.mark.parametrize(("hops", "address"), [(0, "127.0.0.1"), (1, "198.51.100.7")])
def test_only_as_many_proxies_are_believed_as_are_configured(
    make_app: MakeApp, hops: int, address: str
) -> None:
    app = make_app(proxy_hops=hops)
    app.get("/from")(public()(lambda: str(request.remote_addr)))

    answer = app.test_client().get(
        "/from", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    )

    assert answer.text == address


def test_a_body_is_limited_unless_the_view_takes_more(make_app: MakeApp) -> None:
    """API-16: 1 MiB, and what a view says for itself."""
    app = make_app()
    app.post("/small", endpoint="small")(public()(lambda: str(len(request.get_data()))))
    app.post("/large", endpoint="large")(
        accepts_body(bytes_max=3 * 1024 * 1024)(public()(lambda: str(len(request.get_data()))))
    )
    client, body = app.test_client(), b"x" * (2 * 1024 * 1024)

    assert client.post("/small", data=body).status_code == 413
    assert client.post("/large", data=body).text == str(len(body))


def test_text_that_no_column_can_hold_is_refused_at_the_door(make_app: MakeApp) -> None:
    """API-16: no NUL."""
    app = make_app()
    app.get("/t/<slug>/mugs/<name>")(public()(lambda slug, name: name))
    client = app.test_client()

    assert client.get("/t/acme/mugs/a%00b").status_code == 400
    assert client.get("/t/acme/mugs/a?q=%00").status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="our own page"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="typed by the person"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a sibling subdomain"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="a stranger's page"),
        pytest.param({"Origin": "https://shop.example"}, 200, id="old browser, our origin"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="old browser, a stranger's"),
        pytest.param({}, 403, id="neither is sent"),
    ],
)
def test_a_forged_request_is_refused(
    make_app: MakeApp, headers: dict[str, str], status: int
) -> None:
    """ID-04: fetch metadata decides, Origin where there is none."""
    app = make_app(trusts_cookies=True, public_url="https://shop.example")
    app.post("/t/<slug>/mugs")(signed_in()(lambda slug: "made"))

    answer = app.test_client().post(
        "/t/acme/mugs", headers=FROM_ACME | {"Host": "shop.example"} | headers
    )

    assert answer.status_code == status


def test_our_origin_in_a_foreign_page_s_request_does_not_help(make_app: MakeApp) -> None:
    """ID-04: where a browser tells the site, the origin is not asked."""
    app = make_app(trusts_cookies=True)
    app.post("/t/<slug>/mugs")(signed_in()(lambda slug: "made"))

    answer = app.test_client().post(
        "/t/acme/mugs",
        headers=FROM_ACME | {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8080"},
    )

    assert (answer.status_code, told(answer)["code"]) == (403, "request.forged")


def test_a_face_that_takes_no_cookies_asks_for_no_origin(make_app: MakeApp) -> None:
    """ID-04: bearer tokens are not sent by strangers' pages."""
    app = make_app()
    app.post("/t/<slug>/mugs")(signed_in()(lambda slug: "made"))

    assert app.test_client().post("/t/acme/mugs", headers=FROM_ACME).text == "made"
