"""Runs the web application in processes of its own, for as long as a block lasts."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kernel.clock import monotonic_seconds

THREADS = 4
STARTS_WITHIN_SECONDS = 90
ENDS_WITHIN_SECONDS = 20


@contextmanager
def web_processes(
    environment: Mapping[str, str], log: Path, *, count: int, threads: int = THREADS
) -> Iterator[str]:
    """Serve on a free loopback port with so many processes; yield the address."""
    port = _free_port()
    command = [
        sys.executable, "-P", "-m", "gunicorn", "--worker-class=gthread", f"--workers={count}",
        f"--threads={threads}", f"--bind=127.0.0.1:{port}", "--graceful-timeout=5",
        "--no-control-socket", "--preload", "wareflow:web_application()",
    ]  # fmt: skip
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, child, log)
            yield address
        finally:
            child.terminate()
            child.wait(timeout=ENDS_WITHIN_SECONDS)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait_for(address: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    end = monotonic_seconds() + STARTS_WITHIN_SECONDS
    while monotonic_seconds() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The web processes did not start:\n{log.read_text(errors='replace')}")
