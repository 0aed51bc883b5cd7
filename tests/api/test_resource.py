"""What the house does around every view: strict reading, tags, pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import ApiClient, told

SPOONS = {"name": "Spoons", "spoons": 12, "price": {"amount": "2.50", "currency": "EUR"}}


def shown(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    document: dict[str, Any] = json.loads(answer.text)
    return document


def a_drawer(client: ApiClient, **fields: Any) -> str:
    return str(shown(client.send("POST", "/api/drawers", {**SPOONS, **fields}))["id"])


def test_what_is_created_can_be_read_where_it_says(acme: ApiClient) -> None:
    """API-15: money and instants keep their exact spelling."""
    made = acme.send("POST", "/api/drawers", {**SPOONS, "counted_at": "2026-03-02T10:00:00+01:00"})
    read = acme.send("GET", made.headers["Location"])

    assert made.status_code == 201
    assert read.json == made.json
    assert read.json == {
        **SPOONS,
        "counted_at": "2026-03-02T09:00:00Z",
        "id": shown(made)["id"],
        "version": 1,
    }
    assert read.headers["ETag"] == made.headers["ETag"]
    assert read.headers["Wareflow-Version"] == "2026-11-01"


WRONG_BODIES: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "nothing in it": (
        {},
        [("/name", "request.field_missing"), ("/spoons", "request.field_missing")],
    ),
    "an unknown field": (SPOONS | {"forks": 3}, [("/forks", "request.field_unknown")]),
    "a field that only we write": (
        SPOONS | {"version": 9},
        [("/version", "request.field_unknown")],
    ),
    "a number as text": (SPOONS | {"spoons": "12"}, [("/spoons", "request.field")]),
    "half a spoon": (SPOONS | {"spoons": 0.5}, [("/spoons", "request.field")]),
    "true as a number": (SPOONS | {"spoons": True}, [("/spoons", "request.field")]),
    "too many": (SPOONS | {"spoons": 1001}, [("/spoons", "request.field")]),
    "money as a number": (SPOONS | {"price": 2.5}, [("/price", "request.field")]),
    "a float amount": (
        SPOONS | {"price": {"amount": 2.5, "currency": "EUR"}},
        [("/price/amount", "request.field")],
    ),
    "a tenth of a cent": (
        SPOONS | {"price": {"amount": "2.501", "currency": "EUR"}},
        [("/price/amount", "request.field")],
    ),
    "an instant without a zone": (
        SPOONS | {"counted_at": "2026-03-02T10:00:00"},
        [("/counted_at", "request.field")],
    ),
    "a list": ([SPOONS], [("", "request.field")]),
    "null": (None, [("", "request.field")]),
}


@pytest.mark.parametrize(("body", "faults"), WRONG_BODIES.values(), ids=WRONG_BODIES)
def test_every_fault_of_a_body_is_pointed_at(
    acme: ApiClient, body: Any, faults: list[tuple[str, str]]
) -> None:
    """API-05, API-15, API-26: all at once, each with its JSON pointer."""
    answer = acme.send("POST", "/api/drawers", json.dumps(body).encode())

    assert answer.status_code == 422
    problem = told(answer)
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == faults
    assert all(each["detail"] for each in problem["errors"])


def test_a_whole_number_may_be_written_with_a_point(acme: ApiClient) -> None:
    """API-15: trap g, JSON Schema calls 12.0 an integer."""
    answer = acme.send("POST", "/api/drawers", b'{"name": "Spoons", "spoons": 12.0}')

    assert shown(answer)["spoons"] == 12


@pytest.mark.parametrize(
    ("address", "pointer", "code"),
    [
        ("/api/drawers?colour=red", "/query/colour", "request.field_unknown"),
        ("/api/drawers?limit=0", "/query/limit", "request.field"),
        ("/api/drawers?limit=201", "/query/limit", "request.field"),
        ("/api/drawers?limit=1_0", "/query/limit", "request.field"),
        ("/api/drawers?limit=%D9%A3", "/query/limit", "request.field"),
        ("/api/drawers?limit=1&limit=2", "/query/limit", "request.field_twice"),
        ("/api/drawers?name=%ED%A0%80%00", None, None),
        ("/api/drawers/drw_1?name=x", "/query/name", "request.field_unknown"),
    ],
)
def test_nothing_in_an_address_is_ignored(
    acme: ApiClient, address: str, pointer: str | None, code: str | None
) -> None:
    """API-26: unknown, doubled and impossible parameters are refused."""
    answer = acme.send("GET", address)

    assert answer.status_code in (400, 422)
    errors = told(answer)["errors"]
    assert [(each["pointer"], each["code"]) for each in errors] == (
        [(pointer, code)] if code else []
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/xml"}, 415),
        ({"Content_Type": "application/json; charset=utf-16"}, 415),
        ({"Content_Type": "application/merge-patch+json"}, 415),
        ({"Content_Type": "application/json", "Content_Encoding": "gzip"}, 415),
        ({"Content_Type": "application/json; charset=UTF-8"}, 201),
    ],
)
def test_a_body_is_read_as_what_it_says_it_is(
    acme: ApiClient, headers: dict[str, str], status: int
) -> None:
    """API-16: trap b."""
    assert acme.send("POST", "/api/drawers", SPOONS, **headers).status_code == status


def test_a_body_where_none_belongs_is_refused(acme: ApiClient) -> None:
    """API-26: what would be ignored is told instead."""
    answer = acme.send(
        "POST", f"/api/drawers/{a_drawer(acme)}/count", {"by": 2}, Idempotency_Key="k-1"
    )

    assert (answer.status_code, told(answer)["code"]) == (400, "request.body_unexpected")


def test_a_change_needs_the_tag_of_what_was_read(acme: ApiClient) -> None:
    """API-13: 428 without, 412 with an old one or one we never gave, 200 with the present one."""
    address = f"/api/drawers/{a_drawer(acme)}"
    etag = acme.send("GET", address).headers["ETag"]

    def change(**headers: str) -> TestResponse:
        return acme.send("PATCH", address, {"spoons": 13}, **headers)

    assert told(change())["code"] == "state.precondition_missing"
    assert change(If_Match="*").status_code == 428
    assert change(If_Match='"nonsense"').status_code == 412
    assert change(If_Match=f"W/{etag}").status_code == 412
    assert change(If_Match=f"{etag}, {etag}").status_code == 400

    changed = change(If_Match=etag)
    assert (changed.status_code, shown(changed)["version"]) == (200, 2)

    late = change(If_Match=etag)
    assert (late.status_code, told(late)["code"]) == (412, "state.stale")
    assert (told(late)["expected_version"], told(late)["current_version"]) == (1, 2)


def test_what_is_current_is_not_sent_again(acme: ApiClient) -> None:
    """API-13: 304 for the tag one holds, also for HEAD and for a weak comparison."""
    address = f"/api/drawers/{a_drawer(acme)}"
    etag = acme.send("GET", address).headers["ETag"]

    for method, tag in (("GET", etag), ("HEAD", etag), ("GET", f'"0-0", W/{etag}')):
        answer = acme.send(method, address, If_None_Match=tag)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
    assert acme.send("GET", address, If_None_Match='"1-0000000000000000"').status_code == 200


def test_a_patch_merges_and_writes_nothing_that_is_ours(acme: ApiClient) -> None:
    """API-14: RFC 7396 on writable fields; mass assignment is refused field by field."""
    address = f"/api/drawers/{a_drawer(acme)}"
    etag = acme.send("GET", address).headers["ETag"]
    patch = "application/merge-patch+json"

    for field in ("id", "version", "tenant_id", "locked"):
        refused = acme.send("PATCH", address, {field: "x"}, Content_Type=patch, If_Match=etag)
        assert refused.status_code == 422
        assert [each["pointer"] for each in told(refused)["errors"]] == [f"/{field}"]

    changed = acme.send("PATCH", address, {"name": "Forks"}, Content_Type=patch, If_Match=etag)
    assert shown(changed) == shown(acme.send("GET", address))
    assert (shown(changed)["name"], shown(changed)["spoons"]) == ("Forks", 12)


def test_pages_go_on_where_the_one_before_ended(acme: ApiClient) -> None:
    """API-07: following `next` shows every row once."""
    made = [a_drawer(acme, name=f"Drawer {number}") for number in range(7)]

    seen, address = [], "/api/drawers?limit=3"
    while address:
        page = shown(acme.send("GET", address))
        seen.append([row["id"] for row in page["data"]])
        address = page["next"]

    assert [len(each) for each in seen] == [3, 3, 1]
    assert [each for rows in seen for each in rows] == sorted(made)


def test_a_cursor_belongs_to_its_tenant_its_list_and_its_filter(
    acme: ApiClient, globex: ApiClient
) -> None:
    """API-07: with anything changed it is refused."""
    for client in (acme, globex):
        for _ in range(3):
            a_drawer(client)
    address = shown(acme.send("GET", "/api/drawers?limit=1"))["next"]
    cursor = address.split("cursor=")[1]

    assert acme.send("GET", f"/api/drawers?limit=2&cursor={cursor}").status_code == 200
    refused: dict[str, Callable[[], TestResponse]] = {
        "another tenant": lambda: globex.send("GET", address),
        "another filter": lambda: acme.send("GET", f"{address}&name=x"),
        "another list": lambda: acme.send("GET", f"/api/events?after={cursor}"),
        "forged": lambda: acme.send("GET", f"/api/drawers?cursor=A{cursor[1:]}A"),
        "not base 64": lambda: acme.send("GET", "/api/drawers?cursor=%C3%A9"),
    }
    for what, ask in refused.items():
        answer = ask()
        assert (answer.status_code, told(answer)["code"]) == (400, "paging.cursor_invalid"), what


def test_another_version_of_the_api_is_not_pretended(acme: ApiClient) -> None:
    """API-02: 400 for a version that is not in force; the answer says which one is."""
    answer = acme.send("GET", "/api/drawers", Wareflow_Version="2019-01-01")

    assert (answer.status_code, told(answer)["code"]) == (400, "request.version_unknown")
    assert answer.headers["Wareflow-Version"] == "2026-11-01"


def test_wrong_methods_are_told_which_are_right(acme: ApiClient) -> None:
    """API-25: Allow on 405 and OPTIONS, HEAD like GET without its body, TRACE refused."""
    address = f"/api/drawers/{a_drawer(acme)}"
    get, head = acme.send("GET", address), acme.send("HEAD", address)
    refused, asked = acme.send("DELETE", address), acme.send("OPTIONS", address)

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert (refused.status_code, told(refused)["code"]) == (405, "request.method_not_allowed")
    for answer in (refused, asked, acme.send("TRACE", address)):
        allowed = set(answer.headers["Allow"].split(", "))
        assert allowed == {"GET", "HEAD", "OPTIONS", "PATCH"}
    assert acme.send("TRACE", address).status_code == 405


def test_a_refusal_names_itself_everywhere_alike(acme: ApiClient) -> None:
    """API-05, API-06: the same members for every status; the request id in header and body."""
    answers = {
        400: acme.send("POST", "/api/drawers", b"{"),
        401: acme.send("GET", "/api/drawers", Authorization="Bearer x"),
        404: acme.send("GET", "/api/drawers/drw_nothing"),
        405: acme.send("PUT", "/api/drawers", {}),
        413: acme.send("POST", "/api/drawers", b" " * (1024 * 1024 + 1)),
        415: acme.send("POST", "/api/drawers", b"x", Content_Type="text/html"),
        422: acme.send("POST", "/api/drawers", {}),
    }
    for status, answer in answers.items():
        problem = told(answer)
        assert answer.status_code == problem["status"] == status
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        assert problem["instance"].startswith("/api/drawers")
        assert {"title", "detail", "errors"} < set(problem)
        for leak in ("Traceback", "psycopg", "setting", "SELECT"):
            assert leak not in answer.text
    nowhere = acme.send("GET", "/api/nothing-here")
    assert (nowhere.status_code, told(nowhere)["code"]) == (404, "resource.not_found")


def test_a_missing_permission_says_which(sign_in: Callable[..., ApiClient]) -> None:
    """OA-24: scope is what the token carries, whatever the tenant has."""
    reader = sign_in("acme", "settings:read")

    answer = reader.send("POST", "/api/drawers", SPOONS)

    assert (answer.status_code, told(answer)["permission"]) == (403, "settings:write")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="settings:write"'
    )
