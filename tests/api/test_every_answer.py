"""What holds for every answer of the API: its version, and what browsers of others may read."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from api.document import VERSION
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.api.factories import World
from tests.api.test_every_operation import ask, made_up_part, operation_of, routes
from tests.conftest import ACME


@pytest.fixture
def world(runtime: Runtime, sign_in: Callable[..., ApiClient]) -> World:
    """ACME with a client that may do everything."""
    return World(runtime, ACME, sign_in("acme"))


def test_every_operation_says_its_version_and_pretends_no_other(app: Flask, world: World) -> None:
    """API-02: the version in force with and without the header; 400 for any other."""
    for route in routes(app):
        for asked in ({}, {"Wareflow_Version": VERSION}):
            answer = ask(world.client, route, made_up_part, **asked)
            assert answer.headers["Wareflow-Version"] == VERSION, route.name
            assert answer.status_code != 400 or told(answer)["code"] != "request.version_unknown"
        for unknown in ("2019-01-01", "latest", ""):
            refused = ask(world.client, route, made_up_part, Wareflow_Version=unknown)
            assert refused.status_code == 400, (route.name, unknown)
            assert told(refused)["code"] == "request.version_unknown"
            assert refused.headers["Wareflow-Version"] == VERSION


def test_nothing_is_for_pages_of_other_origins(app: Flask, world: World) -> None:
    """API-21: no answer, preflight or refusal allows another origin to read it."""
    for route in routes(app):
        address = route.address(made_up_part)
        preflight = world.client.web.options(
            address,
            headers={
                "Origin": "https://elsewhere.example",
                "Access-Control-Request-Method": route.method,
            },
        )
        answer = ask(world.client, route, made_up_part, Origin="https://elsewhere.example")
        for each in (preflight, answer):
            allowed = [name for name, _ in each.headers if name.startswith("Access-Control-")]
            assert allowed == [], route.name
            assert each.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_nothing_is_deprecated_without_saying_so(app: Flask) -> None:
    """API-04: no operation is marked as deprecated, so none has to announce its end yet."""
    for route in routes(app):
        assert not operation_of(app, route).get("deprecated"), (
            f"{route.name}: send Deprecation, Sunset and Link before you mark it"
        )


def test_what_refuses_is_documented_with_a_sentence(app: Flask) -> None:
    """API-05: every refusal in the document has a stable code and words for people."""
    codes: dict[str, str] = {}
    for route in routes(app):
        for described in operation_of(app, route)["responses"].values():
            for problem in described.get("x-problems", ()):
                assert problem["title"].strip(), problem
                same = codes.setdefault(problem["code"], problem["title"])
                assert same == problem["title"], f"{problem['code']} says two things"
    assert len(codes) > 50


def test_lists_filter_by_a_closed_list_of_parameters(app: Flask, world: World) -> None:
    """API-09: each filter is typed and documented; an operator of one's own is refused."""
    document = json.loads(app.test_client().get("/api/openapi.json").text)
    tried = 0
    for path, methods in document["paths"].items():
        listed = methods.get("get", {}).get("parameters", ())
        if "{" in path or not any(each["name"] == "cursor" for each in listed):
            continue
        for each in listed:
            assert each["schema"].get("type"), (path, each["name"])
        for query in ("id[gte]=1", "created_at[gte]=2026-01-01T00:00:00Z", "tenant_id=ten_globex"):
            refused = world.client.send("GET", f"{path}?{query}")
            assert refused.status_code == 422, (path, query)
            assert told(refused)["errors"][0]["code"] == "request.field_unknown"
            tried += 1
    assert tried > 30
