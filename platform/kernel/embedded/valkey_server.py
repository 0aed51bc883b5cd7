"""Our own launcher for Valkey: one in a directory, on loopback, behind a password."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import redis

from kernel.embedded.addresses import valkey_url
from kernel.embedded.binaries import valkey_binary
from kernel.embedded.child import Child, clear_leftovers
from kernel.embedded.claim import Claim
from kernel.embedded.kept import change_port, is_port_free, kept_port, kept_secret

START_SECONDS_MAX = 30
STOP_SIGNAL = signal.SIGTERM


class Valkey:
    """A Valkey in a directory. `start` recovers from any death of its predecessor."""

    def __init__(self, directory: Path, *, durable: bool) -> None:
        self.directory = directory.resolve()
        self._durable = durable
        self._child: Child | None = None
        self._claim: Claim | None = None

    @property
    def url(self) -> str:
        """The address, password included. A port that a stranger took changes at `start`."""
        return valkey_url(self.directory)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def is_alive(self) -> bool:
        return self._child is not None and self._child.is_alive()

    def start(self) -> None:
        """Serve; return when it answers. Raises Claimed or ServerFailed."""
        rows = self.directory / "rows"
        rows.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._claim = self._claim or Claim(self.directory / "lock")
        if self._child is not None:
            self._child.stop()
        clear_leftovers(rows, STOP_SIGNAL)
        port_file = self.directory / "port"
        if not is_port_free(kept_port(port_file)):
            change_port(port_file)
        configuration = self.directory / "valkey.conf"
        _write_private(configuration, self._configuration(rows))
        self._child = Child(
            [str(valkey_binary()), str(configuration)],
            self.directory / "valkey.log",
            stop_signal=STOP_SIGNAL,
        )
        self._child.wait_until(self._answers, timeout_seconds=START_SECONDS_MAX)

    def stop(self, *, timeout_seconds: float = 20) -> None:
        """End it with everything written, and let the directory go."""
        if self._child is not None:
            self._child.stop(timeout_seconds=timeout_seconds)
            self._child = None
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def _configuration(self, rows: Path) -> str:
        # In a file, not on the command line, where every user of the machine could read it.
        settings = {
            "bind": "127.0.0.1",
            "port": str(kept_port(self.directory / "port")),
            "requirepass": kept_secret(self.directory / "password"),
            "dir": f'"{rows}"',
            # A full memory is an error we see, never a wake-up that silently vanished.
            "maxmemory-policy": "noeviction",
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=5)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


@contextlib.contextmanager
def valkey(directory: Path, *, durable: bool = False) -> Iterator[Valkey]:
    """Serve a Valkey in `directory` while the block runs. Enter from the main thread."""
    server = Valkey(directory, durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()
