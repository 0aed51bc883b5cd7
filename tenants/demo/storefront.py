"""The sales channels of the demo: clients of the public API, with tokens of their own."""

import http.client
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from kernel.canonical import read_json
from kernel.clock import monotonic_seconds
from tenants.identity.clients import NewSecret

PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 120
ANSWERS_WITHIN_SECONDS = 30
# The token is refused, the service is being started again, or it asks for patience.
UNAUTHORISED, TOO_MANY = 401, 429
SERVER_FAULTS = range(500, 600)


class Unanswered(Exception):
    """The API did not take a request for two minutes; the message holds its last answer."""


@dataclass(frozen=True)
class Answer:
    """What the API said: a status and the document that came with it."""

    status: int
    document: Any


class Line(Protocol):
    """A way to the API: one request, one answer; OSError where there is nobody."""

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Answer:
        """Send a request and return its answer."""
        ...


class HttpLine:
    """A connection to the API that is kept open, and opened again where it broke."""

    def __init__(self, address: str) -> None:
        """Take scheme, host and port; nothing is connected yet."""
        where = urlsplit(address)
        assert where.hostname is not None, "an address names its host"
        kind = http.client.HTTPSConnection if where.scheme == "https" else _Plain
        self._connection = kind(where.hostname, where.port, timeout=ANSWERS_WITHIN_SECONDS)

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Answer:
        """Send a request and return its answer; OSError where nobody answered."""
        try:
            self._connection.request(method, path, body.encode(), dict(headers))
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(answer.status, read_json(content) if is_json else None)


_Plain = http.client.HTTPConnection


@dataclass
class Storefront:
    """Posts what happens in the channels, as a client that may write orders and nothing else.

    Every request has a key, so it is sent again without fear until it is answered.
    """

    line: Line
    slug: str
    secret: NewSecret
    _token: str | None = field(default=None, repr=False)

    def post(self, path: str, body: Mapping[str, Any] | None, *, key: str) -> Answer:
        """Post until there is an answer that is the request's own; Unanswered after 2 minutes."""
        end = monotonic_seconds() + PATIENCE_SECONDS
        while True:
            said = self._post_once(path, body, key)
            if isinstance(said, Answer) and not _is_passing(said.status):
                return said
            if monotonic_seconds() > end:
                raise Unanswered(f"{path}: {said}")
            if isinstance(said, Answer) and said.status == UNAUTHORISED:
                self._token = None
                continue
            time.sleep(PAUSE_SECONDS)

    def _post_once(self, path: str, body: Mapping[str, Any] | None, key: str) -> Answer | OSError:
        try:
            token = self._token = self._token or self._new_token()
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            if body is not None:
                headers["Content-Type"] = "application/json"
            return self.line("POST", path, headers, "" if body is None else json.dumps(body))
        except OSError as error:
            return error

    def _new_token(self) -> str:
        proof = b64encode(f"{self.secret.client_id}:{self.secret.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {proof}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = f"/t/{self.slug}/oauth/token"
        said = self.line("POST", path, headers, "grant_type=client_credentials")
        if said.status != http.client.OK:
            raise ConnectionError(f"{path} answered {said.status}: {said.document}")
        return str(said.document["access_token"])


def _is_passing(status: int) -> bool:
    return status in (UNAUTHORISED, TOO_MANY) or status in SERVER_FAULTS
