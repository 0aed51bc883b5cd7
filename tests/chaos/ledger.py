"""The outside world of the storm: a process of its own that writes down each call and effect.

python ledger.py FILE    prints its port, then serves until it is killed
"""

import json
import random
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TextIO

DELAY_SECONDS_MAX = 0.12


class Ledger:
    """Calls and effects by key, each line on disk before anybody is answered."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._effects: dict[str, Any] = {}

    def take(self, kind: str, key: str, request: Mapping[str, Any]) -> int:
        """Note a call and its effect; the status says whether it was done."""
        with self._lock:
            if request.get("refuse"):
                self._write(kind, key, "refused")
                return 409
            # Only the idempotent desk knows its keys; the others do what they are asked, again.
            is_known = kind == "idempotent" and key in self._effects
            self._effects[key] = dict(request)
            self._write(kind, key, "known" if is_known else "effect")
            return 200

    def find(self, key: str) -> Any:
        with self._lock:
            return self._effects.get(key)

    def _write(self, kind: str, key: str, what: str) -> None:
        self._file.write(json.dumps([kind, key, what]) + "\n")
        self._file.flush()


def serve(path: Path) -> None:
    """Serve calls (POST) and questions (GET), each after a moment and before another."""
    ledger = Ledger(path.open("a"))

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(random.uniform(0, DELAY_SECONDS_MAX))
            status = ledger.take(asked["kind"], asked["key"], asked["request"])
            time.sleep(random.uniform(0, DELAY_SECONDS_MAX))
            self._answer(status, asked["request"])

        def do_GET(self) -> None:
            self._answer(200, ledger.find(self.path.removeprefix("/")))

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def _answer(self, status: int, body: Any) -> None:
            told = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)
            except OSError:
                # Whoever asked was killed meanwhile.
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    print(server.server_address[1], flush=True)
    server.serve_forever()


@dataclass(frozen=True)
class Caller:
    """Whoever calls the ledger on this port."""

    port: int

    def call(self, kind: str, key: str, request: Mapping[str, Any], seconds: float) -> int:
        """Make a call; an exception says that nobody knows."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(
                "POST", "/", json.dumps({"kind": kind, "key": key, "request": dict(request)})
            )
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def look_up(self, key: str, seconds: float) -> Any:
        """Ask what was done under a key."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", f"/{key}")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
