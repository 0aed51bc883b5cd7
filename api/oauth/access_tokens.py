"""Access tokens (RFC 9068): written for one client, read back without believing anything early."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from api.oauth.issuer import ALGORITHM, TOKEN_TYPE
from kernel.errors import Unauthenticated
from kernel.ids import TenantId
from tenants.identity.signing_keys import LEEWAY, TOKEN_LIFETIME, KeyPair

TOKEN_LENGTH_MAX = 4096


@dataclass(eq=False)
class TokenInvalid(Unauthenticated):
    """This token is not valid here: ask your token endpoint for a new one."""

    code: ClassVar[str] = "access.token_invalid"


@dataclass(eq=False)
class TokenExpired(Unauthenticated):
    """This token has expired: ask your token endpoint for a new one."""

    code: ClassVar[str] = "access.token_expired"


@dataclass(frozen=True)
class Claims:
    """What a token says of whom it was written for."""

    tenant_id: TenantId
    issuer: str
    audience: str
    client_id: str
    grant_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Unproven:
    """Which tenant and key a token names, before anything of it is verified."""

    tenant_id: TenantId
    key_id: str


def write_token(claims: Claims, pair: KeyPair, *, token_id: str, now: datetime) -> str:
    """Sign a token that is valid for ten minutes from now."""
    issued_at = int(now.timestamp())
    return jwt.encode(
        {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": pair.id},
        {
            "iss": claims.issuer,
            "aud": claims.audience,
            "sub": claims.client_id,
            "client_id": claims.client_id,
            "scope": " ".join(claims.scopes),
            "jti": token_id,
            "tid": claims.tenant_id,
            "sid": claims.grant_id,
            "iat": issued_at,
            "exp": issued_at + int(TOKEN_LIFETIME.total_seconds()),
        },
        pair.key,
        algorithms=[ALGORITHM],
    )


def peek(token: str) -> Unproven:
    """Return which key must verify a token; TokenInvalid for anything but our own form.

    Type and algorithm are compared here, before any cryptography: the library takes a token
    without a type, and the header of a forged one could name another algorithm or its own key.
    """
    try:
        header_part, claims_part, _ = token.split(".")
        header, claims = _decoded(header_part), _decoded(claims_part)
        tenant_id, key_id = claims["tid"], header["kid"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise TokenInvalid from error
    expected = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key_id}
    if len(token) > TOKEN_LENGTH_MAX or header != expected:
        raise TokenInvalid
    if not _is_identity(tenant_id) or not _is_identity(key_id):
        raise TokenInvalid
    return Unproven(TenantId(tenant_id), key_id)


def read_token(token: str, key: ECKey, expected: tuple[str, str], now: datetime) -> Claims:
    """Verify a token of the issuer and audience expected, and return its claims.

    Raises TokenInvalid, or TokenExpired where everything but its time is right.
    """
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        found = Claims(
            TenantId(claims["tid"]),
            claims["iss"],
            claims["aud"],
            claims["client_id"],
            claims["sid"],
            tuple(claims["scope"].split()),
        )
        issued_at, expires_at, subject = claims["iat"], claims["exp"], claims["sub"]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TokenInvalid from error
    if (found.issuer, found.audience) != expected or subject != found.client_id:
        raise TokenInvalid
    if type(issued_at) is not int or type(expires_at) is not int:
        raise TokenInvalid
    leeway, present = LEEWAY.total_seconds(), now.timestamp()
    if issued_at > present + leeway or expires_at - issued_at > TOKEN_LIFETIME.total_seconds():
        raise TokenInvalid
    if expires_at + leeway < present:
        raise TokenExpired
    return found


def _decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _is_identity(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 40 and value.isascii() and "\0" not in value
