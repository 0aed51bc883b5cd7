"""D1: every operation of the document has a page, examples, its scopes and its problems."""

import json
import re
from html import unescape
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from builder_ui.reference.reading import Operation, Reference
from tests.builder_ui.markup import faults_of

JSON = "application/json"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger: nobody signs in to read the reference."""
    return app.test_client()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        described["operationId"]: described | {"address": (method.upper(), path)}
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if method != "parameters"
    }


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    """Raise where a value does not fit a schema of the document."""
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def bodies_of(described: dict[str, Any]) -> dict[str, Any] | None:
    content = described.get("requestBody", {}).get("content", {})
    found: dict[str, Any] | None = content.get(JSON, {}).get("schema")
    return found


def test_every_operation_has_a_page_with_its_scope_and_all_its_problems(
    client: FlaskClient, document: dict[str, Any], reference: Reference
) -> None:
    """D1: method, address, scope, every code of a problem, and three languages."""
    described = operations(document)
    shown = {(each.method, each.path): each for each in reference.operations.values()}

    assert set(shown) == {each["address"] for each in described.values()}
    for each in described.values():
        operation = shown[each["address"]]
        answer = client.get(operation.href)
        assert answer.status_code == 200, operation.href
        assert faults_of(answer.text) == [], operation.href
        told = words(answer.text)
        ((scope,),) = each["security"][0].values()
        problems = [
            one for status in each["responses"].values() for one in status.get("x-problems", ())
        ]
        assert problems
        for expected in (operation.method, operation.path, each["summary"].rstrip("."), scope):
            assert expected in told, (operation.href, expected)
        for problem in problems:
            assert problem["code"] in told, (operation.href, problem)
            assert problem["title"] in told, (operation.href, problem)
        for label in ("Example in curl", "Example in Python", "Example in JavaScript"):
            assert f'aria-label="{label}"' in answer.text, operation.href


def test_every_member_of_a_body_and_of_an_answer_is_told(
    client: FlaskClient, reference: Reference
) -> None:
    """D1: parameters, bodies and answers are told member by member."""
    for operation in reference.operations.values():
        told = words(client.get(operation.href).text)
        for group in (*operation.parameters.values(), operation.body, operation.answer.members):
            for member in group:
                assert member.name in told, (operation.href, member.name)


def test_the_example_of_every_body_fits_its_schema(
    document: dict[str, Any], reference: Reference
) -> None:
    """D1: what the examples send is valid, operation by operation."""
    checked = 0
    for operation in reference.operations.values():
        schema = bodies_of(document["paths"][operation.path][operation.method.lower()])
        assert operation.request.has_body == (schema is not None), operation.href
        if schema is not None:
            fits(document, schema, operation.request.body)
            checked += 1
    assert checked > 30


def test_the_example_of_every_answer_fits_its_schema(
    document: dict[str, Any], reference: Reference
) -> None:
    """D1: what the examples show as an answer is an answer that could be given."""
    for operation in reference.operations.values():
        described = document["paths"][operation.path][operation.method.lower()]
        answered = described["responses"][str(operation.answer.status)]
        if operation.answer.example is None:
            assert "content" not in answered
            continue
        schema = answered["content"][JSON]["schema"]
        fits(document, schema, json.loads(operation.answer.example))


def test_examples_hold_real_values_in_the_place_of_every_part_of_an_address(
    reference: Reference,
) -> None:
    for operation in reference.operations.values():
        for example in operation.examples:
            assert "…" not in example.text, (operation.href, example.text)
            assert "{" not in operation.request.url, operation.href


@pytest.mark.parametrize(
    "path",
    ["/docs/api", "/docs/api/problems", "/docs/api/search", "/docs/api/search?q=reserve+stock"],
)
def test_the_other_pages_hold_nothing_inline(client: FlaskClient, path: str) -> None:
    """S1: the policy forbids it, and a parser finds nothing."""
    answer = client.get(path)

    assert answer.status_code == 200
    assert faults_of(answer.text) == []


def test_every_resource_and_every_problem_is_told_and_can_be_linked_to(
    client: FlaskClient, reference: Reference
) -> None:
    """API-05: the `type` of a problem is an address that explains it."""
    for tag in reference.tags:
        assert tag.description in words(client.get(tag.href).text)
    page = client.get("/docs/api/problems").text
    for problem in reference.problems:
        assert f'id="{problem.code}"' in page
        led = client.get(f"/problems/{problem.code}")
        assert (led.status_code, led.headers["Location"]) == (
            303,
            f"/docs/api/problems#{problem.code}",
        )


def test_a_search_finds_operations_by_address_scope_member_and_code(
    client: FlaskClient, reference: Reference
) -> None:
    def first(words: str) -> Operation:
        return reference.search(words)[0]

    assert first("place order").path == "/api/orders"
    assert {each.scopes for each in reference.search("inventory:adjust")} == {("inventory:adjust",)}
    assert "/api/stock/reservations" in {each.path for each in reference.search("out_of_stock")}
    assert "operations say" in words(client.get("/docs/api/search?q=stock").text)
    assert "No operations match" in words(client.get("/docs/api/search?q=zebra").text)


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/api/zebras", "/docs/api/orders/paint", "/problems/no.such"]
)
def test_what_is_not_there_is_a_page_for_people(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is nothing here" in answer.text


def test_words_of_a_search_stay_words(client: FlaskClient) -> None:
    page = client.get("/docs/api/search", query_string={"q": '"><script>alert(1)</script>'}).text

    assert faults_of(page) == []
    assert "<script>alert" not in page
