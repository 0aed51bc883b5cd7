"""Who calls the API: the client of a bearer token, as it stands at this very moment."""

from flask import request

from api.oauth.access_tokens import Claims, TokenInvalid, peek, read_token
from api.oauth.issuer import api_resource, issuer_of
from kernel.access import system_actor
from kernel.errors import NotFound
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.identity.clients import client_actor
from tenants.identity.signing_keys import verifying_key
from web.faces import Caller
from web.request import current_runtime, unit_of_work_as

_READER = system_actor("token-reader")


def caller_by_token() -> Caller | None:
    """Return the caller that a bearer token names, or None without an Authorization header.

    The tenant comes from the token alone. Client and grant are read from the database each time:
    a client suspended, or a grant taken away, is refused at its next request (OA-09).
    """
    sent = request.headers.get("Authorization")
    if sent is None:
        return None
    scheme, _, token = sent.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii():
        raise TokenInvalid
    unproven = peek(token.strip())
    try:
        with unit_of_work_as(unproven.tenant_id, _READER, standing="any") as uow:
            key = verifying_key(uow, unproven.key_id)
            if key is None:
                raise TokenInvalid
            claims = read_token(token.strip(), key, _expected(uow), uow.real_now)
            return _caller(uow, claims)
    except NotFound as error:
        raise TokenInvalid from error


def _expected(uow: UnitOfWork) -> tuple[str, str]:
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    config = current_runtime().config
    return issuer_of(config, tenant.slug), api_resource(config)


def _caller(uow: UnitOfWork, claims: Claims) -> Caller:
    actor = client_actor(uow, claims.client_id, grant_id=claims.grant_id, scopes=claims.scopes)
    if actor is None or claims.tenant_id != uow.tenant_id:
        raise TokenInvalid
    return Caller(uow.tenant_id, actor)
