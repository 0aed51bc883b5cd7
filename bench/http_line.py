"""Posts to the API over one connection that stays open."""

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from bench.measuring import Act


class Refused(Exception):
    """The API did not take what it should have taken."""


def posts(
    address: str, bearer: str, path: str, bodies: Iterator[tuple[str, Mapping[str, Any]]]
) -> Act:
    """Return an act that posts the next of (key, body), and raises Refused unless created."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}

    def post() -> None:
        key, body = next(bodies)
        connection.request("POST", path, json.dumps(body), {**headers, "Idempotency-Key": key})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != http.client.CREATED:
            raise Refused(f"{answer.status}: {said.decode(errors='replace')[:300]}")

    return post
