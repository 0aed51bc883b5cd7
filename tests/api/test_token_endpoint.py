"""A tenant's token endpoint: client credentials, and every way of asking wrongly."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from kernel.access import operator_actor
from kernel.clock import StoppedClock
from kernel.errors import Invalid
from kernel.runtime import Runtime
from tenants.identity.clients import (
    LastSecret,
    NewSecret,
    TooManySecrets,
    add_secret,
    change_scopes,
    create_client,
    resume_client,
    revoke_oldest_secret,
    suspend_client,
)
from tenants.identity.signing_keys import rotate_key
from tests.api.conftest import ApiClient, ask_token, register, told
from tests.conftest import ACME, GLOBEX, MONDAY

TOKEN = "/t/acme/oauth/token"
OPERATOR = operator_actor("tests")
ISSUER = "http://127.0.0.1:8080/t/acme"


@pytest.fixture
def connector(runtime: Runtime) -> NewSecret:
    """A client of ACME that may read members and events."""
    return register(runtime, ACME, "members:read", "events:read")


def token_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text)["access_token"])


def error_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, str(json.loads(answer.text)["error"])


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_a_client_gets_a_token_that_says_all_that_is_needed(
    app: Flask, connector: NewSecret
) -> None:
    """OA-08, OA-15, OA-19: at+jwt, ES256, ten minutes, one audience, never kept on the way."""
    answer = ask_token(app, "acme", connector, scope="events:read")
    keys = KeySet.import_key_set(json.loads(app.test_client().get("/t/acme/oauth/jwks").text))
    read = jwt.decode(token_of(answer), keys, algorithms=["ES256"])

    given = json.loads(answer.text)
    assert {name: given[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "events:read",
    }
    assert "refresh_token" not in given
    assert answer.headers["Cache-Control"] == "no-store"
    assert (read.header["typ"], read.header["alg"]) == ("at+jwt", "ES256")
    made_up = {name: read.claims.pop(name) for name in ("jti", "sid")}
    assert made_up["jti"].startswith("tok_")
    assert made_up["sid"].startswith("gra_")
    now = int(MONDAY.timestamp())
    assert read.claims == {
        "iss": ISSUER,
        "aud": "http://127.0.0.1:8080/api",
        "sub": connector.client_id,
        "client_id": connector.client_id,
        "tid": ACME,
        "scope": "events:read",
        "iat": now,
        "exp": now + 600,
    }


def test_a_client_that_names_no_scope_gets_all_of_its_grant(
    app: Flask, connector: NewSecret
) -> None:
    answer = ask_token(app, "acme", connector)

    assert json.loads(answer.text)["scope"] == "events:read members:read"


@pytest.mark.parametrize(
    "scope",
    ["settings:write", "events:read settings:write", "nonsense", "", " ", 'a"b', "événements"],
)
def test_a_scope_beyond_the_grant_is_never_narrowed_silently(
    app: Flask, connector: NewSecret, scope: str
) -> None:
    """OA-11: invalid_scope, and no token."""
    status, error = error_of(ask_token(app, "acme", connector, scope=scope))

    assert (status, error) in ((400, "invalid_scope"), (400, "invalid_request"))


def test_the_resource_is_the_api_or_nothing(app: Flask, connector: NewSecret) -> None:
    """OA-15: RFC 8707, one audience a token."""
    right = "http://127.0.0.1:8080/api"
    assert ask_token(app, "acme", connector, resource=right).status_code == 200

    for resource in ("https://elsewhere.example", right + "/", "", [right, right]):
        answer = ask_token(app, "acme", connector, resource=resource)
        assert error_of(answer) == (400, "invalid_target")


def asked(app: Flask, **options: Any) -> TestResponse:
    options.setdefault("data", {"grant_type": "client_credentials"})
    return app.test_client().post(options.pop("path", TOKEN), **options)


def test_wrong_credentials_are_all_answered_alike(app: Flask, connector: NewSecret) -> None:
    """OA-10, OA-12: unknown client, wrong secret, a client of another tenant: one answer."""
    pairs = {
        "a wrong secret": (connector.client_id, "wrong"),
        "an unknown client": ("cli_nobody", connector.secret),
        "another tenant's client": ("x", "x"),
        "an empty secret": (connector.client_id, ""),
        "no secret of any client": (connector.client_id, "nobody's"),
    }
    answers = {
        what: asked(app, headers={"Authorization": basic(*pair)}) for what, pair in pairs.items()
    }
    answers["another tenant's client"] = ask_token(app, "globex", connector)

    first = answers["a wrong secret"]
    for answer in answers.values():
        assert error_of(answer) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="token"'
        assert answer.text == first.text


HOSTILE: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "T4: credentials that are no text": (
        {"headers": {"Authorization": "Basic /////w=="}},
        (401, "invalid_client"),
    ),
    "credentials that are no base 64": (
        {"headers": {"Authorization": "Basic ****"}},
        (401, "invalid_client"),
    ),
    "no colon": ({"headers": {"Authorization": "Basic bm9jb2xvbg=="}}, (401, "invalid_client")),
    "T5: NUL in the client's id": (
        {"headers": {"Authorization": basic("cli\0", "x")}},
        (401, "invalid_client"),
    ),
    "T5: NUL, percent-encoded": (
        {"headers": {"Authorization": basic("cli%00", "x")}},
        (401, "invalid_client"),
    ),
    "a surrogate, percent-encoded": (
        {"headers": {"Authorization": basic("cli%ED%A0%80", "x%FF")}},
        (401, "invalid_client"),
    ),
    "a very long id": (
        {"headers": {"Authorization": basic("c" * 9000, "x")}},
        (401, "invalid_client"),
    ),
    "no credentials": ({}, (401, "invalid_client")),
    "a bearer token": ({"headers": {"Authorization": "Bearer x"}}, (401, "invalid_client")),
    "an empty header": ({"headers": {"Authorization": ""}}, (401, "invalid_client")),
    "the secret in the body": (
        {"data": {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}},
        (400, "invalid_request"),
    ),
    "an assertion": (
        {"data": {"grant_type": "client_credentials", "client_assertion": "x.y.z"}},
        (400, "invalid_request"),
    ),
    "T8: parameters in the address": (
        {"path": f"{TOKEN}?grant_type=client_credentials"},
        (400, "invalid_request"),
    ),
    "T8: a parameter twice": (
        {"data": {"grant_type": ["client_credentials", "password"]}},
        (400, "invalid_request"),
    ),
    "NUL in a parameter": (
        {"data": {"grant_type": "client_credentials", "scope": "a\0"}},
        (400, "invalid_request"),
    ),
    "JSON": (
        {"json": {"grant_type": "client_credentials"}, "data": None},
        (400, "invalid_request"),
    ),
    "a multipart form": (
        {
            "data": {"grant_type": "client_credentials"},
            "content_type": "multipart/form-data",
        },
        (400, "invalid_request"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_a_request_that_means_several_things_means_nothing(
    app: Flask, options: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Traps T4, T5, T6 and T8 of the library, none of them a 500."""
    answer = asked(app, **options)

    assert error_of(answer) == expected
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        ("password", "unsupported_grant_type"),
        ("authorization_code", "unsupported_grant_type"),
        ("refresh_token", "unsupported_grant_type"),
        ("", "unsupported_grant_type"),
        ('"', "unsupported_grant_type"),
    ],
)
def test_only_client_credentials_are_granted(
    app: Flask, connector: NewSecret, grant_type: str, error: str
) -> None:
    """OA-04: what the metadata does not list does not exist."""
    assert error_of(ask_token(app, "acme", connector, grant_type=grant_type)) == (400, error)


def test_two_ways_of_authentication_at_once_are_refused(app: Flask, connector: NewSecret) -> None:
    """T6: RFC 6749 §2.3."""
    both = ask_token(app, "acme", connector, client_secret=connector.secret)
    another = ask_token(app, "acme", connector, client_id="cli_other")
    same = ask_token(app, "acme", connector, client_id=connector.client_id)

    assert [error_of(each) for each in (both, another)] == [(400, "invalid_request")] * 2
    assert same.status_code == 200


def test_too_large_a_form_is_not_read(app: Flask, connector: NewSecret) -> None:
    answer = ask_token(app, "acme", connector, scope="x" * 20_000)

    assert answer.status_code in (400, 413)


def test_behind_a_proxy_without_tls_nothing_breaks(app: Flask, connector: NewSecret) -> None:
    """T7: the library would raise; the configuration says how people get here."""
    assert ask_token(app, "acme", connector).status_code == 200


def test_an_unknown_tenant_has_no_issuer(app: Flask, connector: NewSecret) -> None:
    for path in ("oauth/jwks", "oauth/nothing"):
        assert told(app.test_client().get(f"/t/initech/{path}"))["status"] == 404
    assert ask_token(app, "initech", connector).status_code == 404
    wrong = app.test_client().get(TOKEN)
    assert (wrong.status_code, set(wrong.headers["Allow"].split(", "))) == (
        405,
        {"OPTIONS", "POST"},
    )


def test_the_metadata_tells_what_is_true(app: Flask, connector: NewSecret) -> None:
    """OA-16: each address and value it names is tried."""
    client = app.test_client()
    document = json.loads(client.get("/.well-known/oauth-authorization-server/t/acme").text)

    assert document["issuer"] == ISSUER
    path = document["token_endpoint"].removeprefix("http://127.0.0.1:8080")
    auth = (connector.client_id, connector.secret)
    for grant_type in document["grant_types_supported"]:
        assert client.post(path, data={"grant_type": grant_type}, auth=auth).status_code == 200
    assert document["token_endpoint_auth_methods_supported"] == ["client_secret_basic"]
    assert document["protected_resources"] == ["http://127.0.0.1:8080/api"]
    keys = json.loads(client.get(document["jwks_uri"].removeprefix("http://127.0.0.1:8080")).text)
    assert [set(key) for key in keys["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
    assert "events:read" in document["scopes_supported"]
    assert client.get("/.well-known/oauth-authorization-server/t/initech").status_code == 404


def test_two_secrets_let_an_integration_change_without_standing_still(
    app: Flask, runtime: Runtime, connector: NewSecret, clock: StoppedClock
) -> None:
    """OA-12: both work, then only the new one."""
    clock.pass_time(timedelta(days=90))
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        newer = add_secret(uow, connector.client_id)
    assert ask_token(app, "acme", connector).status_code == 200
    assert ask_token(app, "acme", newer).status_code == 200
    with pytest.raises(TooManySecrets), runtime.unit_of_work(ACME, OPERATOR) as uow:
        add_secret(uow, connector.client_id)

    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        revoke_oldest_secret(uow, connector.client_id)

    assert error_of(ask_token(app, "acme", connector)) == (401, "invalid_client")
    assert ask_token(app, "acme", newer).status_code == 200
    with pytest.raises(LastSecret), runtime.unit_of_work(ACME, OPERATOR) as uow:
        revoke_oldest_secret(uow, connector.client_id)


def test_a_suspended_client_is_refused_at_its_next_request(
    app: Flask, runtime: Runtime, acme: ApiClient
) -> None:
    """OA-09: the token it holds, and any it asks for; resumed, both work again."""
    assert acme.send("GET", "/api/drawers").status_code == 200
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        suspend_client(uow, acme.secret.client_id)

    assert told(acme.send("GET", "/api/drawers"))["code"] == "access.token_invalid"
    assert error_of(ask_token(app, "acme", acme.secret)) == (401, "invalid_client")

    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        resume_client(uow, acme.secret.client_id)
    assert acme.send("GET", "/api/drawers").status_code == 200


def test_a_changed_grant_ends_every_token_of_the_old_one(
    app: Flask, runtime: Runtime, acme: ApiClient
) -> None:
    """OA-09: tokens name their grant."""
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        change_scopes(uow, acme.secret.client_id, ["settings:read"])

    assert acme.send("GET", "/api/drawers").status_code == 401
    acme.token = token_of(ask_token(app, "acme", acme.secret))
    assert acme.send("GET", "/api/drawers").status_code == 200
    assert acme.send("POST", "/api/drawers", {}).status_code == 403


def test_a_rotated_key_leaves_valid_tokens_valid(
    app: Flask, runtime: Runtime, acme: ApiClient, globex: ApiClient
) -> None:
    """OA-21: old tokens until they expire, new tokens at once; GLOBEX has a key of its own."""
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        rotate_key(uow, runtime.secrets)

    assert acme.send("GET", "/api/drawers").status_code == 200
    acme.token = token_of(ask_token(app, "acme", acme.secret))
    assert acme.send("GET", "/api/drawers").status_code == 200
    client = app.test_client()
    assert len(json.loads(client.get("/t/acme/oauth/jwks").text)["keys"]) == 2
    assert len(json.loads(client.get("/t/globex/oauth/jwks").text)["keys"]) == 1


def test_guessing_is_slowed_down_and_locks_nobody_out(
    app: Flask, connector: NewSecret, clock: StoppedClock
) -> None:
    """OA-20: after five wrong secrets 429 with Retry-After; the client itself is still served."""
    wrong = NewSecret(connector.client_id, "guess")
    answers = [ask_token(app, "acme", wrong) for _ in range(7)]

    statuses = [each.status_code for each in answers]
    assert statuses == [401] * (statuses.count(401)) + [429] * statuses.count(429)
    assert 0 < statuses.count(429) < 4
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert told(answers[-1])["code"] == "quota.exceeded"
    assert ask_token(app, "acme", connector).status_code == 200
    clock.pass_time(timedelta(hours=2))
    assert ask_token(app, "acme", wrong).status_code == 401


def test_no_secret_is_logged_or_told(app: Flask, runtime: Runtime, connector: NewSecret) -> None:
    """OA-19: neither secrets nor tokens in logs, errors or representations."""
    with capture_logs() as logs:
        token = token_of(ask_token(app, "acme", connector))
        refused = ask_token(app, "acme", NewSecret(connector.client_id, connector.secret + "x"))
        api = app.test_client()
        api.get("/api/drawers", headers={"Authorization": f"Bearer {token}"})
        denied = api.get("/api/drawers", headers={"Authorization": f"Bearer {token}x"})

    everything = repr([logs, refused.text, denied.text, connector])
    assert connector.secret not in everything
    assert token not in everything


def test_nobody_grants_what_they_do_not_hold(runtime: Runtime) -> None:
    """A client is made with a name and at least one scope that exists."""
    wrong = {"": ["events:read"], "x" * 201: ["events:read"], "Shop": [], "Typo": ["event:read"]}
    for name, scopes in wrong.items():
        with pytest.raises(Invalid), runtime.unit_of_work(GLOBEX, OPERATOR) as uow:
            create_client(uow, name, scopes)
