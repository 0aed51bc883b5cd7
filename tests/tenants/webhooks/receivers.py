"""A receiver on loopback that does what a test scripts, and what a test needs to send to it."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import psycopg

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.ids import TenantId
from kernel.runtime import Runtime
from tenants.webhooks.endpoints import Keeping, Wanted, add_endpoint
from tenants.webhooks.event_types import CHOSEN_FROM
from tests.conftest import ACME, Cluster

OPERATOR = operator_actor("tests")
SOLD = "product.created"


@dataclass(frozen=True)
class Got:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body, read."""
        document: dict[str, Any] = json.loads(self.body)
        return document


Script = Callable[[Got], tuple[int, dict[str, str], bytes]]


def takes_all(_got: Got) -> tuple[int, dict[str, str], bytes]:
    return 204, {}, b""


class Receiver(socketserver.ThreadingTCPServer):
    """Repeats challenges; answers messages as its script says, and keeps both."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.script: Script = takes_all
        self.repeats = True
        self.messages: list[Got] = []
        self.challenges: list[Got] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Exchange(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.path, headers, body)
        if got.told["type"] == "webhook.challenge":
            server.challenges.append(got)
            word = got.told["data"]["challenge"] if server.repeats else "mug"
            self._answer(200, {}, json.dumps({"challenge": word}).encode())
        else:
            server.messages.append(got)
            self._answer(*server.script(got))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: tests look at what was received."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port while the block runs."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Post:
    """A runtime whose webhooks go to receivers on loopback."""

    runtime: Runtime
    cluster: Cluster
    sold: int = field(default=0)

    @property
    def keeping(self) -> Keeping:
        """What verbs need of the installation."""
        return Keeping(self.runtime.secrets, to_loopback=True)

    def add(self, url: str, *event_types: str, tenant_id: TenantId = ACME) -> str:
        """Add an endpoint, and let it prove itself."""
        wanted = Wanted(url, event_types or (SOLD,))
        with self.runtime.unit_of_work(tenant_id, OPERATOR) as uow:
            identity = add_endpoint(uow, self.keeping, wanted).id
        self.runtime.drain_all()
        return identity

    def happen(self, name: str = SOLD, *, tenant_id: TenantId = ACME, **values: Any) -> str:
        """Let something happen, and bring it on its way."""
        self.sold += 1
        told = values or {"product_id": f"prd_{self.sold}", "code": "MUG"}
        assert name in CHOSEN_FROM
        with self.runtime.unit_of_work(tenant_id, OPERATOR) as uow:
            event_id = uow.emit_named(name, told)
            uow.record("tests.happen", Subject("product", str(self.sold)))
        self.runtime.drain_all()
        return event_id

    def look_again(self) -> None:
        """Let senders look at every endpoint: the database's clock is not the test's."""
        with psycopg.connect(self.cluster.superuser_url) as connection:
            connection.execute(
                "UPDATE webhook_endpoint SET next_at = NULL, lease_until = NULL WHERE has_work"
            )
        self.runtime.drain_all()
