"""What holds for every operation of the API, taken from the URL map so that none is forgotten."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kernel.ids import new_id
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.api.factories import BODIES, MARK, IdOf, World
from tests.conftest import ACME, GLOBEX, MONDAY

TAG = '"1-0000000000000000"'


class Route(NamedTuple):
    """A method of an address of the API."""

    method: str
    rule: Rule

    @property
    def name(self) -> tuple[str, str]:
        """What BODIES calls it."""
        return self.method, self.rule.rule

    def address(self, id_of: IdOf) -> str:
        """Return the address with ids in the place of its parts."""
        return re.sub(r"<([a-z_]+)>", lambda found: id_of(found[1]), self.rule.rule)

    def body(self, id_of: IdOf) -> Any:
        """Return a good body, or None where the operation takes none."""
        return BODIES[self.name](id_of) if self.name in BODIES else None


def routes(app: Flask) -> list[Route]:
    return [
        Route(method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.document"
    ]


@pytest.fixture
def worlds(app: Flask, runtime: Runtime, sign_in: Callable[..., ApiClient]) -> tuple[World, World]:
    """ACME and GLOBEX, each with a client that may do everything."""
    return World(runtime, ACME, sign_in("acme")), World(runtime, GLOBEX, sign_in("globex"))


def make_everything(app: Flask, world: World) -> None:
    """Let a tenant have one of everything that any address or body names."""
    for route in routes(app):
        route.address(world.id)
        route.body(world.id)


def ask(client: ApiClient, route: Route, id_of: IdOf, **headers: str) -> TestResponse:
    """Send a good request for a route with ids of one's choice."""
    if route.method in ("PUT", "PATCH", "DELETE"):
        headers.setdefault("If_Match", TAG)
    if route.method == "POST":
        headers.setdefault("Idempotency_Key", new_id("key", MONDAY))
    return client.send(route.method, route.address(id_of), route.body(id_of), **headers)


def operation_of(app: Flask, route: Route) -> dict[str, Any]:
    document = json.loads(app.test_client().get("/api/openapi.json").text)
    path = route.rule.rule.replace("<", "{").replace(">", "}")
    found: dict[str, Any] = document["paths"][path][route.method.lower()]
    return found


def made_up(id_: str) -> str:
    """Return an id of the same form that nobody has."""
    return new_id(id_.split("_")[0], MONDAY)


def test_what_another_tenant_owns_is_as_if_it_were_not_there(
    app: Flask, worlds: tuple[World, World]
) -> None:
    """TEN-05: with ACME's id GLOBEX gets what it gets for an id that nobody has."""
    acme, globex = worlds
    for route in routes(app):
        used: dict[str, str] = {}

        def theirs(part: str, used: dict[str, str] = used) -> str:
            used[part] = acme.id(part)
            return used[part]

        route.address(theirs)
        route.body(theirs)
        if not used:
            continue
        foreign = ask(globex.client, route, theirs)
        nobodys = {part: made_up(id_) for part, id_ in used.items()}
        random = ask(globex.client, route, nobodys.__getitem__)

        assert _seen(foreign, used) == _seen(random, nobodys), route.name
        assert MARK not in foreign.text + random.text, route.name
        assert foreign.status_code in (404, 422), (route.name, foreign.text)


def _seen(answer: TestResponse, ids: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Return what a stranger sees, but for the request's own id and the ids it sent itself."""
    request_id = answer.headers["X-Request-Id"]
    # What is left of one's own limit says nothing about anybody else.
    own = ("X-Request-Id", "RateLimit")
    headers = {name: value for name, value in answer.headers if name not in own}
    text = answer.text.replace(request_id, "")
    for part, id_ in ids.items():
        text = text.replace(id_, part)
        headers = {name: value.replace(id_, part) for name, value in headers.items()}
    return answer.status_code, headers, text


def test_a_tenant_itself_finds_what_it_owns(app: Flask, worlds: tuple[World, World]) -> None:
    """TEN-05: the comparison above means something: the same request of the owner arrives."""
    acme, _ = worlds
    make_everything(app, acme)
    for route in routes(app):
        answer = ask(acme.client, route, acme.id)
        arrives = answer.status_code in (200, 201, 202, 204, 409, 412)
        # A client is no candidate of a task; that it is told so proves that the task was found.
        is_not_asked = answer.status_code == 403 and "permission" not in told(answer)
        assert arrives or is_not_asked, (route.name, answer.text)


def test_no_list_of_one_tenant_shows_anything_of_another(
    app: Flask, worlds: tuple[World, World]
) -> None:
    """TEN-05: everything that ACME has is made first; then GLOBEX looks everywhere."""
    acme, globex = worlds
    make_everything(app, acme)
    secrets = [MARK, ACME, acme.client.secret.client_id, *acme.ids.values()]

    for route in routes(app):
        if route.method == "GET" and not route.rule.arguments:
            text = globex.client.send("GET", route.rule.rule).text
            assert not [each for each in secrets if each in text], route.name


def test_every_operation_needs_a_token_and_its_own_permission(
    app: Flask, sign_in: Callable[..., ApiClient], worlds: tuple[World, World]
) -> None:
    """API-05, OA-24: 401 without a token; 403, naming the permission, with every other scope."""
    acme, _ = worlds
    for route in routes(app):
        ((permission,),) = operation_of(app, route)["security"][0].values()
        stranger = acme.client.web.open(route.address(made_up_part), method=route.method)
        assert (stranger.status_code, told(stranger)["status"]) == (401, 401), route.name
        others = set(app.extensions["wareflow_scopes"]) - {permission}
        if others:
            refused = ask(sign_in("acme", *others), route, made_up_part)
            assert refused.status_code == 403, route.name
            assert told(refused)["permission"] == permission


def made_up_part(part: str) -> str:
    return new_id(part[:3], MONDAY)


def test_no_operation_ignores_what_it_does_not_know(
    app: Flask, worlds: tuple[World, World]
) -> None:
    """API-26: one unknown parameter, one unknown member: both are pointed at."""
    acme, _ = worlds
    for route in routes(app):
        address = route.address(acme.id)
        asked = acme.client.send(route.method, f"{address}?unheard_of=1", route.body(acme.id))
        assert asked.status_code == 422, (route.name, asked.text)
        assert told(asked)["errors"][0]["pointer"] == "/query/unheard_of"
        body = route.body(acme.id)
        if isinstance(body, dict):
            sent = acme.client.send(route.method, address, body | {"unheard_of": 1}, If_Match=TAG)
            pointers = [each["pointer"] for each in told(sent)["errors"]]
            assert (sent.status_code, pointers) == (422, ["/unheard_of"]), route.name


def test_every_change_needs_the_version_it_changes(app: Flask, worlds: tuple[World, World]) -> None:
    """API-13: 428 without If-Match, 412 with an old tag, on every PUT, PATCH and DELETE."""
    acme, _ = worlds
    for route in routes(app):
        if route.method in ("PUT", "PATCH", "DELETE"):
            address, body = route.address(acme.id), route.body(acme.id)
            bare = acme.client.send(route.method, address, body)
            assert bare.status_code == 428, (route.name, bare.text)
            stale = acme.client.send(route.method, address, body, If_Match='"999-' + "0" * 16 + '"')
            assert stale.status_code == 412, (route.name, stale.text)


def test_no_patch_writes_what_is_only_shown(app: Flask, worlds: tuple[World, World]) -> None:
    """API-14: every member of the answer that is not one of the request is refused."""
    acme, _ = worlds
    components = json.loads(app.test_client().get("/api/openapi.json").text)["components"]

    def members(schema: dict[str, Any]) -> set[str]:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        return set(components["schemas"][name]["properties"])

    for route in routes(app):
        if route.method != "PATCH":
            continue
        described = operation_of(app, route)
        writable = members(described["requestBody"]["content"]["application/json"]["schema"])
        shown = members(described["responses"]["200"]["content"]["application/json"]["schema"])
        assert shown - writable >= {"id", "version"}, route.name
        assert "status" not in writable, f"{route.name}: a change of state is a noun of its own"
        for member in sorted(shown - writable | {"tenant_id"}):
            sent = acme.client.send("PATCH", route.address(acme.id), {member: 1}, If_Match=TAG)
            assert sent.status_code == 422, (route.name, member)
            assert [each["pointer"] for each in told(sent)["errors"]] == [f"/{member}"]


def test_bodies_are_registered_for_exactly_the_operations_that_take_one(app: Flask) -> None:
    """A body for every operation with one; none left over from a route that went."""
    taking = {route.name for route in routes(app) if "requestBody" in operation_of(app, route)}

    assert taking == set(BODIES), "see tests/api/factories.py"


HOSTILE: dict[str, tuple[bytes, str]] = {
    "no body": (b"", "application/json"),
    "a hundred thousand brackets (trap a)": (b"[" * 100_000, "application/json"),
    "objects without end": (b'{"a":' * 50_000, "application/json"),
    "plain text (trap b)": (b"name=Spoons", "text/plain"),
    "no media type": (b"{}", ""),
    "a key twice (trap c)": (b'{"name": "a", "name": "b"}', "application/json"),
    "a lone surrogate (trap d)": (rb'{"name": "\ud800"}', "application/json"),
    "NUL (trap e)": (rb'{"name": "a\u0000b"}', "application/json"),
    "NUL in a name": (rb'{"na\u0000me": 1}', "application/json"),
    "a number that fills the memory": (b'{"spoons": 1e999999999}', "application/json"),
    "five thousand digits": (b'{"spoons": ' + b"9" * 5000 + b"}", "application/json"),
    "beyond 64 bits": (b'{"spoons": 99999999999999999999}', "application/json"),
    "NaN": (b'{"spoons": NaN}', "application/json"),
    "another encoding": ('{"name": "é"}'.encode("latin-1"), "application/json"),
    "UTF-16": ('{"name": "a"}'.encode("utf-16"), "application/json; charset=utf-16"),
    "an essay": (b'{"name": "' + b"x" * 70_000 + b'"}', "application/json"),
    "a very long list": (b"[" + b"0," * 10_001 + b"0]", "application/json"),
    "more than a mebibyte": (b" " * (1024 * 1024 + 1), "application/json"),
    "a list": (b"[]", "application/json"),
    "null": (b"null", "application/json"),
    "text": (b'"x"', "application/json"),
    "half of it": (b'{"name": ', "application/json"),
    "a prototype": (b'{"__proto__": {"a": 1}, "constructor": 1}', "application/json"),
}


def unsafe(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every POST, PUT and PATCH of the whole application, with ids nobody has."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH"}):
            address = rule.rule.replace("<slug>", "acme")
            yield method, re.sub(r"<(?:\w+:)?(\w+)>", lambda found: made_up_part(found[1]), address)


@pytest.mark.parametrize(("raw", "media_type"), HOSTILE.values(), ids=HOSTILE)
def test_no_body_whatever_breaks_an_operation(
    app: Flask, worlds: tuple[World, World], raw: bytes, media_type: str
) -> None:
    """API-16: a refusal of 4xx on every POST, PUT and PATCH of the URL map; any 500 fails."""
    acme, _ = worlds
    for method, address in unsafe(app):
        answer = acme.client.send(
            method, address, raw, Content_Type=media_type, If_Match=TAG, Idempotency_Key="k"
        )
        assert 400 <= answer.status_code < 500, (method, address, answer.text)
        assert "Traceback" not in answer.text
