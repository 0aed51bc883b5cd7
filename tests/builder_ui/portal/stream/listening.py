"""Somebody who listens to a tenant's stream over a real connection, as a browser does."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from kernel.clock import monotonic_seconds
from tests.builder_ui.portal.conftest import OURS
from tests.tenants.conftest import PASSWORD

PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Heard:
    """A message of a stream. `kind` is `message`, or what the stream says of itself."""

    kind: str
    id: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """What happened, such as `order.placed`."""
        return str(self.content.get("type", ""))


@dataclass
class Listener:
    """A signed-in browser without an engine. `last_id` is what it comes back with."""

    address: str
    slug: str = "acme"
    member_id: str = ""
    cookie: str = ""
    last_id: str = ""
    answer: http.client.HTTPResponse | None = None
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def sign_in(self, email: str) -> Self:
        """Sign in and keep the cookie."""
        form = urlencode({"email": email, "password": PASSWORD})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", "sign-in", form, OURS | kind)
        assert answer.status == 303, answer.status
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.drop()
        return self

    def ask(self, path: str) -> tuple[int, bytes]:
        """Open a page and read it whole."""
        answer = self._ask("GET", path, None, self._headers())
        told = answer.status, answer.read()
        self.drop()
        return told

    def open(self, after: str = "", path: str = "stream") -> http.client.HTTPResponse:
        """Begin to listen, where the last stream ended or behind a place."""
        more = {"Last-Event-ID": self.last_id} if self.last_id else {}
        query = f"?{urlencode({'after': after})}" if after else ""
        return self._ask("GET", path + query, None, self._headers() | more)

    def messages(self) -> Iterator[Heard]:
        """Yield messages as they come; ends with the stream."""
        assert self.answer is not None
        kind, lines = "message", ""
        for raw in self.answer:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                lines += value
            elif not name and lines:
                yield Heard(kind, self.last_id, json.loads(lines))
                kind, lines = "message", ""

    def hear(self, until: Callable[[Heard], bool]) -> list[Heard]:
        """Return the messages up to the first that is meant; fails where it does not come."""
        ends_at = monotonic_seconds() + PATIENCE_SECONDS
        heard = []
        for each in self.messages():
            heard.append(each)
            if until(each):
                return heard
            assert monotonic_seconds() < ends_at, heard
        raise AssertionError(f"the stream ended after {heard}")

    def hear_to_its_end(self) -> list[Heard]:
        """Return every message until the stream ends."""
        heard = list(self.messages())
        self.drop()
        return heard

    def drop(self) -> None:
        """Break the connection off, as a network does."""
        if self._connection is None:
            return
        if self.answer is not None:
            self.answer.close()
        self._connection.close()
        self._connection = self.answer = None

    def _headers(self) -> dict[str, str]:
        return OURS | {"Cookie": self.cookie}

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        self.drop()
        host = urlsplit(self.address).netloc
        self._connection = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
        self._connection.request(method, f"/t/{self.slug}/{path}", body, headers)
        self.answer = self._connection.getresponse()
        return self.answer
