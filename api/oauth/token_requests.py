"""Reads a token request strictly: one client, authenticated one way, each parameter once."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, InvalidScopeError
from flask import Request

FORM = "application/x-www-form-urlencoded"
BODY_BYTES_MAX = 16 * 1024

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")


class InvalidTargetError(OAuth2Error):
    """The token cannot be meant for that resource (RFC 8707 §2)."""

    error = "invalid_target"
    description = "This issuer writes tokens for one resource: the API."


@dataclass(frozen=True)
class TokenRequest:
    """A token request that means one thing only."""

    client_id: str
    form: dict[str, str]
    headers: Mapping[str, str]


def read_token_request(request: Request, resource: str) -> TokenRequest:
    """Return the request, or raise the OAuth2Error that refuses it.

    The library reads parameters from the address too, takes the first of several, accepts two
    ways of authentication at once, and fails on credentials that are no text: refused here.
    """
    if request.args:
        raise InvalidRequestError("Send parameters in the body, not in the address.")
    if request.mimetype != FORM:
        raise InvalidRequestError(f"Send the body as {FORM}.")
    request.max_content_length = request.max_form_memory_size = BODY_BYTES_MAX
    form: dict[str, str] = {}
    for name, values in request.form.lists():
        if name == "resource":
            _check_resource(values, resource)
        elif len(values) > 1:
            raise InvalidRequestError("A parameter is given more than once.")
        if not all(_PRINTABLE.fullmatch(text) for text in (name, *values)):
            raise InvalidRequestError("A parameter has characters that none may have.")
        form[name] = values[0]
    if "scope" in form and not _SCOPE.fullmatch(form["scope"]):
        raise InvalidScopeError()
    client_id = _client_id(request, form)
    return TokenRequest(
        client_id, form, {"Authorization": request.headers.get("Authorization", "")}
    )


def _check_resource(values: list[str], resource: str) -> None:
    if values != [resource]:
        raise InvalidTargetError()


def _client_id(request: Request, form: Mapping[str, str]) -> str:
    if "client_secret" in form or "client_assertion" in form:
        raise InvalidRequestError("Authenticate with HTTP Basic, and with nothing else.")
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError(status_code=401, description="Authenticate with HTTP Basic.")
    try:
        spelled = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _not_credentials() from error
    client_id, colon, _secret = (unquote_plus(each) for each in spelled.partition(":"))
    if not colon or not _PRINTABLE.fullmatch(unquote_plus(spelled)) or len(client_id) > 40:
        raise _not_credentials()
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("The body names another client than the credentials.")
    return client_id


def _not_credentials() -> InvalidClientError:
    return InvalidClientError(status_code=401, description="These are no client credentials.")
