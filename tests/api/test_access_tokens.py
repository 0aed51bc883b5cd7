"""Access tokens at the API: one kind is believed, everything else is 401 (OA-08)."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey
from sqlalchemy import select

from kernel.access import operator_actor, system_actor
from kernel.audit import AuditEntry
from kernel.clock import StoppedClock
from kernel.runtime import Runtime
from tenants.identity.signing_keys import KeyPair, present_key
from tests.api.conftest import ApiClient, told
from tests.conftest import ACME, GLOBEX

OPERATOR = operator_actor("tests")


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return _read(header), _read(claims)


def _read(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return value


def _write(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], pair: KeyPair) -> str:
    """Sign whatever one likes, as no library's jwt.encode would (it adds a type of its own)."""
    body = f"{_write(header)}.{_write(claims)}"
    private = pair.key.private_key
    assert private is not None
    signature = private.sign(body.encode(), ECDSA(SHA256()))
    halves = (half.to_bytes(32) for half in decode_dss_signature(signature))
    return f"{body}.{_base64(b''.join(halves))}"


def key_of(runtime: Runtime, tenant_id: Any) -> KeyPair:
    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        return present_key(uow, runtime.secrets)


Mutation = Callable[[dict[str, Any], dict[str, Any]], None]
MUTATIONS: dict[str, Mutation] = {
    "no type (T3)": lambda header, _: header.pop("typ"),
    "another type": lambda header, _: header.update(typ="JWT"),
    "an ID token's type": lambda header, _: header.update(typ="id_token+jwt"),
    "a key of its own in the header": lambda header, _: header.update(
        jwk=ECKey.generate_key("P-256").as_dict(private=False)
    ),
    "a key elsewhere": lambda header, _: header.update(jku="https://evil.example/jwks"),
    "critical extensions": lambda header, _: header.update(crit=["exp"]),
    "an unknown key": lambda header, _: header.update(kid="key_unknown"),
    "no key": lambda header, _: header.pop("kid"),
    "a key that is no text": lambda header, _: header.update(kid=["key"]),
    "another issuer": lambda _, claims: claims.update(iss="http://127.0.0.1:8080/t/globex"),
    "another audience": lambda _, claims: claims.update(aud="http://127.0.0.1:8080/api/"),
    "two audiences": lambda _, claims: claims.update(aud=[claims["aud"], "x"]),
    "another tenant": lambda _, claims: claims.update(tid=GLOBEX),
    "an unknown tenant": lambda _, claims: claims.update(tid="ten_nobody"),
    "NUL in the tenant": lambda _, claims: claims.update(tid="ten_\0"),
    "no tenant": lambda _, claims: claims.pop("tid"),
    "another subject": lambda _, claims: claims.update(sub="mem_ana"),
    "another client": lambda _, claims: claims.update(client_id="cli_x", sub="cli_x"),
    "another grant": lambda _, claims: claims.update(sid="gra_other"),
    "no grant": lambda _, claims: claims.pop("sid"),
    "no scope": lambda _, claims: claims.pop("scope"),
    "no end": lambda _, claims: claims.pop("exp"),
    "a later end": lambda _, claims: claims.update(exp=claims["exp"] + 1),
    "an end that is no number": lambda _, claims: claims.update(exp=str(claims["exp"])),
    "an end that is true": lambda _, claims: claims.update(exp=True),
    "an endless end": lambda _, claims: claims.update(exp=float("inf")),
    "from the future": lambda _, claims: claims.update(
        iat=claims["iat"] + 60, exp=claims["exp"] + 60
    ),
    "very long": lambda _, claims: claims.update(scope="settings:read " * 500),
}


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
def test_a_well_signed_token_that_is_not_ours_in_every_detail_is_refused(
    acme: ApiClient, runtime: Runtime, mutate: Mutation
) -> None:
    """OA-08: alg, typ, iss, aud, tid, sid and time, each by itself."""
    header, claims = parts(acme.token)
    mutate(header, claims)
    acme.token = signed(header, claims, key_of(runtime, ACME))

    answer = acme.send("GET", "/api/drawers")

    assert (answer.status_code, told(answer)["code"]) == (401, "access.token_invalid")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_the_same_token_signed_again_is_believed(acme: ApiClient, runtime: Runtime) -> None:
    """The matrix above can fail: without a mutation the token is good."""
    acme.token = signed(*parts(acme.token), key_of(runtime, ACME))

    assert acme.send("GET", "/api/drawers").status_code == 200


def test_signatures_of_others_prove_nothing(acme: ApiClient, runtime: Runtime) -> None:
    """OA-08, OA-10: alg none, HS256 with the public key, another tenant's key, no signature."""
    header, claims = parts(acme.token)
    body = f"{_write(header)}.{_write(claims)}"
    public = key_of(runtime, ACME).key.as_pem(private=False)
    symmetric = f"{_write(header | {'alg': 'HS256'})}.{_write(claims)}"
    code = hmac.digest(public, symmetric.encode(), "sha256")
    globex_key = key_of(runtime, GLOBEX)
    forged = {
        "none": f"{_write(header | {'alg': 'none'})}.{_write(claims)}.",
        "no signature": f"{body}.",
        "a signature of zeros": f"{body}.{_write('0' * 64)}",
        "HS256 with the public key": f"{symmetric}.{_base64(code)}",
        "GLOBEX's key": signed(header, claims, globex_key),
        "GLOBEX's key by its name": signed(header | {"kid": globex_key.id}, claims, globex_key),
        "GLOBEX's key and tenant": signed(
            header | {"kid": globex_key.id}, claims | {"tid": GLOBEX}, globex_key
        ),
    }
    for what, token in forged.items():
        acme.token = token
        assert acme.send("GET", "/api/drawers").status_code == 401, what


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "Bearer a.b", "Bearer a.b.c", "Bearer a.b.c.d", "Basic eDp5",
        "Bearer ****.****.****", "Bearer " + "[" * 3000, "Bearer é.é.é", "bearer e30.e30.e30",
        "Bearer " + _write([1]) + "." + _write("x") + ".x",
        "Bearer W1tbW1tb.W1tbW1tb.x",
    ],
)  # fmt: skip
def test_what_is_no_token_at_all_is_refused(acme: ApiClient, header: str) -> None:
    answer = acme.send("GET", "/api/drawers", Authorization=header)

    assert answer.status_code == 401


def test_a_request_without_a_token_is_asked_for_one(acme: ApiClient) -> None:
    answer = acme.web.get("/api/drawers")

    assert (answer.status_code, told(answer)["code"]) == (401, "access.unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_token_ends_after_ten_minutes(acme: ApiClient, clock: StoppedClock) -> None:
    """OA-08: and half a minute of leeway."""
    clock.pass_time(timedelta(minutes=10, seconds=30))
    assert acme.send("GET", "/api/drawers").status_code == 200

    clock.pass_time(timedelta(seconds=1))
    assert told(acme.send("GET", "/api/drawers"))["code"] == "access.token_expired"


def test_the_tenant_comes_from_the_token_alone(acme: ApiClient, globex: ApiClient) -> None:
    """TEN-01: a header, a parameter or a body that names another tenant changes nothing."""
    made = acme.send("POST", "/api/drawers", {"name": "Spoons", "spoons": 1})

    for headers in ({"X_Tenant_Id": ACME}, {"Host": "127.0.0.1"}, {"Cookie": "sid=acme"}):
        seen = globex.send("GET", made.headers["Location"], **headers)
        assert seen.status_code == 404


def test_who_acts_is_the_client_with_its_scopes(acme: ApiClient, runtime: Runtime) -> None:
    """AUD-11: the audit entry names client, grant and strength."""
    acme.send("POST", "/api/drawers", {"name": "Spoons", "spoons": 1})

    with runtime.unit_of_work(ACME, system_actor("tests")) as uow:
        entry = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "drawer.add")
        ).one()
    actor = json.loads(entry.body)["actor"]
    assert actor["session"].startswith("gra_")
    assert {name: actor[name] for name in ("id", "kind", "client", "strength")} == {
        "id": acme.secret.client_id,
        "kind": "client",
        "client": acme.secret.client_id,
        "strength": "client_secret",
    }
