"""Every route of the portal, tried by a stranger, by a member without rights, by another tenant."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from builder_ui.shell.assets import Assets
from tenants import access
from tenants.organisation import tree
from tests.builder_ui.portal.conftest import OURS, SOURCES, Walker, compose_portal
from tests.builder_ui.portal.trading import a_trade, some_things
from tests.conftest import GLOBEX
from tests.tenants.conftest import House
from web.access import access_of

Come = Callable[..., Walker]

# Parts of addresses that name nothing of one tenant's own.
_NOT_IDS = {"slug", "key", "token", "number"}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/t/"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def ask(walker: Walker, rule: Rule, method: str, ids: dict[str, str]) -> TestResponse:
    path = re.sub(r"<(\w+)>", lambda found: ids[found[1]], rule.rule)
    return walker.client.open(
        path, method=method, headers=OURS, data={} if method != "GET" else None
    )


@pytest.fixture
def ids(house: House, walker: Come) -> dict[str, str]:
    """Of everything that an address can name, one that is ACME's."""
    ana = house.member("ana@acme.example", "administrator")
    with house.open() as uow:
        role = next(row for row, _count in access.roles(uow) if row.key == "planner").id
        unit = tree.add_unit(uow, "company", "acme", "Acme secret plans").id
    trade = a_trade(house.runtime)
    order_id = trade.order()
    (task,), (purchase,) = trade.tasks(), trade.purchases()
    things = some_things(trade)
    somebody = walker("ana@acme.example")
    entry = re.search(r"/audit/(aud_\w+)", somebody.open("audit").text)
    session = "ses_" + "0" * 26
    assert entry is not None
    return {
        "slug": "acme", "member_id": ana.id, "role_id": role, "unit_id": unit,
        "entry_id": entry[1], "session_id": session, "key": "display.locale",
        "token": "x" * 43, "task_id": task.id, "run_id": task.run_id, "order_id": order_id,
        "po_id": purchase.id, "sku_id": trade.shop.merchant.mug, **things,
        "workflow": "buy-what-is-missing", "number": "1",
    }  # fmt: skip


def test_every_page_says_who_may_open_it(house: House, tmp_path: Path) -> None:
    """The application does not start otherwise."""
    assets = Assets(tmp_path, {f"src/{name}": name for name in SOURCES})

    composed = compose_portal(house.runtime, house, assets)

    assert len(list(routes(composed))) > 30


def test_every_route_that_is_not_public_asks_who_calls(
    app: Flask, walker: Come, ids: dict[str, str]
) -> None:
    stranger = walker()

    let_in = []
    for rule, method in routes(app):
        marked = access_of(app.view_functions[rule.endpoint], method)
        assert marked is not None
        if not marked.is_public:
            answer = ask(stranger, rule, method, ids)
            if answer.status_code != (303 if method == "GET" else 401):
                let_in.append(f"{method} {rule.rule}: {answer.status_code}")

    assert let_in == []


def test_every_route_with_a_permission_refuses_who_lacks_it(
    app: Flask, house: House, walker: Come, ids: dict[str, str]
) -> None:
    house.member("nora@acme.example")
    nora = walker("nora@acme.example")

    let_in = []
    for rule, method in routes(app):
        marked = access_of(app.view_functions[rule.endpoint], method)
        if marked is not None and marked.permissions:
            answer = ask(nora, rule, method, ids)
            if answer.status_code != 403:
                let_in.append(f"{method} {rule.rule}: {answer.status_code}")

    assert let_in == []


def test_another_tenant_s_id_is_as_unknown_as_any_other(
    app: Flask, house: House, walker: Come, ids: dict[str, str]
) -> None:
    """TEN-05: the same status and the same words, whatever the id belongs to."""
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")
    theirs = ids | {"slug": "globex"}
    nobody = {
        name: value if name in _NOT_IDS else value[:4] + "0" * 26 for name, value in theirs.items()
    }

    told_apart = []
    for rule, method in routes(app):
        named = set(rule.arguments) - _NOT_IDS
        if not named:
            continue
        of_acme, of_nobody = (ask(gus, rule, method, each) for each in (theirs, nobody))
        if _essence(of_acme, theirs) != _essence(of_nobody, nobody) or of_acme.status_code != 404:
            told_apart.append(f"{method} {rule.rule}: {of_acme.status_code}")
        assert "Acme secret plans" not in of_acme.text

    assert told_apart == []


def test_every_page_carries_the_headers_of_a_page(
    app: Flask, walker: Come, ids: dict[str, str]
) -> None:
    """S1, ID-02: policy, no caching, request id; and no inline script or style."""
    ana = walker("ana@acme.example")

    for rule, method in routes(app):
        if method != "GET":
            continue
        answer = ask(ana, rule, method, ids)
        assert answer.headers["X-Request-Id"].startswith("req_")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|\son\w+=|javascript:", answer.text), rule.rule
        assert "<style" not in answer.text


HOSTILE_BODIES = [
    pytest.param("application/json", b'{"name": "x"}', id="JSON instead of a form"),
    pytest.param("application/x-www-form-urlencoded", b"%ff=%ed%a0%80&name=%00", id="no UTF-8"),
    pytest.param("application/x-www-form-urlencoded", b"a&" * 5000, id="ten thousand fields"),
    pytest.param("application/x-www-form-urlencoded", b"name=" + b"x" * 2_000_000, id="2 MB"),
    pytest.param("multipart/form-data; boundary=x", b"--x\r\nnonsense", id="a broken multipart"),
    pytest.param("multipart/form-data", b"--x--", id="a multipart without its boundary"),
    pytest.param("", b"\x00\xff", id="no type at all"),
    pytest.param(
        "application/x-www-form-urlencoded",
        b"name=" + b"x" * 100_000 + b"&email=" + b"y" * 100_000 + b"&version=99999999999999",
        id="words without end",
    ),
]


@pytest.mark.parametrize(("media_type", "body"), HOSTILE_BODIES)
def test_a_hostile_form_is_refused_and_never_breaks_anything(
    app: Flask, walker: Come, ids: dict[str, str], media_type: str, body: bytes
) -> None:
    """API-16, for forms: no body makes a page fail on our side."""
    ana = walker("ana@acme.example")

    broken = []
    for rule, method in routes(app):
        if method == "POST" and not rule.rule.endswith(("/sign-out", "/sessions-end", "-others")):
            path = re.sub(r"<(\w+)>", lambda found: ids[found[1]], rule.rule)
            answer = ana.client.post(path, data=body, content_type=media_type, headers=OURS)
            if answer.status_code >= 500:
                broken.append(f"{rule.rule}: {answer.status_code}")

    assert broken == []


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=%F0%9F%A4%A1", "sort=drop", "q=%00", "scope=x", "q=" + "x" * 5000,
     "status=%27--", "subject=/", "outcome=nobody", "parent=x", "actor=%ff", "told=x"],
)  # fmt: skip
def test_a_hostile_address_is_refused_and_never_breaks_anything(
    app: Flask, walker: Come, ids: dict[str, str], query: str
) -> None:
    """API-16: the same for what stands behind the question mark."""
    ana = walker("ana@acme.example")

    broken = []
    for rule, method in routes(app):
        if method == "GET":
            path = re.sub(r"<(\w+)>", lambda found: ids[found[1]], rule.rule)
            answer = ana.client.get(f"{path}?{query}", headers=OURS)
            if answer.status_code >= 500:
                broken.append(f"{rule.rule}: {answer.status_code}")

    assert broken == []


def _essence(answer: TestResponse, ids: dict[str, str]) -> tuple[object, ...]:
    text = re.sub(r"req_\w+", "req", answer.text)
    for value in (each for name, each in ids.items() if name != "number"):
        text = text.replace(value, "id")
    headers = {name: value for name, value in answer.headers if name != "X-Request-Id"}
    headers.pop("Content-Length", None)
    return answer.status_code, text, headers
