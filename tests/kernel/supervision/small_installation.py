"""A small installation under the real supervisor: one web page, one worker with a job in hand.

Run as a program by `test_supervisor.py`; the first argument says which part to be.
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import redis

from kernel.config import Config
from kernel.embedded.addresses import superuser_url, valkey_url
from kernel.supervision import Program, Step, supervise
from kernel.supervision.survivors import mark_of, survivors

CONFIG = Config.from_env(os.environ)
ADDRESS = f"http://127.0.0.1:{CONFIG.port}/"


def remember() -> None:
    """Write what must be there after any death."""
    with psycopg.connect(superuser_url(CONFIG.var_dir / "postgres")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS said AS SELECT 'MUG' AS word")
    if pause := os.environ.get("PAUSE_SECONDS"):
        time.sleep(float(pause))


class Page(BaseHTTPRequestHandler):
    """Says what both databases know."""

    def do_GET(self) -> None:
        try:
            with psycopg.connect(superuser_url(CONFIG.var_dir / "postgres")) as connection:
                word = connection.execute("SELECT word FROM said").fetchone()
            with redis.Redis.from_url(valkey_url(CONFIG.var_dir / "valkey")) as client:
                client.ping()
            status, body = 200, str(word)
        except (psycopg.Error, redis.RedisError) as error:
            status, body = 503, str(error)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def is_served() -> bool:
    try:
        with urllib.request.urlopen(ADDRESS, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def has_a_job_in_hand() -> bool:
    return len(survivors(mark_of(CONFIG.var_dir, "worker"))) == 2


def main(part: str) -> int:
    this = [sys.executable, __file__]
    if part == "web":
        HTTPServer(("127.0.0.1", CONFIG.port), Page).serve_forever()
    if part == "worker":
        # As a queue worker does: the job runs in a session of its own and outlives the worker.
        with subprocess.Popen([*this, "job"], start_new_session=True):
            time.sleep(600)
    if part == "job":
        time.sleep(600)
    if part == "broken":
        return 3
    programs = [
        Program("web", [*this, "web"], is_ready=is_served),
        Program("worker", [*this, "worker"], is_ready=has_a_job_in_hand),
    ]
    if part == "up-broken":
        programs.append(Program("broken", [*this, "broken"], is_ready=lambda: False))
    return supervise(
        CONFIG, programs, [Step("Memory", remember)], welcome=lambda: f"Serving at {ADDRESS}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
