"""The authorization server of one tenant, for one token request.

Authlib speaks the protocol; what it is too kind about is refused before it is asked (see
`token_requests`), and what it would store in clear is not stored at all.
"""

import json
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Response

from api.oauth.access_tokens import Claims, write_token
from api.oauth.token_requests import TokenRequest
from kernel.secrets import SecretBox
from kernel.uow import UnitOfWork
from tenants.identity.client_tables import OauthGrant
from tenants.identity.clients import authenticated_client, live_grant
from tenants.identity.signing_keys import TOKEN_LIFETIME, present_key


def oauth_response(status: int, body: Any, _headers: Any) -> Response:
    """Return an answer of the token endpoint; nothing on the way may keep it (OA-19)."""
    response = Response(json.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="token"'
    return response


class ClientAtTheDesk(ClientMixin):
    """Whoever says it is a client: unknown ones are told apart only by their secret."""

    def __init__(self, uow: UnitOfWork, client_id: str) -> None:
        self._uow = uow
        self._client_id = client_id
        self.grant: OauthGrant | None = None

    def get_client_id(self) -> str:
        """Return the id that was given."""
        return self._client_id

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is an active client with this secret and a live grant."""
        known = authenticated_client(self._uow, self._client_id, client_secret)
        self.grant = live_grant(self._uow, self._client_id) if known is not None else None
        return self.grant is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Take the secret in the Authorization header, nowhere else."""
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_grant_type(self, grant_type: str) -> bool:
        """Serve client credentials only."""
        return grant_type == ClientCredentialsGrant.GRANT_TYPE

    def get_allowed_scope(self, scope: Any) -> Any:
        """Return what was asked for, or all that is granted; None, a refusal, for any more."""
        assert self.grant is not None, "only an authenticated client is asked"
        wanted = scope.split(" ") if scope is not None else self.grant.scopes
        if not set(wanted) <= set(self.grant.scopes):
            return None
        return " ".join(sorted(set(wanted)))


class FormPayload(OAuth2Payload):
    """The parameters of a request that was read strictly."""

    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> dict[str, str]:
        """The parameters, each given once."""
        return self._form


class TokenServer(AuthorizationServer):
    """Authlib's server over one unit of work; made anew for each request."""

    def __init__(self, uow: UnitOfWork, box: SecretBox, issuer: str, audience: str) -> None:
        """Serve the tenant of the unit of work under its issuer."""
        super().__init__()
        self._uow, self._box = uow, box
        self._issuer, self._audience = issuer, audience
        self.register_grant(ClientCredentialsGrant)
        lifetime = int(TOKEN_LIFETIME.total_seconds())
        self.register_token_generator(
            "default",
            # Its own defaults would make tokens of ten days.
            BearerTokenGenerator(self._access_token, expires_generator=lambda *_: lifetime),
        )

    def query_client(self, client_id: str) -> ClientAtTheDesk:
        """Return somebody to ask for a secret, whether or not there is such a client."""
        return ClientAtTheDesk(self._uow, client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep nothing: a token proves itself, and its grant is what can be taken away."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody: nothing here listens to Authlib's signals."""

    def create_oauth2_request(self, request: TokenRequest) -> OAuth2Request:
        """Turn a checked request into Authlib's form of it."""
        # Whether the way here was safe is the configuration's to say, not this address's: behind
        # a proxy it starts with http, and Authlib would raise instead of answering.
        wrapped = OAuth2Request("POST", f"{self._issuer}/oauth/token", headers=request.headers)
        wrapped.payload = FormPayload(request.form)
        return wrapped

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """Return Flask's form of an answer."""
        return oauth_response(status, body, headers)

    def _access_token(self, *, client: ClientMixin, scope: str, **_: Any) -> str:
        assert isinstance(client, ClientAtTheDesk)
        assert client.grant is not None, "only an authenticated client gets a token"
        claims = Claims(
            self._uow.tenant_id,
            self._issuer,
            self._audience,
            client.get_client_id(),
            client.grant.id,
            tuple(scope.split()),
        )
        pair = present_key(self._uow, self._box)
        identity = self._uow.new_id("tok")
        return write_token(claims, pair, token_id=identity, now=self._uow.real_now)
