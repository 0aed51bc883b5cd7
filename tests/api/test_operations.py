"""Many rows at once: answered at once, followed as an operation, written or refused as a whole."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from werkzeug.test import TestResponse

from kernel.access import operator_actor
from kernel.jobs import ATTEMPTS_MAX
from kernel.quotas import set_limit
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.conftest import ACME, Cluster

COLUMNS = ["code", "name", "sku_code", "gtin"]


def rows(count: int, *, bad: int | None = None) -> list[list[str]]:
    """Return good rows, but for one whose GTIN has a wrong check digit."""
    gtin = ["4006381333932" if number == bad else "" for number in range(count)]
    return [[f"MUG-{n}", f"Mug {n}", f"SKU-{n}", gtin[n]] for n in range(count)]


def ask(client: ApiClient, sent: list[list[str]], key: str = "k1", **more: Any) -> TestResponse:
    body = {"columns": COLUMNS, "rows": sent, **more}
    return client.send("POST", "/api/catalog-imports", body, Idempotency_Key=key)


def follow(client: ApiClient, address: str) -> dict[str, Any]:
    answer = client.send("GET", address)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = json.loads(answer.text)
    assert ("Retry-After" in answer.headers) == (shown["status"] in ("queued", "running"))
    return shown


def count(client: ApiClient, what: str) -> int:
    return len(json.loads(client.send("GET", f"/api/{what}?limit=100").text)["data"])


def test_rows_are_taken_in_at_once_and_written_by_workers(
    runtime: Runtime, acme: ApiClient
) -> None:
    """API-19: 202, Location, Retry-After, progress, result, and when it expires."""
    answer = ask(acme, rows(30))
    address = answer.headers["Location"]
    first = follow(acme, address)

    runtime.drain_all()
    last = follow(acme, address)

    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "2"
    assert address == f"/api/operations/{json.loads(answer.text)['id']}"
    assert (first["status"], first["progress"]) == ("queued", {"done": 0, "total": 2})
    assert (last["status"], last["progress"]) == ("succeeded", {"done": 2, "total": 2})
    assert {name: last["result"][name] for name in ("create", "change", "bad")} == {
        "create": 30, "change": 0, "bad": 0
    }  # fmt: skip
    assert (first["expires_at"], last["error"]) == (None, None)
    assert last["expires_at"] is not None
    assert count(acme, "skus") == 30


def test_the_same_request_again_is_the_same_operation(runtime: Runtime, acme: ApiClient) -> None:
    answers = [ask(acme, rows(2)), ask(acme, rows(2))]
    runtime.drain_all()

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert count(acme, "products") == 2


def test_one_bad_row_keeps_all_from_being_written_and_is_told(
    runtime: Runtime, acme: ApiClient
) -> None:
    answer = ask(acme, rows(5, bad=3))
    runtime.drain_all()

    shown = follow(acme, answer.headers["Location"])

    assert (shown["status"], shown["error"]["code"]) == ("failed", "import.rows_invalid")
    assert [(each["pointer"], each["field"]) for each in shown["error"]["errors"]] == [
        ("/rows/3", "gtin")
    ]
    assert count(acme, "products") == 0


def test_bad_rows_are_skipped_where_that_was_asked_for(runtime: Runtime, acme: ApiClient) -> None:
    answer = ask(acme, rows(5, bad=3), bad_rows="skip")
    runtime.drain_all()

    shown = follow(acme, answer.headers["Location"])

    assert (shown["status"], shown["result"]["create"], shown["result"]["bad"]) == (
        "succeeded", 4, 1
    )  # fmt: skip
    assert [each["pointer"] for each in shown["result"]["errors"]] == ["/rows/3"]
    assert count(acme, "products") == 4


def test_an_import_is_cancelled_and_stays_so(runtime: Runtime, acme: ApiClient) -> None:
    address = ask(acme, rows(5)).headers["Location"]

    answers = [
        acme.send("POST", f"{address}/cancellation", None, Idempotency_Key=key)
        for key in ("c1", "c2")
    ]
    runtime.drain_all()

    assert [each.status_code for each in answers] == [201, 201]
    assert follow(acme, address)["status"] == "cancelled"
    assert count(acme, "products") == 0


def test_what_has_ended_is_not_cancelled(runtime: Runtime, acme: ApiClient) -> None:
    address = ask(acme, rows(2)).headers["Location"]
    runtime.drain_all()

    answer = acme.send("POST", f"{address}/cancellation", None, Idempotency_Key="c1")

    assert (answer.status_code, told(answer)["code"]) == (409, "operation.ended")
    assert follow(acme, address)["status"] == "succeeded"


def test_an_import_that_cannot_go_on_says_why(
    runtime: Runtime, acme: ApiClient, database: Cluster
) -> None:
    """API-19, TEN-10: the limit is met by a worker, and told where the import is followed."""
    with runtime.unit_of_work(ACME, operator_actor("tests")) as uow:
        set_limit(uow, "skus", 1)
    address = ask(acme, rows(3)).headers["Location"]

    for _ in range(ATTEMPTS_MAX):
        runtime.drain_all()
        with psycopg.connect(database.superuser_url) as connection:
            connection.execute("UPDATE job SET next_at = NULL WHERE state = 'waiting'")

    shown = follow(acme, address)
    assert (shown["status"], shown["error"]["code"]) == ("failed", "quota.reached")
    assert count(acme, "skus") == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"columns": ["code"], "rows": [["MUG"]]}, "/columns"),
        ({"columns": ["code", "shape"], "rows": [["MUG", "round"]]}, "/columns/1"),
        ({"columns": COLUMNS, "rows": []}, "/rows"),
        ({"columns": COLUMNS, "rows": [["MUG", 7]]}, "/rows/0/1"),
    ],
)
def test_rows_that_make_no_sense_are_refused_at_once(
    acme: ApiClient, body: dict[str, Any], pointer: str
) -> None:
    answer = acme.send("POST", "/api/catalog-imports", body, Idempotency_Key="k1")

    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in told(answer)["errors"]]
