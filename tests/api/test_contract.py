"""The document and the running API are one: what is said is done, and nothing else (API-01)."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kernel.runtime import Runtime
from tests.api.conftest import ApiClient
from tests.api.factories import MAKERS, World
from tests.api.serving import served
from tests.conftest import ACME


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    served: dict[str, Any] = json.loads(answer.text)
    return served


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a loopback port."""
    with served(app) as address:
        yield address


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method.upper()): described
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if method != "parameters"
    }


def test_every_route_is_documented_and_every_documented_route_exists(
    app: Flask, document: dict[str, Any]
) -> None:
    """API-01: the URL map and the document name the same addresses and methods."""
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.document"
    }

    assert set(operations(document)) == served
    assert document["openapi"] == "3.1.0"


def test_every_operation_says_what_callers_need(document: dict[str, Any]) -> None:
    """API-01: a name of its own, a summary, the permission, and how refusals look."""
    described = operations(document)
    names = [each["operationId"] for each in described.values()]

    assert len(set(names)) == len(names)
    for place, each in described.items():
        assert each["summary"], place
        ((permissions),) = each["security"][0].values()
        assert permissions, place
        assert each["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
    problem = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert set(problem) == {"application/problem+json"}


def test_no_float_is_promised_or_taken(document: dict[str, Any]) -> None:
    """API-15: amounts and quantities are never binary fractions."""

    def kinds(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            yield value.get("type")
            for each in value.values():
                yield from kinds(each)
        elif isinstance(value, list):
            for each in value:
                yield from kinds(each)

    found = [each for each in kinds(document) if isinstance(each, str | list)]
    assert "number" not in found
    assert not [each for each in found if isinstance(each, list) and "number" in each]


@pytest.fixture
def acme_world(runtime: Runtime, acme: ApiClient) -> World:
    """ACME with one of everything that an address can name."""
    world = World(runtime, ACME, acme)
    for part in MAKERS:
        world.id(part)
    return world


def schemathesis(world: World, address: str, folder: Path, *more: str) -> str:
    """Run the contract tests of a third party against the API; return what they say."""
    known = "\n".join(f'"path.{part}" = "{id_}"' for part, id_ in world.ids.items())
    config = folder / "schemathesis.toml"
    hooks = Path(__file__).with_name("contract_hooks.py")
    config.write_text(
        f'hooks = "{hooks}"\n'
        f'[auth.openapi.token]\nbearer = "{world.client.token}"\n'
        f"[parameters]\n{known}\n"
        # A tag that was never given cannot be the present one: stale, not malformed. And a list
        # with one entry too many may be too large before anybody counts.
        "[checks.negative_data_rejection]\n"
        "expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428]\n"
        "[checks.missing_required_header]\n"
        "expected-statuses = [400, 401, 415, 422, 428]\n"
        # Without this it sends tokens of its own making in good requests.
        "[generation]\nallow-x00 = false\nwith-security-parameters = false\n"
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", f"{address}/api/openapi.json", "--seed", "1", "--request-timeout", "60"),
        *("--checks", "all", "--no-color", *more),
        # Our own check in the hooks is stricter: it tells a department's rules from our reading.
        *("--exclude-checks", "positive_data_acceptance"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=900)
    return "" if done.returncode == 0 else done.stdout + done.stderr


# In parts, so that the processes that run the tests share the work.
PARTS = ("[a-l]", "[m-o]", "[p-r]", "[s-z]")


def test_every_operation_is_in_exactly_one_part(document: dict[str, Any]) -> None:
    """API-01: the contract tests leave none out, whatever its address begins with."""
    for path, _method in operations(document):
        found = [part for part in PARTS if re.match(f"^/api/{part}", path)]
        assert len(found) == 1, (path, found)


@pytest.mark.parametrize("resources", PARTS)
def test_a_third_party_finds_the_api_as_documented(
    address: str, acme_world: World, tmp_path: Path, resources: str
) -> None:
    """API-01, API-05, API-25, API-26: schemathesis, examples and coverage."""
    part = ("--phases", "examples,coverage", "--include-path-regex", f"^/api/{resources}")
    found = schemathesis(acme_world, address, tmp_path, *part)
    assert not found, found


@pytest.mark.soak
def test_a_third_party_finds_nothing_by_searching_long(
    address: str, acme_world: World, tmp_path: Path
) -> None:
    """API-01: schemathesis, all phases."""
    phases = ("--phases", "examples,coverage,fuzzing,stateful")
    found = schemathesis(acme_world, address, tmp_path, *phases)
    assert not found, found
