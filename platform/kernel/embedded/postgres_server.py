"""Our own launcher for the PostgreSQL programs: a cluster in a directory, and its address."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from kernel.embedded.addresses import SOCKET_PORT, postgres_socket_fits, postgres_url, superuser_url
from kernel.embedded.binaries import postgres_bin_dir, postgres_major
from kernel.embedded.child import Child, ServerFailed, clear_leftovers
from kernel.embedded.claim import Claim
from kernel.embedded.identity import Identity, launch_command, postgres_identity
from kernel.embedded.kept import change_port, is_port_free, kept_port, kept_secret

CONNECTIONS_MAX = 100
START_SECONDS_MAX = 60
# Fast: connections end, everything is written. What a killed parent lets happen, too.
STOP_SIGNAL = signal.SIGINT

SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# A crash of the machine may ruin the cluster: for tests, which throw it away.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres:
    """A cluster in a directory. `start` recovers from any death of its predecessor."""

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool,
        bin_dir: Path | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self._data_dir = self.directory / "data"
        self._durable = durable
        self._preferred_bin_dir = bin_dir
        self._identity = identity or postgres_identity()
        self._child: Child | None = None
        self._claim: Claim | None = None

    @property
    def superuser_url(self) -> str:
        """The address of the role `postgres` in the database `postgres`."""
        return superuser_url(self.directory)

    def url(self, user: str, password: str, database: str) -> str:
        """Return the address for another role or database."""
        return postgres_url(self.directory, user, password, database)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def is_alive(self) -> bool:
        return self._child is not None and self._child.is_alive()

    def start(self) -> None:
        """Serve, creating the cluster first if there is none; return when it answers.

        Raises Claimed when another process serves this directory, ServerFailed with the
        server's own words when it does not start.
        """
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._claim = self._claim or Claim(self.directory / "lock")
        bin_dir = postgres_bin_dir(self._preferred_bin_dir, self._data_dir)
        self._clear_the_dead()
        if not self._data_dir.exists():
            self._create_cluster(bin_dir)
        self._check_owner()
        self._child = Child(
            [str(bin_dir / "postgres"), "-D", str(self._data_dir), *self._settings()],
            self.directory / "postgres.log",
            stop_signal=STOP_SIGNAL,
            identity=self._identity,
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

    def _clear_the_dead(self) -> None:
        if self._child is not None:
            self._child.stop()
        clear_leftovers(self._data_dir, STOP_SIGNAL)
        # PostgreSQL respects a lock file while *any* process bears the number in it: a zombie
        # nobody buries, or after a restart of the container a stranger. Where /proc shows that
        # nobody works in the directory, and our claim keeps others out, it is a dead letter.
        if Path("/proc/self/cwd").exists():
            socket_lock = self.directory / f".s.PGSQL.{SOCKET_PORT}.lock"
            for dead_letter in (self._data_dir / "postmaster.pid", socket_lock):
                dead_letter.unlink(missing_ok=True)

    def _create_cluster(self, bin_dir: Path) -> None:
        """Create under another name and rename: a cluster exists whole or not at all."""
        draft = self.directory / "data.new"
        clear_leftovers(draft, signal.SIGKILL)
        shutil.rmtree(draft, ignore_errors=True)
        kept_secret(self.directory / "password")
        command = [
            str(bin_dir / "initdb"), f"--pgdata={draft}", "--username=postgres",
            f"--pwfile={self.directory / 'password'}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--data-checksums",
            *(() if self._durable else ("--no-sync",)),
        ]  # fmt: skip
        if postgres_major(bin_dir) >= 17:
            # The same order and case of letters on every machine, whatever its C library.
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        launched = launch_command(command, self._identity, signal.SIGKILL)
        done = subprocess.run(launched, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 -- built above
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
        draft.rename(self._data_dir)

    def _check_owner(self) -> None:
        owner = self._data_dir.stat().st_uid
        if self._identity != "nobody" and owner != os.geteuid():
            raise ServerFailed(
                f"{self._data_dir} belongs to user {owner}, we are user {os.geteuid()}. "
                "Run as the user who first started it, or give the folder to this one."
            )

    def _settings(self) -> list[str]:
        settings = {
            **(SAFE if self._durable else FAST),
            **self._listening(),
            "max_connections": str(CONNECTIONS_MAX),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _listening(self) -> dict[str, str]:
        if postgres_socket_fits(self.directory):
            return {
                "listen_addresses": "",
                "unix_socket_directories": str(self.directory),
                "port": str(SOCKET_PORT),
            }
        port_file = self.directory / "port"
        if not is_port_free(kept_port(port_file)):
            change_port(port_file)
        port = str(kept_port(port_file))
        return {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": port}

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if error.sqlstate and not error.sqlstate.startswith("57"):
                raise ServerFailed(f"PostgreSQL runs but refuses us: {error}") from error
            return False
        return True


@contextlib.contextmanager
def postgres(
    directory: Path, *, durable: bool = False, bin_dir: Path | None = None
) -> Iterator[Postgres]:
    """Serve a cluster in `directory` while the block runs. Enter from the main thread.

    The cluster stays when the block ends, and serves again the next time. Not durable means
    that it survives every death of processes, but not the death of the machine.
    """
    server = Postgres(directory, durable=durable, bin_dir=bin_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop()
