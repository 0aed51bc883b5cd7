"""The addresses of every tenant's issuer: token endpoint, keys and metadata."""

import structlog
from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, current_app, request

from api.oauth.issuer import api_resource, issuer_of
from api.oauth.token_requests import read_token_request
from api.oauth.token_server import TokenServer, oauth_response
from kernel.access import system_actor
from kernel.uow import UnitOfWork
from tenants.identity.guessing import Attempt, begin
from tenants.identity.signing_keys import present_key, public_keys
from web.access import public
from web.application import problem_response
from web.faces import Face
from web.request import current_runtime, tenant_named, unit_of_work_as

oauth = Blueprint("oauth", __name__)

log = structlog.get_logger(__name__)

_DESK = system_actor("token-desk")
_METADATA = "/.well-known/oauth-authorization-server"


def oauth_face() -> Face:
    """Return the face of the issuers: nobody is known before they have a token."""
    return Face("oauth", _owns, lambda: None, problem_response)


def _owns(path: str) -> bool:
    parts = path.split("/")
    return path.startswith(f"{_METADATA}/") or (len(parts) > 3 and parts[1::2] == ["t", "oauth"])


@oauth.post("/t/<slug>/oauth/token")
@public()
def token(slug: str) -> Response:
    """Answer a token request in the words of RFC 6749; TooMany for who keeps guessing."""
    config = current_runtime().config
    issuer, audience = issuer_of(config, slug), api_resource(config)
    try:
        asked = read_token_request(request, audience)
    except OAuth2Error as error:
        return oauth_response(*error())
    with _at_the_desk(slug) as uow:
        server = TokenServer(uow, current_runtime().secrets, issuer, audience)
        response = server.create_token_response(asked)
    assert isinstance(response, Response)
    log.info("oauth.answered", slug=slug, client_id=asked.client_id, status=response.status_code)
    if response.status_code == 401:
        _count_failure(slug, asked.client_id)
    return response


@oauth.get("/t/<slug>/oauth/jwks")
@public()
def keys(slug: str) -> Response:
    """Show the public keys that verify this issuer's tokens."""
    with _at_the_desk(slug) as uow:
        present_key(uow, current_runtime().secrets)
        return _shown({"keys": public_keys(uow)})


@oauth.get(f"{_METADATA}/t/<slug>")
@public()
def metadata(slug: str) -> Response:
    """Describe the issuer (RFC 8414): nothing that it does not do."""
    tenant_named(slug)
    config = current_runtime().config
    issuer = issuer_of(config, slug)
    return _shown(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "jwks_uri": f"{issuer}/oauth/jwks",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "scopes_supported": current_app.extensions["wareflow_scopes"],
            "protected_resources": [api_resource(config)],
        }
    )


def _count_failure(slug: str, client_id: str) -> None:
    """Count a wrong secret against client and address (OA-20).

    Counted afterwards and not before: nobody can lock a client out by guessing at its secret.
    """
    with _at_the_desk(slug) as uow:
        begin(uow, Attempt(f"client:{client_id}", request.remote_addr or ""))


def _at_the_desk(slug: str) -> UnitOfWork:
    return unit_of_work_as(tenant_named(slug), _DESK, standing="any")


def _shown(document: dict[str, object]) -> Response:
    response = Response(current_app.json.dumps(document), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
